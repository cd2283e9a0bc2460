import { asInTables } from '@unionfold/codes';

/** So that spreadsheet programs take the file for UTF-8 and show Chinese. */
export const byteOrderMark = '\ufeff';

/**
 * A record of a CSV file (RFC 4180). A text that a spreadsheet program would take for a formula gets an apostrophe,
 * which reading takes away again; so does a text that begins with one.
 */
export function csvRecord(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: string): string {
  const text = asInTables(cell);
  // Full-width signs begin formulas, too, in programs with Chinese input.
  const guarded = /^[=+\-@＝＋－＠'\t\r]/.test(text) ? `'${text}` : text;
  return /[",;\t\r\n]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
