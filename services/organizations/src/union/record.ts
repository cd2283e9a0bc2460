import { isDeepStrictEqual } from 'node:util';
import {
  codeRow,
  isKnownIndustry,
  isKnownRegion,
  parseCreditCode,
  parseDate,
} from '@unionfold/codes';
import type { CoveredUnit, UnionRecord } from '@unionfold/contracts';
import { UnionFunction } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { Decision } from '@unionfold/eventsourcing';
import type {
  CorrectUnionRecord,
  CoverUnit,
  ReleaseUnit,
  UnionEvent,
  UnionState,
  VerifyUnionRecord,
} from './union.ts';

/** Longest text of one field of the record, in characters. */
const longestText = 2_000;

/** 更正登记信息 */
export function correctRecord(
  { record: given, reason }: CorrectUnionRecord,
  state: UnionState,
): Decision<UnionEvent> {
  const record = normal(given);
  const fault = recordFault(record);
  if (fault !== undefined) return fault;
  if (isDeepStrictEqual(record, state.record)) return [];
  return [{ type: 'UnionRecordCorrected', data: { unionId: state.unionId, record, reason } }];
}

/** 信息核实 */
export function verifyRecord(
  { today }: VerifyUnionRecord,
  { unionId, verifiedOn }: UnionState,
): Decision<UnionEvent> {
  if (verifiedOn === today) return [];
  return [{ type: 'UnionRecordVerified', data: { unionId, verifiedOn: today } }];
}

/** 登记覆盖单位 */
export function coverUnit({ unit: given }: CoverUnit, state: UnionState): Decision<UnionEvent> {
  const parsed = parseCreditCode(given.creditCode);
  if (!parsed.ok) return refuse(parsed.reason, { field: 'unit.creditCode' });
  const unit = { ...given, creditCode: parsed.code, name: given.name.trim() };
  const fault = unitFault(unit);
  if (fault !== undefined) return fault;
  if (isDeepStrictEqual(unit, state.units[unit.creditCode])) return [];
  return [{ type: 'UnitCovered', data: { unionId: state.unionId, unit } }];
}

/** 移出覆盖单位 */
export function releaseUnit(
  { creditCode, reason }: ReleaseUnit,
  { unionId, units }: UnionState,
): Decision<UnionEvent> {
  if (!(creditCode in units)) return refuse('unit-not-covered', { field: 'creditCode' });
  return [{ type: 'UnitReleased', data: { unionId, creditCode, reason } }];
}

function normal(record: UnionRecord): UnionRecord {
  return {
    ...record,
    certificateNumber: record.certificateNumber.trim(),
    address: record.address.trim(),
    contactOffice: record.contactOffice.trim(),
    contactPhone: record.contactPhone.trim(),
    duties: record.duties.trim(),
    functions: [...new Set(record.functions)].sort(),
  };
}

function recordFault(record: UnionRecord): RefusedProblem | undefined {
  const { certificateNumber, certificateValidUntil, addressRegionCode, contactPhone } = record;
  const texts = ['certificateNumber', 'address', 'contactOffice', 'duties'] as const;
  const long = texts.find((field) => [...record[field]].length > longestText);
  if (long !== undefined) {
    return refuse('text-too-long', { field: `record.${long}`, params: { maximum: longestText } });
  }
  // Only who is a legal person has a certificate of it (工会法人资格证书).
  if (!record.legalPerson && (certificateNumber !== '' || certificateValidUntil !== '')) {
    return refuse('certificate-without-legal-person', { field: 'record.certificateNumber' });
  }
  if (certificateValidUntil !== '' && !parseDate(certificateValidUntil).ok) {
    return refuse('date-invalid', { field: 'record.certificateValidUntil' });
  }
  if (addressRegionCode !== '' && !isKnownRegion(addressRegionCode)) {
    return refuse('region-code-unknown', { field: 'record.addressRegionCode' });
  }
  if (contactPhone !== '' && !/^[\d+() -]{5,30}$/.test(contactPhone)) {
    return refuse('phone-invalid', { field: 'record.contactPhone' });
  }
  if (record.functions.includes(UnionFunction.UNION_FUNCTION_UNSPECIFIED)) {
    return refuse('field-value-not-allowed', { field: 'record.functions' });
  }
  return undefined;
}

function unitFault(unit: CoveredUnit): RefusedProblem | undefined {
  if (unit.name === '') return refuse('name-missing', { field: 'unit.name' });
  // On whatever day: a unit keeps its code when a later edition drops it, and moves along with a change of structure.
  if (unit.ownership !== '' && codeRow('unit-type', unit.ownership) === undefined) {
    return refuse('ownership-code-unknown', { field: 'unit.ownership' });
  }
  if (unit.industry !== '' && !isKnownIndustry(unit.industry)) {
    return refuse('industry-code-unknown', { field: 'unit.industry' });
  }
  const { employees } = unit;
  const parts = ['women', 'migrantWorkers', 'dispatched', 'newForms'] as const;
  if (employees < 0) return refuse('headcount-invalid', { field: 'unit.employees' });
  const wrong = parts.find((part) => unit[part] < 0 || unit[part] > employees);
  return wrong === undefined ? undefined : refuse('headcount-invalid', { field: `unit.${wrong}` });
}
