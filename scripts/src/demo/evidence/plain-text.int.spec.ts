import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthetic } from '@unionfold/codes';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findPlainText } from './plain-text.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plain-text-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

const { citizenNumber } = synthetic(7).person(3);

test('finds a citizen number in binary data, behind other digits and across two reads', async () => {
  const size = 4 * 1024 * 1024;
  const across = Buffer.alloc(size + 100, 0);
  across.write(citizenNumber, size - 9, 'latin1');
  const files = {
    binary: Buffer.concat([
      Buffer.from([0, 255, 128]),
      Buffer.from(citizenNumber),
      Buffer.from([9]),
    ]),
    digits: Buffer.from(`12345${citizenNumber}`),
    across,
  };
  for (const [name, bytes] of Object.entries(files)) {
    const file = join(folder, name);
    await writeFile(file, bytes);
    expect(await findPlainText([file], [])).toEqual({
      bytes: bytes.length,
      found: [`${file}: citizen number`],
    });
  }
});

test('finds a text as its UTF-8 bytes, and nothing where there is nothing', async () => {
  const file = join(folder, 'a');
  await writeFile(file, Buffer.concat([Buffer.from([0, 1]), Buffer.from('甲申报说明乙')]));
  expect((await findPlainText([file], ['别的', '申报说明'])).found).toEqual([`${file}: text 1`]);
  await writeFile(file, `${'0'.repeat(40)} 370202199001011234 20260501123456789`);
  expect((await findPlainText([file], ['申报说明'])).found).toEqual([]);
});
