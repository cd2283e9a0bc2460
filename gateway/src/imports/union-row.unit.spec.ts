import { UnionFunction, UnionType } from '@unionfold/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordDocument, UnionDocument } from '../read-models/federation/documents.ts';
import { parseSpreadsheet, spreadsheetTypes } from '../spreadsheets/parse-spreadsheet.ts';
import { csvRecord } from '../spreadsheets/write-csv.ts';
import { unionTypes } from '../unions/answers.ts';
import { fieldsOf, headerOf, resultTitles, unionColumns } from './union-columns.ts';
import { readUnionRow, unionRows } from './union-row.ts';

const limits = { lines: 1_000, unpackedBytes: 24 * 1024 * 1024 };
const fields = unionColumns.map(({ field }) => field);

function read(facts: Readonly<Record<string, string>>) {
  const named = Object.keys(facts);
  return readUnionRow(2, Object.values(facts), fieldsOf(named, []));
}

describe('The header of a table of unions', () => {
  it('is known in Chinese, in English and by the names of the API', () => {
    expect(fieldsOf(headerOf('zh'), [])).toEqual(fields);
    expect(fieldsOf(headerOf('en'), [])).toEqual(fields);
    expect(fieldsOf(fields, [])).toEqual(fields);
    expect(fieldsOf(['工会编号 *', '名称'], [])).toEqual(['id', 'name']);
  });

  it('may have the columns of an error workbook, which tell nothing', () => {
    expect(fieldsOf(['工会编号', ...resultTitles], [])).toEqual([
      'id',
      ...resultTitles.map(() => undefined),
    ]);
  });

  it.each([
    ['an unknown column', ['工会编号', '星座'], 'import-unknown-column'],
    ['a column twice', ['工会编号', '名称', '工会名称'], 'import-unknown-column'],
    ['no ids', ['工会名称'], 'import-missing-column'],
  ])('is refused with %s', (_, header, code) => {
    expect(() => fieldsOf(header, [])).toThrow(code);
  });
});

describe('A row of a table of unions', () => {
  it('is read as people write it', () => {
    expect(
      read({
        id: ' x-1 ',
        type: '基层工会',
        foundedOn: '2020年2月29日',
        legalPerson: '是',
        functions: '维护，教育',
      }),
    ).toMatchObject({
      id: 'x-1',
      type: UnionType.UNION_TYPE_ENTERPRISE,
      foundedOn: '2020-02-29',
      recordFields: ['legalPerson', 'functions'],
      record: {
        legalPerson: true,
        functions: [UnionFunction.UNION_FUNCTION_PROTECT, UnionFunction.UNION_FUNCTION_EDUCATE],
      },
    });
  });

  it.each([
    ['type', '大工会', 'field-value-not-allowed'],
    ['foundedOn', '2021-02-29', 'date-invalid'],
    ['certificateValidUntil', '明天', 'date-invalid'],
    ['legalPerson', '也许', 'field-value-not-allowed'],
    ['functions', '维护、娱乐', 'field-value-not-allowed'],
    ['creditCode', '8.1370200E+17', 'import-number-rounded'],
    ['contactOffice', '部'.repeat(201), 'text-too-long'],
  ])('is refused for what it says of %s, with the column and the reason', (field, text, code) => {
    expect(read({ id: 'x-1', [field]: text })).toMatchObject({
      row: 2,
      id: 'x-1',
      fault: { field, code },
    });
  });

  it('with contents beyond the header is not guessed at', () => {
    const cells = ['x-1', '甲厂', '乙厂工会', '基层工会'];
    expect(readUnionRow(2, cells, ['id', 'name', 'type'])).toMatchObject({
      fault: { code: 'import-cells-beyond-header' },
    });
    expect(readUnionRow(2, ['x-1', '', '', ' ', ''], ['id', 'name', 'type'])).toMatchObject({
      id: 'x-1',
      name: '',
    });
  });

  it('tells what was written for it, through a CSV file', async () => {
    const text = fc
      .array(
        fc.oneof(fc.constantFrom(...'=+-@＝\'"，,;、 \t\r\n'), fc.string({ unit: 'binary' })),
        {
          maxLength: 6,
        },
      )
      .map((parts) =>
        parts
          .join('')
          .replaceAll(/[^\P{Cc}\n\t]|\ufeff/gu, '')
          .trim(),
      );
    const functions = fc.subarray(
      Object.values(UnionFunction).filter(
        (value) => value !== UnionFunction.UNION_FUNCTION_UNSPECIFIED,
      ),
    );
    const facts = fc.record({
      name: text,
      type: fc.constantFrom(...unionTypes.words),
      approvalDocument: text,
      address: text,
      duties: text,
      legalPerson: fc.boolean(),
      functions,
      units: fc.array(fc.record({ name: text, employees: fc.nat(1_000) }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(facts, async ({ name, type, approvalDocument, units: told, ...record }) => {
        const union = {
          id: 'x-1',
          name,
          type: unionTypes.toValue(type),
          parentId: 'x',
          industryParentId: '',
          regionCode: '370202',
          creditCode: '',
          foundedOn: '2020-02-29',
        } as UnionDocument;
        const units = told.map((facts, index) => ({
          creditCode: `code-${index}`,
          ...{ ownership: '170', industry: 'C34', women: 0, migrantWorkers: 0 },
          ...{ dispatched: 0, newForms: 0, ...facts },
        }));
        const kept = {
          approvalDocument,
          record,
          units: Object.fromEntries(units.map((unit) => [unit.creditCode, unit])),
        } as unknown as RecordDocument;
        const written = unionRows(union, kept, { unionId: 'cn' });
        const file = Buffer.from([headerOf('zh'), ...written].map(csvRecord).join(''));
        const parsed = await parseSpreadsheet(file, spreadsheetTypes.csv, limits);
        const [, first = [], ...others] = 'rows' in parsed ? parsed.rows : [];
        for (const [index, cells] of others.entries()) {
          expect(readUnionRow(3, cells, fields)).toMatchObject({
            id: 'x-1',
            tellsUnion: false,
            recordFields: [],
            unit: units[index + 1],
          });
        }
        expect(others).toHaveLength(Math.max(0, units.length - 1));
        const read = readUnionRow(2, first, fields);
        expect('unit' in read && read.unit).toEqual(units[0]);
        expect(read).toMatchObject({
          id: 'x-1',
          name,
          type: union.type,
          territorialParentId: 'x',
          regionCode: '370202',
          foundedOn: '2020-02-29',
          approvalDocument,
          record,
        });
      }),
    );
  });
});

describe('A CSV file', () => {
  it('holds no formula', () => {
    const record = csvRecord(['=1+1', '+86', '-1', '@sum', '＝1', "'a", 'a=1', '2-1']);
    expect(record).toBe("'=1+1,'+86,'-1,'@sum,'＝1,''a,a=1,2-1\r\n");
  });
});
