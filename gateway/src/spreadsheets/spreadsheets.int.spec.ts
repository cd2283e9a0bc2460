import { monitorEventLoopDelay } from 'node:perf_hooks';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** Does something and tells how long it kept others, in nanoseconds. The sampler has to be let in before and after. */
async function keeping<Result>(work: () => Promise<Result>): Promise<[Result, number]> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  await sleep(50);
  delay.enable();
  const result = await work();
  await sleep(50);
  delay.disable();
  return [result, delay.max];
}

describe('A table of 50,000 unions', () => {
  it('is written and read without holding anybody up', async () => {
    const [bytes, writing] = await keeping(
      async () => await buffer(workbookStream([{ name: '名录', header, pages: unions() }])),
    );
    expect(writing).toBeLessThan(bearable);
    const [read, reading] = await keeping(
      async () => await readSpreadsheet(bytes, spreadsheetTypes.xlsx, limits),
    );
    expect(reading).toBeLessThan(bearable);
    expect(read).toHaveLength(rows + 1);
    expect(read.at(-1)?.[17]).toBe(`列17-${rows - 1} 某某市某某区企业工会`);

    const csv = Buffer.from(read.map((cells) => cells.join(',')).join('\n'));
    const [again, readingCsv] = await keeping(
      async () => await readSpreadsheet(csv, spreadsheetTypes.csv, limits),
    );
    expect(readingCsv).toBeLessThan(bearable);
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
