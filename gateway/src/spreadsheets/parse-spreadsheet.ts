import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/universal';
import { unpacksToBearableSize } from './xlsx-archive.ts';

/** Media types of spreadsheets that can be imported. */
export const spreadsheetTypes = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** A cell as text; days as `yyyy-MM-dd`, with the time of day behind it where there is one. */
export type Row = readonly string[];

/** How much of a spreadsheet is read. */
export interface SpreadsheetLimits {
  /** Lines at most, the header and empty ones included. */
  readonly lines: number;
  /** What an XLSX archive may unpack to, in bytes. */
  readonly unpackedBytes: number;
}

/** The rows of a spreadsheet, or the code of the problem that it has as a whole. */
export type Parsed =
  | { readonly rows: readonly Row[] }
  | { readonly problem: 'import-file-unreadable' | 'import-too-many-lines' };

/** Columns at most: as many as a sheet of the usual programs had when tables of people were still sent on disks. */
const mostColumns = 256;
const largestRecord = 64 * 1024;
const delimiters = [',', '\t', ';'] as const;

/**
 * Reads the rows of a spreadsheet, empty ones included, so that the first has number 1 as in the program it was made
 * with. It takes seconds of a processor for a large one: see {@link readSpreadsheet}.
 */
export async function parseSpreadsheet(
  bytes: Buffer,
  mediaType: string,
  { lines, unpackedBytes }: SpreadsheetLimits,
): Promise<Parsed> {
  const isArchive = bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'));
  if (isArchive !== (mediaType === spreadsheetTypes.xlsx)) return unreadable;
  try {
    const rows = isArchive ? await readXlsx(bytes, unpackedBytes) : readCsv(bytes, lines);
    if (rows === undefined) return unreadable;
    // More than may be are never cut off: whoever sent them would take the rest for imported.
    if (rows.length > lines) return { problem: 'import-too-many-lines' };
    return rows.some((row) => row.length > mostColumns) ? unreadable : { rows };
  } catch {
    return unreadable;
  }
}

const unreadable: Parsed = { problem: 'import-file-unreadable' };

async function readXlsx(bytes: Buffer, unpackedBytes: number): Promise<Row[] | undefined> {
  if (!(await unpacksToBearableSize(bytes, unpackedBytes))) return undefined;
  const { buffer, byteOffset, length } = bytes;
  const copy = new Uint8Array(buffer, byteOffset, length).slice().buffer;
  // Numbers stay as they are written: a citizen number has more digits than a number can hold.
  const sheet = await readSheet(copy, { parseNumber: (text: string) => text });
  return sheet.map((row) => row.map(cellText));
}

function readCsv(bytes: Buffer, lines: number): Row[] | undefined {
  const text = bytes.includes(0) ? undefined : textOf(bytes);
  if (text === undefined) return undefined;
  return parse(text, {
    bom: true,
    delimiter: delimiterOf(text),
    relax_column_count: true,
    max_record_size: largestRecord,
    // One more than may be tells that there are more.
    to: lines + 1,
  }).map((row) => row.map(unquoted));
}

/** UTF-8, or what the usual spreadsheet program writes as CSV on a Chinese desktop: GB 18030. */
function textOf(bytes: Buffer): string | undefined {
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The next encoding may fit.
    }
  }
  return undefined;
}

/**
 * What stands between the titles of the header, most often. One for the whole file: a comma in an address of a file
 * that is separated by tabs is part of the address.
 */
function delimiterOf(text: string): string {
  const counts = new Map<string, number>(delimiters.map((delimiter) => [delimiter, 0]));
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (character === '\n' || character === '\r') break;
    const count = counts.get(character);
    if (count !== undefined) counts.set(character, count + 1);
  }
  const [[most] = [',']] = [...counts].toSorted(([, one], [, other]) => other - one);
  return most;
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? dayText(cell) : String(cell).trim();
}

/** A day is a whole number in a sheet; calculated ones miss it by less than a second, to either side. */
function dayText(date: Date): string {
  const [day = '', time = ''] = new Date(Math.round(date.getTime() / 1_000) * 1_000)
    .toISOString()
    .slice(0, 19)
    .split('T');
  return time === '00:00:00' ? day : `${day} ${time}`;
}

/**
 * Long numbers are often written as `="370202…"` or `'370202…`, so that no program takes them for numbers; and an
 * apostrophe keeps a text from being taken for a formula.
 */
function unquoted(cell: string): string {
  const text = cell.trim();
  return /^="(.*)"$/.exec(text)?.[1] ?? text.replace(/^'/, '');
}
