/**
 * A day in the ways in which it is written in Chinese spreadsheets: 2026-05-01, 2026/5/1, 2026.5.1, 2026年5月1日,
 * 20260501.
 * @returns yyyy-MM-dd; the text itself when it is none of these
 */
export function dayAsWritten(text: string): string {
  const [, year, month = '', day = ''] =
    /^(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(?=\d{4}$))/.exec(text) ?? [];
  if (year === undefined) return text;
  if (month === '') return `${year}-${text.slice(4, 6)}-${text.slice(6)}`;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}
