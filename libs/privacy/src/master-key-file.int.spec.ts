import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MasterKey } from './master-key.ts';
import { loadMasterKey, MasterKeyError } from './master-key-file.ts';

/** What another process does after this one found no key, and before it writes its own. */
let beforeNextOpen: (() => Promise<void>) | undefined;

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof import('node:fs/promises')>();
  return {
    ...original,
    open: async (...parameters: Parameters<typeof original.open>) => {
      const rival = beforeNextOpen;
      beforeNextOpen = undefined;
      await rival?.();
      return original.open(...parameters);
    },
  };
});

describe('master key file', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'master-key-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is made once, for its owner only, and read from then on', async () => {
    const file = join(folder, 'keys', 'master.key');
    const made = await loadMasterKey({ file, create: true });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe(`${made.toText()}\n`);
    expect(await readdir(join(folder, 'keys'))).toEqual(['master.key']);
    for (const create of [true, false]) {
      expect((await loadMasterKey({ file, create })).toText()).toBe(made.toText());
    }
  });

  it('is the same for all that make it at once', async () => {
    const file = join(folder, 'master.key');
    const keys = await Promise.all(
      Array.from({ length: 20 }, () => loadMasterKey({ file, create: true })),
    );
    expect(new Set(keys.map((key) => key.toText())).size).toBe(1);
    expect(await readdir(folder)).toEqual(['master.key']);
  });

  it('is never replaced by one that is made a moment later', async () => {
    const file = join(folder, 'master.key');
    const rival = `${MasterKey.generate().toText()}\n`;
    beforeNextOpen = () => writeFile(file, rival);
    const made = await loadMasterKey({ file, create: true });
    expect(await readFile(file, 'utf8')).toBe(rival);
    expect(`${made.toText()}\n`).toBe(rival);
    expect(await readdir(folder)).toEqual(['master.key']);
  });

  it('is missing where it may not be made', async () => {
    const file = join(folder, 'master.key');
    await expect(loadMasterKey({ file, create: false })).rejects.toMatchObject({
      name: 'MasterKeyError',
      reason: 'missing',
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['empty', ''],
    ['truncated', MasterKey.generate().toText().slice(0, 30)],
    ['two lines', `${MasterKey.generate().toText()}\n${MasterKey.generate().toText()}\n`],
    ['foreign', '-----BEGIN PRIVATE KEY-----\n'],
    ['large', 'A'.repeat(1_000_000)],
  ])('refuses a malformed one and leaves it alone: %s', async (_, text) => {
    const file = join(folder, 'master.key');
    await writeFile(file, text);
    const failure = await loadMasterKey({ file, create: true }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MasterKeyError);
    expect(failure).toMatchObject({ reason: 'malformed', file });
    if (text !== '') expect(String(failure)).not.toContain(text.slice(0, 20));
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('passes on what the file system refuses', async () => {
    await writeFile(join(folder, 'no-folder'), '');
    await expect(
      loadMasterKey({ file: join(folder, 'no-folder', 'master.key'), create: true }),
    ).rejects.toMatchObject({ code: 'ENOTDIR' });
  });
});
