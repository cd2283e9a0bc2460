import { isCalendarDate } from './dates.ts';
import { normaliseTypedText } from './typed-text.ts';

export type Gender = 'male' | 'female';

export type CitizenNumberProblem =
  | 'citizen-number-invalid-length'
  | 'citizen-number-invalid-characters'
  | 'citizen-number-unknown-region'
  | 'citizen-number-invalid-birth-date'
  | 'citizen-number-invalid-check-digit';

/** A citizen number taken apart, or the problem code that says why it is none. */
export type CitizenNumberResult =
  | {
      readonly ok: true;
      /** 18 characters, half-width, the check character X in upper case. */
      readonly number: string;
      /** GB/T 2260 code (6 digits) of the county of first registration; it may since have been abolished. */
      readonly region: string;
      /** 'yyyy-MM-dd' */
      readonly birthDate: string;
      readonly gender: Gender;
      /** The three digits that tell people of one county and day apart; odd for men, even for women. */
      readonly sequence: string;
    }
  | { readonly ok: false; readonly reason: CitizenNumberProblem };

export interface CitizenNumberOptions {
  /** 'yyyy-MM-dd'; a birth date after it is refused. Without it the future is not checked. */
  readonly today?: string;
}

const LENGTH = 18;
const EARLIEST_BIRTH_YEAR = 1850;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECK_CHARACTERS = '10X98765432';

/**
 * First two digits of GB/T 2260 that citizen numbers carry. County and city codes are deliberately not looked up:
 * a number keeps the code of the day it was issued, some 3,500 of which have been abolished since, and those before
 * 1980 stand in no list. Whether it stands in one tells wasEverRegion, and where the place is today, regionsToday.
 * 71 Taiwan, 81 and 82 Hong Kong and Macao, 83 residence permits of Taiwan residents.
 */
const PROVINCES: ReadonlySet<string> = new Set([
  ...['11', '12', '13', '14', '15', '21', '22', '23', '31', '32', '33', '34', '35', '36', '37'],
  ...['41', '42', '43', '44', '45', '46', '50', '51', '52', '53', '54', '61', '62', '63', '64'],
  ...['65', '71', '81', '82', '83'],
]);

/**
 * Reads a citizen number (公民身份号码, GB 11643-1999), as typed: full-width digits, surrounding spaces and a small x
 * are accepted. Never throws. Numbers of the first generation (15 digits) are 'citizen-number-invalid-length': they
 * have not been valid since 2013. The checks run in the order length, characters, region, birth date, check digit,
 * so the reason names what the person can correct.
 */
export function parseCitizenNumber(
  text: string,
  options: CitizenNumberOptions = {},
): CitizenNumberResult {
  const number = normaliseTypedText(text);
  if (number.length !== LENGTH) return refuse('citizen-number-invalid-length');
  if (!/^[0-9]{17}[0-9X]$/.test(number)) return refuse('citizen-number-invalid-characters');
  if (!PROVINCES.has(number.slice(0, 2))) return refuse('citizen-number-unknown-region');
  const birthDate = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  if (!isPlausibleBirthDate(birthDate, options.today)) {
    return refuse('citizen-number-invalid-birth-date');
  }
  if (citizenNumberCheckDigit(number.slice(0, 17)) !== number.charAt(17)) {
    return refuse('citizen-number-invalid-check-digit');
  }
  const sequence = number.slice(14, 17);
  const gender = Number(sequence) % 2 === 1 ? 'male' : 'female';
  return { ok: true, number, region: number.slice(0, 6), birthDate, gender, sequence };
}

/**
 * The 18th character for the first 17 digits (ISO 7064 MOD 11-2): '0' to '9' or 'X'.
 * Undefined when the text is not 17 digits.
 */
export function citizenNumberCheckDigit(first17: string): string | undefined {
  if (!/^[0-9]{17}$/.test(first17)) return undefined;
  const sum = WEIGHTS.reduce((total, weight, i) => total + weight * Number(first17.charAt(i)), 0);
  return CHECK_CHARACTERS.charAt(sum % 11);
}

function isPlausibleBirthDate(birthDate: string, today: string | undefined): boolean {
  const year = Number(birthDate.slice(0, 4));
  const month = Number(birthDate.slice(5, 7));
  const day = Number(birthDate.slice(8, 10));
  if (year < EARLIEST_BIRTH_YEAR || !isCalendarDate(year, month, day)) return false;
  return today === undefined || birthDate <= today;
}

function refuse(reason: CitizenNumberProblem): CitizenNumberResult {
  return { ok: false, reason };
}
