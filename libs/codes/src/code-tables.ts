import { readData } from './data-file.ts';

/** One value of a national code table. */
export interface CodeRow {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  /** First day of validity, 'yyyy-MM-dd'; absent: always has been. */
  readonly from?: string;
  /** Last day of validity, 'yyyy-MM-dd', inclusive; absent: still valid. */
  readonly to?: string;
}

export interface CodeTable {
  /** The standard or form that defines the table, such as 'GB/T 3304-1991'. */
  readonly standard: string;
  readonly zh: string;
  readonly en: string;
  readonly rows: readonly CodeRow[];
}

/** The tables there are; each is data/codes/NAME.json. */
export const CODE_TABLE_NAMES = [
  'sex',
  'marital-status',
  'ethnic-group',
  'education',
  'political-status',
  'family-relation',
  'industry',
  'industry-division',
  'unit-type',
] as const;

export type CodeTableName = (typeof CODE_TABLE_NAMES)[number];

const tables = new Map<CodeTableName, CodeTable>();

/** A code table with all its rows, those no longer valid too; read from its file at first use. */
export function codeTable(name: CodeTableName): CodeTable {
  let table = tables.get(name);
  if (table === undefined) {
    table = JSON.parse(readData(`codes/${name}.json`)) as CodeTable;
    tables.set(name, table);
  }
  return table;
}

/** The row for a code on a day ('yyyy-MM-dd'), if it is valid then. Without a day: the latest row with that code. */
export function codeRow(
  table: CodeTableName | CodeTable,
  code: string,
  onDate?: string,
): CodeRow | undefined {
  const { rows } = typeof table === 'string' ? codeTable(table) : table;
  return rows.findLast(
    (row) => row.code === code && (onDate === undefined || isValidOn(row, onDate)),
  );
}

/**
 * Whether a code may be recorded on that day ('yyyy-MM-dd'). Codes are compared as they are written in the standard:
 * '1' is no ethnic group, '01' is.
 */
export function isValidCode(
  table: CodeTableName | CodeTable,
  code: string,
  onDate: string,
): boolean {
  return codeRow(table, code, onDate) !== undefined;
}

/**
 * Whether a code of economic activity (GB/T 4754) stands in the tables: a section ('C') or a division with its section's
 * letter ('C34').
 */
export function isKnownIndustry(code: string): boolean {
  return codeRow(code.length === 1 ? 'industry' : 'industry-division', code) !== undefined;
}

/** Whether a row was valid on a day ('yyyy-MM-dd'). */
export function isValidOn(row: Pick<CodeRow, 'from' | 'to'>, date: string): boolean {
  return (row.from === undefined || row.from <= date) && (row.to === undefined || date <= row.to);
}
