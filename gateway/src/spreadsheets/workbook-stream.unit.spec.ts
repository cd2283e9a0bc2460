import { buffer } from 'node:stream/consumers';
import { asInTables } from '@unionfold/codes';
import fc from 'fast-check';
import { readSheet } from 'read-excel-file/universal';
import { describe, expect, it } from 'vitest';
import { parseSpreadsheet, spreadsheetTypes } from './parse-spreadsheet.ts';
import { workbookStream } from './workbook-stream.ts';
import { unpacksToBearableSize } from './xlsx-archive.ts';

const limits = { lines: 1_000, unpackedBytes: 16 * 1024 * 1024 };

describe('A workbook', () => {
  it('comes back as it was written, whatever stands in its cells', async () => {
    const text = fc
      .array(
        fc.oneof(
          fc.constantFrom('_x0041_', '_x005F_x0041_', '_X000d_', '&amp;', '<t>', '"', '\n', '=1+1'),
          fc.string({ unit: 'binary' }),
        ),
        { maxLength: 5 },
      )
      .map((parts) => asInTables(parts.join('')));
    const rows = fc.array(fc.array(text, { minLength: 30, maxLength: 30 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(rows, async (given) => {
        const header = Array.from({ length: 30 }, (_, index) => `列${index}`);
        const pages = given.map((row) => [row]);
        const bytes = await buffer(workbookStream([{ name: '名录', header, pages }]));
        const parsed = await parseSpreadsheet(bytes, spreadsheetTypes.xlsx, limits);
        const read = 'rows' in parsed ? parsed.rows : [];
        const filled = given.findLastIndex((row) => row.some((cell) => cell !== ''));
        expect(read[0]).toEqual(header);
        expect(read.slice(1, filled + 2)).toEqual(given.slice(0, filled + 1));
      }),
    );
  });

  it('holds several sheets, each under its name', async () => {
    const bytes = await buffer(
      workbookStream([
        { name: '名录', header: ['编号'], pages: [] },
        { name: '说明 <1>', header: ['列'], pages: [[['编号']]] },
      ]),
    );
    const { buffer: all, byteOffset, length } = bytes;
    const copy = new Uint8Array(all, byteOffset, length).slice().buffer as ArrayBuffer;
    expect(await readSheet(copy, '说明 <1>')).toEqual([['列'], ['编号']]);
    expect(await readSheet(copy, '名录')).toEqual([['编号']]);
    // Its directory says of every part what it unpacks to, and that is what it does.
    expect(await unpacksToBearableSize(bytes, limits.unpackedBytes)).toBe(true);
  });

  it('breaks off where its rows do, instead of ending as if it were whole', async () => {
    const pages = async function* () {
      yield [['1']];
      throw new Error('the store does not answer');
    };
    const workbook = workbookStream([{ name: '名录', header: ['编号'], pages: pages() }]);
    await expect(buffer(workbook)).rejects.toThrow('the store does not answer');
  });
});
