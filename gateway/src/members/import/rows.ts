import { parseCitizenNumber, parseDate, parseMobile } from '@unionfold/codes';
import type { Fault } from '../../http/problem-document.ts';
import { refused } from '../../http/refused.ts';
import { dayAsWritten } from '../../spreadsheets/day-as-written.ts';
import type { Row } from '../../spreadsheets/parse-spreadsheet.ts';

/** Rows of one import at most, the header not counted. */
export const mostRows = 5_000;

/** A person in a row, as the members service takes it. */
export interface ImportedPerson {
  readonly row: number;
  readonly name: string;
  /** Normalised. */
  readonly citizenNumber: string;
  readonly mobile: string;
  /** `yyyy-MM-dd`, or empty. */
  readonly joinedOn: string;
}

/** A row that cannot be imported. */
export interface FaultyRow {
  readonly row: number;
  readonly fault: Fault;
}

const headers = {
  name: ['姓名', 'name'],
  citizenNumber: [
    '身份证号',
    '身份证号码',
    '公民身份号码',
    '身份证',
    'citizennumber',
    'citizen number',
  ],
  mobile: ['手机号', '手机号码', '手机', '联系电话', 'mobile'],
  joinedOn: ['入会日期', '入会时间', 'joinedon', 'joined on'],
} as const;

type Column = keyof typeof headers;

const required: readonly Column[] = ['name', 'citizenNumber'];

/**
 * Reads the people in a spreadsheet whose first row is the header. Every row that is not empty becomes a person or a
 * faulty row, in order.
 * @param today `yyyy-MM-dd`, for dates in the future
 * @throws Refused when the spreadsheet as a whole cannot be imported
 */
export function readPeople(
  rows: readonly Row[],
  today: string,
): readonly (ImportedPerson | FaultyRow)[] {
  const [header = [], ...records] = rows;
  const columns = columnsOf(header, records);
  const filled = records
    .map((cells, index) => ({ cells, row: index + 2 }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
  if (filled.length === 0) throw refused('import-empty');
  if (filled.length > mostRows) {
    throw refused('import-too-many-rows', { params: { maximum: mostRows } });
  }
  const firstRows = new Map<string, number>();
  return filled.map(({ cells, row }) => {
    const person = readPerson((column) => cells[columns.get(column) ?? -1] ?? '', row, today);
    if ('fault' in person) return person;
    const earlier = firstRows.get(person.citizenNumber);
    if (earlier !== undefined) {
      return faulty(row, 'citizenNumber', 'import-row-duplicate', { row: earlier });
    }
    firstRows.set(person.citizenNumber, row);
    return person;
  });
}

function columnsOf(header: Row, records: readonly Row[]): ReadonlyMap<Column, number> {
  const columns = new Map<Column, number>();
  for (const [index, title] of header.entries()) {
    const column = columnOf(title);
    const isUnused = title === '' && records.every((cells) => (cells[index] ?? '') === '');
    if (isUnused) continue;
    if (column === undefined || columns.has(column)) {
      throw refused('import-unknown-column', { params: { position: index + 1 } });
    }
    columns.set(column, index);
  }
  for (const column of required) {
    if (columns.has(column)) continue;
    throw refused('import-missing-column', {
      params: { column: `${headers[column][0]} (${column})` },
    });
  }
  return columns;
}

function columnOf(title: string): Column | undefined {
  const text = title
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[*\s]+/g, ' ')
    .trim();
  return (Object.keys(headers) as Column[]).find((column) =>
    (headers[column] as readonly string[]).includes(text),
  );
}

function readPerson(
  cell: (column: Column) => string,
  row: number,
  today: string,
): ImportedPerson | FaultyRow {
  const name = cell('name');
  if (name === '') return faulty(row, 'name', 'name-missing');
  const number = cell('citizenNumber');
  if (number === '') return faulty(row, 'citizenNumber', 'citizen-number-missing');
  // A spreadsheet program that took the number for one has rounded it: its last digits are gone.
  if (/^\d(\.\d+)?e\+?\d+$/i.test(number)) {
    return faulty(row, 'citizenNumber', 'field-format-wrong', { expected: '文本 text' });
  }
  const parsed = parseCitizenNumber(number, { today });
  if (!parsed.ok) {
    return faulty(row, 'citizenNumber', parsed.reason, { length: [...number].length });
  }
  const mobile = cell('mobile');
  if (mobile !== '' && !parseMobile(mobile).ok) return faulty(row, 'mobile', 'mobile-invalid');
  const joinedOn = dayAsWritten(cell('joinedOn'));
  if (joinedOn !== '') {
    if (!parseDate(joinedOn).ok || joinedOn < parsed.birthDate) {
      return faulty(row, 'joinedOn', 'date-invalid');
    }
    if (joinedOn > today) return faulty(row, 'joinedOn', 'date-in-future');
  }
  return { row, name, citizenNumber: parsed.number, mobile, joinedOn };
}

function faulty(
  row: number,
  field: Column,
  code: Fault['code'],
  params?: NonNullable<Fault['params']>,
): FaultyRow {
  return { row, fault: { field, code, ...(params === undefined ? {} : { params }) } };
}
