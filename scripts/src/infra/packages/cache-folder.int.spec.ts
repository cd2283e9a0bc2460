import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { cached, isCached } from './cache-folder.ts';

let base: string;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'unionfold-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', base);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(base, { recursive: true });
});

const write = (text: string) => (folder: string) => writeFile(join(folder, 'file'), text);

it('fills once and gives the same folder afterwards', async () => {
  const folder = await cached('thing-1', write('first'));
  expect(await cached('thing-1', write('second'))).toBe(folder);
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('first');
});

it('does not take a broken download for a whole one', async () => {
  const broken = cached('thing-1', async (folder) => {
    await write('half')(folder);
    throw new Error('connection lost');
  });
  await expect(broken).rejects.toThrow('connection lost');
  expect(isCached('thing-1')).toBe(false);
  expect(await readdir(join(base, 'unionfold'))).toEqual([]);
});

it('keeps one of two downloads at the same time', async () => {
  const [one, two] = await Promise.all([
    cached('thing-1', write('whole')),
    cached('thing-1', write('whole')),
  ]);
  expect(one).toBe(two);
  expect(await readdir(join(base, 'unionfold'))).toEqual(['thing-1']);
});
