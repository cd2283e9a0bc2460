import { parseCitizenNumber, parseDate, parseMobile } from '@unionfold/codes';
import { Gender } from '@unionfold/contracts';
import { type ProblemCode, refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import type { EnteredParticulars, Particulars } from './member.ts';

/** Longest name of a person, in characters: transliterated names of minorities and foreigners are long. */
const longestName = 60;

const genders = { male: Gender.GENDER_MALE, female: Gender.GENDER_FEMALE } as const;

/** Reads particulars as entered; gender and birth date follow from the citizen number (GB 11643). */
export function readParticulars(entered: EnteredParticulars): Particulars | Refusal<ProblemCode> {
  const name = entered.name.trim();
  if (name === '') return refuse('name-missing', { field: 'name' });
  if ([...name].length > longestName) {
    return refuse('name-too-long', { field: 'name', params: { maximum: longestName } });
  }
  if (entered.citizenNumber.trim() === '') {
    return refuse('citizen-number-missing', { field: 'citizenNumber' });
  }
  const parsed = parseCitizenNumber(entered.citizenNumber, { today: entered.today });
  if (!parsed.ok) return refuse(parsed.reason, { field: 'citizenNumber' });
  const mobile = readMobile(entered.mobile);
  if (typeof mobile !== 'string') return mobile;
  return {
    name,
    citizenNumber: parsed.number,
    citizenNumberIndex: entered.citizenNumberIndex,
    mobile,
    gender: genders[parsed.gender],
    birthDate: parsed.birthDate,
  };
}

/** Reads the day of joining: empty means today, and nobody joins in the future or before being born. */
export function readJoinedOn(
  joinedOn: string,
  days: { readonly birthDate: string; readonly today: string },
): string | Refusal<ProblemCode> {
  if (joinedOn === '') return days.today;
  const parsed = parseDate(joinedOn);
  if (!parsed.ok || parsed.date < days.birthDate) {
    return refuse('date-invalid', { field: 'joinedOn' });
  }
  if (parsed.date > days.today) return refuse('date-in-future', { field: 'joinedOn' });
  return parsed.date;
}

/** A mobile number is optional; the normalised one, or empty. */
function readMobile(mobile: string): string | Refusal<ProblemCode> {
  if (mobile.trim() === '') return '';
  const parsed = parseMobile(mobile);
  return parsed.ok ? parsed.number : refuse(parsed.reason, { field: 'mobile' });
}
