import { dateOfDayNumber, dayNumber, parseDate } from '../dates.ts';
import { ENTERPRISES, type SyntheticEnterprise, syntheticEnterprise } from './enterprise.ts';
import { countyCodes, type SyntheticPerson, syntheticPerson, workingAgeDays } from './person.ts';
import { randomFor } from './random.ts';

export interface SyntheticOptions {
  /** 'yyyy-MM-dd': everybody is 18 to 59 years old on this day and was hired before it. Default 2025-01-01. */
  readonly referenceDate?: string;
}

/** Made-up people and enterprises. The same seed, reference date and index give the same item, in any order. */
export interface Synthetic {
  /** How many different people there are; indexes run from 0 to it. About 45 million. */
  readonly people: number;
  /** Citizen number and mobile are unique among all indexes of one seed and reference date. */
  person(index: number): SyntheticPerson;
  /**
   * Name and credit codes are unique among the first 4 million indexes of one seed.
   * `regionCode` (6 or 9 digits) says where it is; without it, in any county.
   */
  enterprise(index: number, regionCode?: string): SyntheticEnterprise;
  /** A date 'yyyy-MM-dd' from `from` to `to`, both inclusive, that belongs to the index. */
  date(index: number, from: string, to: string): string;
}

const DATE_STREAM = 21;
const DEFAULT_REFERENCE_DATE = '2025-01-01';

/**
 * A source of synthetic data for a seed (any integer). Throws RangeError for a reference date that is none, an index
 * that isn't a whole number in range and an unknown region.
 */
export function synthetic(seed: number, options: SyntheticOptions = {}): Synthetic {
  const referenceDate = options.referenceDate ?? DEFAULT_REFERENCE_DATE;
  if (!parseDate(referenceDate).ok) throw new RangeError(`no date: ${referenceDate}`);
  const people = countyCodes().length * workingAgeDays(referenceDate).count;
  return {
    people,
    person: (index) => syntheticPerson(seed, referenceDate, checked(index, people)),
    enterprise: (index, regionCode) =>
      syntheticEnterprise(seed, referenceDate, checked(index, ENTERPRISES), regionCode),
    date: (index, from, to) => {
      const first = dayNumber(from);
      const days = dayNumber(to) - first + 1;
      if (!(days >= 1)) throw new RangeError(`no days from ${from} to ${to}`);
      return dateOfDayNumber(first + randomFor(seed, DATE_STREAM, index).below(days));
    },
  };
}

function checked(index: number, limit: number): number {
  if (!Number.isSafeInteger(index) || index < 0 || index >= limit) {
    throw new RangeError(`no index from 0 to ${limit - 1}: ${index}`);
  }
  return index;
}
