import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describeKeyStoreContract } from '@unionfold/privacy/contract-suites';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteKeyStore } from './sqlite-key-store.ts';

describeKeyStoreContract('SqliteKeyStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unionfold-keys-'));
  const file = join(folder, 'keys.db');
  const store = await SqliteKeyStore.open({ file });
  return {
    store,
    reopen: async () => {
      await store.close();
      return SqliteKeyStore.open({ file });
    },
    cleanUp: () => rm(folder, { recursive: true }),
  };
});

describe('SqliteKeyStore', () => {
  let folder: string;
  const file = (name = 'keys.db') => join(folder, name);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unionfold-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** How often the bytes stand in any of the files whose name begins so. */
  async function occurrences(key: Uint8Array, prefix = 'keys.db'): Promise<number> {
    let count = 0;
    for (const name of await readdir(folder)) {
      if (!name.startsWith(prefix)) continue;
      const bytes = await readFile(join(folder, name));
      for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) count += 1;
    }
    return count;
  }

  it('leaves no byte of a destroyed key in any file, nor a second copy of one that stands', async () => {
    const store = await SqliteKeyStore.open({ file: file() });
    const keys = new Map(
      Array.from(
        { length: 3000 },
        () => [randomBytes(9).toString('hex'), randomBytes(60)] as const,
      ),
    );
    for (const [subject, key] of keys) await store.insertIfAbsent(new Map([[subject, key]]));
    const subjects = [...keys.keys()];
    const doomed = new Set(subjects.filter((_, index) => index % 100 === 7));
    const [first = ''] = doomed;
    expect(await occurrences(keys.get(first) ?? Buffer.of())).toBeGreaterThan(0);
    for (const subject of doomed) await store.destroy(subject);
    for (const [subject, key] of keys) {
      if (!doomed.has(subject)) continue;
      expect(await occurrences(key), subject).toBe(0);
      // Not even in part: pages could have been split within it.
      expect(await occurrences(key.subarray(0, 16)), subject).toBe(0);
      expect(await occurrences(key.subarray(44)), subject).toBe(0);
    }
    for (const subject of subjects.filter((_, index) => index % 100 === 8)) {
      expect(await occurrences(keys.get(subject) ?? Buffer.of())).toBe(1);
    }
    await store.close();
  });

  it('finishes, when it is opened, what a process that died had begun to destroy', async () => {
    const store = await SqliteKeyStore.open({ file: file() });
    const key = randomBytes(60);
    await store.insertIfAbsent(new Map([['ada', key]]));
    await store.close();
    // What destroy commits, without what it does after the commit.
    const dying = new DatabaseSync(file());
    dying.exec('PRAGMA wal_autocheckpoint = 0; UPDATE keys SET destroyed = 1, key = zeroblob(60)');
    await copyFile(file(), file('crashed.db'));
    await copyFile(file('keys.db-wal'), file('crashed.db-wal'));
    dying.close();
    expect(await occurrences(key, 'crashed.db')).toBe(1);
    const after = await SqliteKeyStore.open({ file: file('crashed.db') });
    expect(await occurrences(key, 'crashed.db')).toBe(0);
    expect((await after.load(['ada'])).size).toBe(0);
    await after.close();
  });

  it('keeps the bytes that it was given, whatever becomes of the array', async () => {
    const store = await SqliteKeyStore.open({ file: file() });
    const key = Uint8Array.of(1, 2, 3);
    const inserted = store.insertIfAbsent(new Map([['ada', key]]));
    key.fill(0);
    expect((await inserted).get('ada')).toEqual(Uint8Array.of(1, 2, 3));
    await store.close();
    await expect(store.load(['ada'])).rejects.toMatchObject({ name: 'StoreUnavailableError' });
  });
});
