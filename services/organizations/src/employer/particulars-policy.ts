import { isKnownRegion, isValidCode } from '@unionfold/codes';
import type { EmployerParticulars } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';

/** Longest name of an employer, in characters. */
const longestName = 120;

/** GB/T 4754: a section, or a division of it. */
const industryShape = /^([A-Z])(?:\d{2})?$/;

/** Numbers that cannot exceed the number of employees, of which each is a part. */
const parts = ['women', 'migrantWorkers', 'dispatched', 'newForms'] as const;

/** The particulars as they go on record. */
export function asWritten(particulars: EmployerParticulars): EmployerParticulars {
  return { ...particulars, name: particulars.name.trim() };
}

/**
 * What is wrong with an employer's particulars, as the form of the union register asks for them (工会组织信息登记表).
 * @param today the day in China: code tables have dated rows
 */
export function particularsFault(
  particulars: EmployerParticulars,
  today: string,
): RefusedProblem | undefined {
  const { name, regionCode, ownership, industry, employees } = particulars;
  const { length } = [...name];
  if (length === 0) return refuse('name-missing', { field: 'name' });
  if (length > longestName) {
    return refuse('name-too-long', { field: 'name', params: { maximum: longestName } });
  }
  if (regionCode === '') return refuse('region-code-missing', { field: 'regionCode' });
  if (!isKnownRegion(regionCode)) {
    return refuse('region-code-unknown', { field: 'regionCode', params: { code: regionCode } });
  }
  if (ownership !== '' && !isValidCode('unit-type', ownership, today)) {
    return refuse('employer-ownership-unknown', { field: 'ownership' });
  }
  if (industry !== '') {
    const [, section = ''] = industryShape.exec(industry) ?? [];
    if (!isValidCode('industry', section, today)) {
      return refuse('employer-industry-unknown', { field: 'industry' });
    }
  }
  if (employees < 0) return countInvalid('employees');
  for (const part of parts) {
    if (particulars[part] < 0 || particulars[part] > employees) return countInvalid(part);
  }
  return undefined;
}

/** Whether nothing would change. */
export function sameParticulars(
  one: EmployerParticulars,
  other: EmployerParticulars | undefined,
): boolean {
  if (other === undefined) return false;
  const { name, regionCode, ownership, industry, employees } = one;
  return (
    name === other.name &&
    regionCode === other.regionCode &&
    ownership === other.ownership &&
    industry === other.industry &&
    employees === other.employees &&
    parts.every((part) => one[part] === other[part])
  );
}

function countInvalid(field: string): RefusedProblem {
  return refuse('employer-count-invalid', { field });
}
