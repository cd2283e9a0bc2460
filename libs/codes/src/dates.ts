/** A calendar date that exists, or why the text is none. `date` is 'yyyy-MM-dd'. */
export type DateResult =
  | {
      readonly ok: true;
      readonly date: string;
      readonly year: number;
      readonly month: number;
      readonly day: number;
    }
  | { readonly ok: false; readonly reason: 'date-invalid' };

const INVALID: DateResult = { ok: false, reason: 'date-invalid' };
const SHAPE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DAY_MS = 86_400_000;

/**
 * Reads 'yyyy-MM-dd' (ISO 8601, GB/T 7408) and nothing else: no other order, no time, no surrounding space.
 * A date that the Gregorian calendar doesn't have (2023-02-29, month 13, year 0000) is 'date-invalid'.
 */
export function parseDate(text: string): DateResult {
  const parts = SHAPE.exec(text);
  if (parts === null) return INVALID;
  const year = Number(parts[1]);
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  if (!isCalendarDate(year, month, day)) return INVALID;
  return { ok: true, date: text, year, month, day };
}

/** Whether the Gregorian calendar has this day; year 1 to 9999, month 1 to 12. */
export function isCalendarDate(year: number, month: number, day: number): boolean {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  return day <= daysInMonth(year, month);
}

/** Days since 1970-01-01 of a date that parseDate accepted. */
export function dayNumber(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) / DAY_MS;
}

/** The date 'yyyy-MM-dd' of a day number. */
export function dateOfDayNumber(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/** The same day `years` years later (earlier when negative); 29 February becomes the 28th where it has to. */
export function addYears(date: string, years: number): string {
  return addMonths(date, years * 12);
}

/** The same day `months` months later (earlier when negative), or the last of that month where it has no such day. */
export function addMonths(date: string, months: number): string {
  const count = Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7)) - 1 + months;
  const year = Math.floor(count / 12);
  const month = count - year * 12 + 1;
  const day = Math.min(Number(date.slice(8, 10)), daysInMonth(year, month));
  const [y, m, d] = [String(year).padStart(4, '0'), padded(month), padded(day)];
  return `${y}-${m}-${d}`;
}

function padded(number: number): string {
  return String(number).padStart(2, '0');
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** China keeps one time, UTC+8, all year. */
const chinaOffsetMs = 8 * 3_600_000;

/** The day in China at a moment, `yyyy-MM-dd`: before eight in the morning it is one later than in UTC. */
export function chinaDate(moment: Date): string {
  return new Date(moment.getTime() + chinaOffsetMs).toISOString().slice(0, 10);
}
