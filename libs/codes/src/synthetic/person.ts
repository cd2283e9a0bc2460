import { citizenNumberCheckDigit, type Gender, parseCitizenNumber } from '../citizen-number.ts';
import { addYears, dateOfDayNumber, dayNumber } from '../dates.ts';
import { divisions } from '../divisions.ts';
import { nameMaterial } from './name-material.ts';
import { type Random, randomFor, shuffledPosition } from './random.ts';

/** A made-up person. No living person has this citizen number or mobile. */
export interface SyntheticPerson {
  readonly name: string;
  readonly gender: Gender;
  readonly citizenNumber: string;
  readonly birthDate: string;
  /** GB/T 2260 code of a county, the first six digits of the citizen number. */
  readonly region: string;
  /** In the segment 100xxxxxxxx, which is not assigned. */
  readonly mobile: string;
  /** 'yyyy-MM-dd', after the eighteenth birthday. */
  readonly hiredOn: string;
  /** Code of table 'ethnic-group'. */
  readonly ethnicGroup: string;
  /** Code of table 'education'. */
  readonly education: string;
  /** Code of table 'political-status'. */
  readonly politicalStatus: string;
}

/**
 * Sequences that mark a made-up number. 000 is not issued: numbering begins at 001; being even it makes a woman.
 * 996 to 999 were kept for people over a hundred, so 999 on a later birth date makes a man whom nobody is.
 */
const SEQUENCE = { female: '000', male: '999' } as const;
const FIRST_SYNTHETIC_BIRTH_YEAR = 1930;
const YOUNGEST = 18;
const OLDEST = 59;
const LONGEST_SERVICE = 20;
const MOBILES = 100_000_000;

const PEOPLE_STREAM = 1;
const CITIZEN_NUMBER_STREAM = 2;
const MOBILE_STREAM = 3;

/** Roughly the census of 2020. */
const ETHNIC_GROUPS = [
  ...([
    ['01', 911],
    ['08', 14],
    ['05', 8],
    ['03', 8],
    ['06', 8],
    ['11', 7],
    ['07', 7],
  ] as const),
  ...([
    ['15', 7],
    ['04', 5],
    ['02', 4],
    ['12', 2],
    ['09', 3],
    ['14', 1],
    ['10', 1],
  ] as const),
] as const;
const EDUCATION = [
  ['10', 4],
  ['20', 26],
  ['30', 26],
  ['40', 14],
  ['60', 16],
  ['70', 14],
] as const;
const POLITICAL_STATUS = [
  ['01', 14],
  ['02', 1],
  ['03', 12],
  ['06', 1],
  ['13', 72],
] as const;

/** Whether a number is one of those `synthetic` makes; false for anything that is no valid citizen number. */
export function isSyntheticCitizenNumber(text: string): boolean {
  const parsed = parseCitizenNumber(text);
  if (!parsed.ok) return false;
  if (parsed.sequence === SEQUENCE.female) return true;
  const year = Number(parsed.birthDate.slice(0, 4));
  return parsed.sequence === SEQUENCE.male && year >= FIRST_SYNTHETIC_BIRTH_YEAR;
}

/** Person `index` of a seed. That the index is in range is for the caller to check. */
export function syntheticPerson(
  seed: number,
  referenceDate: string,
  index: number,
): SyntheticPerson {
  const random = randomFor(seed, PEOPLE_STREAM, index);
  const gender: Gender = random.below(100) < 61 ? 'male' : 'female';
  const { region, birthDate } = placeAndDay(seed, referenceDate, index);
  const firstDay = Math.max(
    dayNumber(addYears(birthDate, YOUNGEST)),
    dayNumber(addYears(referenceDate, -LONGEST_SERVICE)),
  );
  return {
    name: personName(random, gender),
    gender,
    citizenNumber: citizenNumber(region, birthDate, gender),
    birthDate,
    region,
    mobile: `100${padded(shuffledPosition(seed, MOBILE_STREAM, MOBILES, index), 8)}`,
    hiredOn: dateOfDayNumber(firstDay + random.below(dayNumber(referenceDate) - firstDay + 1)),
    ethnicGroup: random.weighted(ETHNIC_GROUPS),
    education: random.weighted(EDUCATION),
    politicalStatus: random.weighted(POLITICAL_STATUS),
  };
}

/** Birth dates of those who are 18 to 59 years old on the reference date. */
export function workingAgeDays(referenceDate: string): { first: number; count: number } {
  const first = dayNumber(addYears(referenceDate, -(OLDEST + 1))) + 1;
  const last = dayNumber(addYears(referenceDate, -YOUNGEST));
  return { first, count: last - first + 1 };
}

let counties: readonly string[] | undefined;

/** Codes of today's counties, without those that only repeat their city's code. */
export function countyCodes(): readonly string[] {
  counties ??= divisions()
    .filter((row) => row.level === 'county' && !row.code.endsWith('00'))
    .map((row) => row.code);
  return counties;
}

/** With the sequence fixed, county and birth date tell people apart: every index has a pair of its own. */
function placeAndDay(
  seed: number,
  referenceDate: string,
  index: number,
): { region: string; birthDate: string } {
  const codes = countyCodes();
  const days = workingAgeDays(referenceDate);
  const size = codes.length * days.count;
  const position = shuffledPosition(seed, CITIZEN_NUMBER_STREAM, size, index);
  return {
    region: codes[position % codes.length] ?? '',
    birthDate: dateOfDayNumber(days.first + Math.floor(position / codes.length)),
  };
}

function citizenNumber(region: string, birthDate: string, gender: Gender): string {
  const first17 = `${region}${birthDate.replaceAll('-', '')}${SEQUENCE[gender]}`;
  return first17 + (citizenNumberCheckDigit(first17) ?? '');
}

function personName(random: Random, gender: Gender): string {
  const { surnames, male, female } = nameMaterial();
  const characters = gender === 'male' ? male : female;
  const given = random.pick(characters) + (random.below(100) < 82 ? random.pick(characters) : '');
  return random.weighted(surnames) + given;
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
