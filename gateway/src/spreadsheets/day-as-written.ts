/** A time of day behind a day, as spreadsheet programs and HR systems write it; "0:00" says nothing. */
const timeOfDay = /[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?$/;

/**
 * A day in the ways in which it is written in Chinese spreadsheets: 2026-05-01, 2026/5/1, 2026.5.1, 2026年5月1日,
 * 20260501. A time of day behind it is passed over.
 * @returns yyyy-MM-dd; the text itself when it is none of these
 */
export function dayAsWritten(text: string): string {
  const written = text.replace(timeOfDay, '');
  const [, year, month = '', day = ''] =
    /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?$|(?=\d{4}$))/.exec(written) ?? [];
  if (year === undefined) return text;
  if (month === '') return `${year}-${written.slice(4, 6)}-${written.slice(6)}`;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
