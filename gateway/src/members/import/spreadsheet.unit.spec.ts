import { deflateRawSync } from 'node:zlib';
import { synthetic } from '@unionfold/codes';
import { describe, expect, it } from 'vitest';
import writeXlsxFile from 'write-excel-file/node';
import { Refused } from '../../http/refused.ts';
import { spreadsheetTypes } from '../../spreadsheets/parse-spreadsheet.ts';
import { readSpreadsheet } from '../../spreadsheets/read-spreadsheet.ts';
import { unpacksToBearableSize } from '../../spreadsheets/xlsx-archive.ts';
import { readPeople } from './rows.ts';

const limits = { lines: 20_000, unpackedBytes: 24 * 1024 * 1024 };
const today = '2026-05-01';
const { name, citizenNumber, mobile } = synthetic(5).person(0);
const person = { name, citizenNumber, mobile };

async function read(text: string | Buffer) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return readPeople(await readSpreadsheet(bytes, spreadsheetTypes.csv, limits), today);
}

describe('A CSV file', () => {
  const line = [name, citizenNumber, mobile].join(',');

  it.each([
    ['as it is', `姓名,身份证号,手机号\n${line}`],
    ['with a byte order mark', `\ufeff姓名,身份证号,手机号\r\n${line}\r\n`],
    ['with English headers', `Name,citizenNumber,Mobile\n${line}`],
    ['with marks of required columns', `姓名*, 公民身份号码 *,手机号码\n${line}`],
    ['with tabs', `姓名\t身份证号\t手机号\n${line.replaceAll(',', '\t')}`],
    ['with quotes', `"姓名","身份证号","手机号"\n"${name}","${citizenNumber}","${mobile}"`],
    [
      'with numbers made into texts',
      `姓名,身份证号,手机号\n${name},"=""${citizenNumber}""",'${mobile}`,
    ],
    ['with spaces around', `姓名 , 身份证号 , 手机号\n ${line.replaceAll(',', ' , ')} `],
    ['with a column that is empty', `姓名,身份证号,手机号,\n${line},`],
  ])('is read %s', async (_, text) => {
    expect(await read(text)).toEqual([{ row: 2, ...person, joinedOn: '' }]);
  });

  it('is read in GB 18030, as spreadsheet programs write it', async () => {
    // 姓名,身份证号 and 王 in GB 18030.
    const header = Buffer.from('d0d5c3fb2cc9edb7ddd6a4bac50a', 'hex');
    const row = Buffer.concat([Buffer.from('cdf5', 'hex'), Buffer.from(`,${citizenNumber}`)]);
    expect(await read(Buffer.concat([header, row]))).toMatchObject([{ name: '王' }]);
  });

  it('keeps the numbers of its rows past empty ones', async () => {
    const rows = await read(`姓名,身份证号\n\n,\n${name},${citizenNumber}\n`);
    expect(rows).toMatchObject([{ row: 4, name }]);
  });

  it.each([
    ['2025-05-01', '2025-05-01'],
    ['2025/5/1', '2025-05-01'],
    ['2025.05.1', '2025-05-01'],
    ['2025年5月1日', '2025-05-01'],
    ['20250501', '2025-05-01'],
  ])('reads the day %s', async (written, joinedOn) => {
    const rows = await read(`姓名,身份证号,入会日期\n${name},${citizenNumber},${written}`);
    expect(rows).toMatchObject([{ joinedOn }]);
  });

  it.each(['01/05/2025', '2025-13-01', '2025-02-29', '25-5-1', '昨天', '202505011'])(
    'does not read the day %s',
    async (written) => {
      const rows = await read(`姓名,身份证号,入会日期\n${name},${citizenNumber},${written}`);
      expect(rows).toEqual([{ row: 2, fault: { field: 'joinedOn', code: 'date-invalid' } }]);
    },
  );

  it('does not take a number that a program has rounded', async () => {
    const rows = await read(`姓名,身份证号\n${name},3.70202E+17`);
    expect(rows).toMatchObject([{ fault: { field: 'citizenNumber', code: 'field-format-wrong' } }]);
  });

  it('never repeats what stands in it', async () => {
    const rows = await read('姓名,身份证号,手机号\n王小明,370202199001011234,138\n王小明,37,138\n');
    expect(JSON.stringify(rows)).not.toMatch(/王小明|3702|138/);
  });

  it.each([
    ['bytes that are no text', Buffer.from([0xff, 0xff, 0xff, 0x0a])],
    ['a zero byte', Buffer.from('姓名,身份证号\n\0,1')],
    ['a quote that does not end', Buffer.from('姓名,身份证号\n"王,1')],
  ])('with %s is refused', async (_, bytes) => {
    await expect(read(bytes)).rejects.toThrow('import-file-unreadable');
  });
});

describe('A spreadsheet', () => {
  it('is unpacked when it is of a bearable size', async () => {
    const sheet = await writeXlsxFile([[{ value: '姓名', type: String }]]).toBuffer();
    expect(await unpacksToBearableSize(sheet, limits.unpackedBytes)).toBe(true);
  });

  it('that unpacks to far more than it is, is not', async () => {
    const zeros = Buffer.alloc(64 * 1024 * 1024);
    const honest = archive(zeros, zeros.length);
    expect(honest.length).toBeLessThan(100_000);
    expect(await unpacksToBearableSize(honest, limits.unpackedBytes)).toBe(false);
  });

  it('that says another size than it unpacks to is not believed', async () => {
    expect(
      await unpacksToBearableSize(
        archive(Buffer.alloc(64 * 1024 * 1024), 1_000),
        limits.unpackedBytes,
      ),
    ).toBe(false);
    expect(
      await unpacksToBearableSize(archive(Buffer.alloc(1_000), 2_000), limits.unpackedBytes),
    ).toBe(false);
    expect(
      await unpacksToBearableSize(archive(Buffer.alloc(1_000), 1_000), limits.unpackedBytes),
    ).toBe(true);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['the beginning of one', Buffer.from('PK\u0003\u0004')],
    [
      'an end without a beginning',
      Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18, 1)]),
    ],
    ['one that was cut', archive(Buffer.alloc(1_000), 1_000).subarray(40)],
  ])('is not %s', async (_, bytes) => {
    const reading = readSpreadsheet(bytes, spreadsheetTypes.xlsx, limits);
    await expect(reading).rejects.toThrow(Refused);
  });

  it('that is a zip of something else is refused', async () => {
    const reading = readSpreadsheet(archive(Buffer.from('<x/>'), 4), spreadsheetTypes.xlsx, limits);
    await expect(reading).rejects.toThrow('import-file-unreadable');
  });
});

/** A zip archive with one entry that claims a size (APPNOTE 6.3). */
function archive(content: Buffer, claimed: number): Buffer {
  const name = Buffer.from('xl/worksheets/sheet1.xml');
  const packed = deflateRawSync(content);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(packed.length, 20);
  entry.writeUInt32LE(claimed, 24);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(local.length + name.length + packed.length, 16);
  return Buffer.concat([local, name, packed, entry, name, end]);
}
