import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/universal';
import { refused } from '../http/refused.ts';
import { unpacksToBearableSize } from './xlsx-archive.ts';

/** Media types of spreadsheets that can be imported. */
export const spreadsheetTypes = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** A cell as text; dates as `yyyy-MM-dd`. */
export type Row = readonly string[];

/** How much of a spreadsheet is read. */
export interface SpreadsheetLimits {
  /** Records at most, empty ones included. */
  readonly records: number;
  /** What an XLSX archive may unpack to, in bytes. */
  readonly unpackedBytes: number;
}

const largestRecord = 64 * 1024;

/**
 * Reads the rows of a spreadsheet, empty ones included, so that the first has number 1 as in the program it was made
 * with.
 * @throws Refused `import-file-unreadable` for anything that is no spreadsheet of the type
 */
export async function readSpreadsheet(
  bytes: Buffer,
  mediaType: string,
  limits: SpreadsheetLimits,
): Promise<readonly Row[]> {
  const isArchive = bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'));
  if (mediaType === spreadsheetTypes.xlsx) {
    if (!isArchive || !(await unpacksToBearableSize(bytes, limits.unpackedBytes)))
      throw unreadable();
    return await readXlsx(bytes);
  }
  if (isArchive || bytes.includes(0)) throw unreadable();
  return readCsv(textOf(bytes), limits.records);
}

async function readXlsx(bytes: Buffer): Promise<readonly Row[]> {
  const { buffer, byteOffset, length } = bytes;
  const copy = new Uint8Array(buffer, byteOffset, length).slice().buffer;
  try {
    // Numbers stay as they are written: a citizen number has more digits than a number can hold.
    const sheet = await readSheet(copy, { parseNumber: (text: string) => text });
    return sheet.map((row) => row.map(cellText));
  } catch {
    throw unreadable();
  }
}

function readCsv(text: string, mostRecords: number): readonly Row[] {
  try {
    return parse(text, {
      bom: true,
      delimiter: [',', '\t', ';'],
      relax_column_count: true,
      max_record_size: largestRecord,
      to: mostRecords,
    }).map((row) => row.map(unquoted));
  } catch {
    throw unreadable();
  }
}

/** UTF-8, or what the usual spreadsheet program writes as CSV on a Chinese desktop: GB 18030. */
function textOf(bytes: Buffer): string {
  for (const encoding of ['utf-8', 'gb18030']) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch {
      // The next encoding may fit.
    }
  }
  throw unreadable();
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : String(cell).trim();
}

/**
 * Long numbers are often written as `="370202…"` or `'370202…`, so that no program takes them for numbers; and an
 * apostrophe keeps a text from being taken for a formula.
 */
function unquoted(cell: string): string {
  const text = cell.trim();
  return /^="(.*)"$/.exec(text)?.[1] ?? text.replace(/^'/, '');
}

function unreadable() {
  return refused('import-file-unreadable');
}
