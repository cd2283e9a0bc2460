import { parse } from 'csv-parse/sync';
import { readSheet } from 'read-excel-file/universal';
import { refused } from '../../http/refused.ts';
import { unpacksToBearableSize } from './xlsx-archive.ts';

/** Media types of spreadsheets that can be imported. */
export const spreadsheetTypes = {
  csv: 'text/csv',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const;

/** A cell as text; dates as `yyyy-MM-dd`. */
export type Row = readonly string[];

/** Records read at most, empty ones included; more than that is no list of members. */
const mostRecords = 20_000;
const largestRecord = 64 * 1024;

/**
 * Reads the rows of a spreadsheet, empty ones included, so that the first has number 1 as in the program it was made
 * with.
 * @throws Refused `import-file-unreadable` for anything that is no spreadsheet of the type
 */
export async function readSpreadsheet(bytes: Buffer, mediaType: string): Promise<readonly Row[]> {
  const isArchive = bytes.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'));
  if (mediaType === spreadsheetTypes.xlsx) {
    if (!isArchive || !(await unpacksToBearableSize(bytes))) throw unreadable();
    return await readXlsx(bytes);
  }
  if (isArchive || bytes.includes(0)) throw unreadable();
  return readCsv(textOf(bytes));
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

function readCsv(text: string): readonly Row[] {
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

/** Long numbers are often written as `="370202…"` or `'370202…`, so that no program takes them for numbers. */
function unquoted(cell: string): string {
  const text = cell.trim();
  return /^="(.*)"$/.exec(text)?.[1] ?? text.replace(/^'/, '');
}

function unreadable() {
  return refused('import-file-unreadable');
}
