import { monitorEventLoopDelay } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { spreadsheetTypes } from './parse-spreadsheet.ts';
import { readSpreadsheet } from './read-spreadsheet.ts';
import { workbookStream } from './workbook-stream.ts';

const rows = 50_000;
const pageSize = 500;
const limits = { lines: 200_000, unpackedBytes: 256 * 1024 * 1024 };
const header = Array.from({ length: 18 }, (_, index) => `列${index}`);
/** Longest time for which nobody else may be answered, in nanoseconds. */
const bearable = 200e6;

async function* unions(): AsyncGenerator<string[][]> {
  for (let from = 0; from < rows; from += pageSize) {
    yield Array.from({ length: pageSize }, (_, index) =>
      header.map((title) => `${title}-${from + index} 某某市某某区企业工会`),
    );
  }
}

describe('A table of 50,000 unions', () => {
  it('is written and read without holding anybody up', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const bytes = await buffer(workbookStream([{ name: '名录', header, pages: unions() }]));
    expect(delay.max).toBeLessThan(bearable);
    delay.reset();
    const read = await readSpreadsheet(bytes, spreadsheetTypes.xlsx, limits);
    expect(delay.max).toBeLessThan(bearable);
    expect(read).toHaveLength(rows + 1);
    expect(read.at(-1)?.[17]).toBe(`列17-${rows - 1} 某某市某某区企业工会`);

    const csv = Buffer.from(read.map((cells) => cells.join(',')).join('\n'));
    delay.reset();
    const again = await readSpreadsheet(csv, spreadsheetTypes.csv, limits);
    expect(delay.max).toBeLessThan(bearable);
    expect(again).toHaveLength(rows + 1);
  }, 60_000);
});

describe('Spreadsheets that come together', () => {
  it('are all read, each with its own end', async () => {
    const files = ['a\n1', 'b\n"', 'c\n3', 'd\n4', 'e\n5', 'f\n6'].map((text) => Buffer.from(text));
    const ends = await Promise.allSettled(
      files.map((file) => readSpreadsheet(file, spreadsheetTypes.csv, limits)),
    );
    expect(ends.map((end) => (end.status === 'fulfilled' ? end.value[1]?.[0] : 'refused'))).toEqual(
      ['1', 'refused', '3', '4', '5', '6'],
    );
  });
});
