import { describe, expect, it } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { parseSpreadsheet, spreadsheetTypes } from './parse-spreadsheet.ts';

const limits = { lines: 5, unpackedBytes: 1024 * 1024 };

async function csv(text: string) {
  return await parseSpreadsheet(Buffer.from(text), spreadsheetTypes.csv, limits);
}

async function xlsx(cells: readonly (readonly (string | Date)[])[]) {
  const sheet = cells.map((row) =>
    row.map((value) =>
      typeof value === 'string'
        ? { value, type: String }
        : { value, type: Date, format: 'yyyy-mm-dd hh:mm' },
    ),
  );
  const bytes = await writeXlsxFile(sheet).toBuffer();
  return await parseSpreadsheet(bytes, spreadsheetTypes.xlsx, limits);
}

describe('A file with more lines than may be', () => {
  it('is refused whole, not cut off: a CSV file', async () => {
    expect(await csv('a\n1\n2\n3\n4')).toEqual({ rows: [['a'], ['1'], ['2'], ['3'], ['4']] });
    expect(await csv('a\n1\n2\n3\n4\n5')).toEqual({ problem: 'import-too-many-lines' });
    expect(await csv('a\n\n\n\n\n\n1')).toEqual({ problem: 'import-too-many-lines' });
  });

  it('is refused whole, not cut off: a workbook', async () => {
    const rows = ['a', '1', '2', '3', '4'].map((text) => [text]);
    expect(await xlsx(rows)).toEqual({ rows });
    expect(await xlsx([...rows, ['5']])).toEqual({ problem: 'import-too-many-lines' });
  });
});

describe('What separates the cells of a CSV file', () => {
  it.each([
    [',', '名称,地址\n甲厂;乙厂,东路\t1号'],
    ['\t', '名称\t地址\n甲厂;乙厂\t东路,1号'],
    [';', '名称;地址\n甲厂,乙厂;东路\t1号'],
    ['no title', '"名称,全称;简称"\t地址\n甲厂\t东路,1号'],
  ])('is one for all of it, by its header: %s', async (_, text) => {
    const parsed = await csv(text);
    expect('rows' in parsed && parsed.rows.map((row) => row.length)).toEqual([2, 2]);
  });

  it('is nothing where there is one column', async () => {
    expect(await csv('编号\nx-1')).toEqual({ rows: [['编号'], ['x-1']] });
  });
});

describe('A day in a workbook', () => {
  it.each([
    ['2026-05-01T00:00:00Z', '2026-05-01'],
    ['2026-05-01T14:30:00Z', '2026-05-01 14:30:00'],
    // As calculated ones come, a hair before midnight and after.
    ['2026-04-30T23:59:59.990Z', '2026-05-01'],
    ['2026-05-01T00:00:00.400Z', '2026-05-01'],
  ])('%s is %s', async (written, read) => {
    const parsed = await xlsx([['日期'], [new Date(written)]]);
    expect(parsed).toEqual({ rows: [['日期'], [read]] });
  });
});
