import { statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreCorruptError, StoreUnavailableError } from '@unionfold/eventsourcing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, pragmaValue } from './sqlite-database.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import { SqliteKeyStore } from './sqlite-key-store.ts';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unionfold-database-'));
  file = join(folder, 'store.db');
});
afterEach(() => rm(folder, { recursive: true }));

const stores = [
  {
    name: 'SqliteEventStore',
    open: (path: string) => SqliteEventStore.open({ file: path, partitions: 2 }),
  },
  { name: 'SqliteDocumentStore', open: (path: string) => SqliteDocumentStore.open({ file: path }) },
  { name: 'SqliteKeyStore', open: (path: string) => SqliteKeyStore.open({ file: path }) },
];

describe.each(stores)('$name', ({ open }) => {
  /** Opening is refused with this message, and every byte of the file is as it was. */
  async function expectRefused(message: RegExp): Promise<void> {
    const before = await readFile(file);
    const refused = open(file);
    await expect(refused).rejects.toBeInstanceOf(StoreCorruptError);
    await expect(refused).rejects.toThrow(message);
    expect((await readFile(file)).equals(before)).toBe(true);
  }

  /** Makes a store and changes its file behind its back. */
  async function tampered(statement: string): Promise<void> {
    await (await open(file)).close();
    const database = new DatabaseSync(file);
    database.exec(statement);
    database.close();
  }

  it.each([
    { title: 'text', content: 'union,members\n总工会,7\n'.repeat(50) },
    { title: 'a few bytes', content: 'x' },
  ])('refuses a file of $title', async ({ content }) => {
    await writeFile(file, content);
    await expectRefused(/is not a database/);
  });

  it('refuses a database of something else', async () => {
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)');
    database.close();
    await expectRefused(/belongs to something else/);
  });

  it('refuses a newer schema', async () => {
    await tampered('PRAGMA user_version = 2');
    await expectRefused(/newer release/);
  });

  it('refuses a newer schema that only the write-ahead log tells of', async () => {
    await (await open(file)).close();
    const writer = new DatabaseSync(file);
    writer.exec('PRAGMA locking_mode = NORMAL; PRAGMA user_version = 3');
    // Still open, so nothing was moved from the log into the file.
    await expectRefused(/newer release/);
    writer.close();
  });

  it('refuses damaged pages', async () => {
    await (await open(file)).close();
    const bytes = await readFile(file);
    bytes.fill(0xa5, 4096, 2 * 4096);
    await writeFile(file, bytes);
    await expectRefused(/damaged/);
  });

  it('refuses a file that was cut short', async () => {
    await (await open(file)).close();
    const bytes = await readFile(file);
    await writeFile(file, bytes.subarray(0, bytes.length - 4096));
    await expectRefused(/damaged/);
  });

  it('refuses to begin anew beside a write-ahead log', async () => {
    await writeFile(`${file}-wal`, 'all that is left');
    await expect(open(file)).rejects.toThrow(/write-ahead log is there/);
    expect(await readFile(`${file}-wal`, 'utf8')).toBe('all that is left');
  });

  it('is unavailable to a second one, and to anybody without its folder', async () => {
    const first = await open(file);
    await expect(open(file)).rejects.toBeInstanceOf(StoreUnavailableError);
    await first.close();
    await (await open(file)).close();
    await expect(open(join(folder, 'nowhere', 'store.db'))).rejects.toBeInstanceOf(
      StoreUnavailableError,
    );
  });
});

it('refuses another kind of store', async () => {
  await (await SqliteDocumentStore.open({ file })).close();
  const refused = SqliteEventStore.open({ file, partitions: 1 });
  await expect(refused).rejects.toThrow(/but no event store/);
});

it('syncs every commit to the disk, with a write-ahead log', () => {
  const format = {
    kind: 'test',
    applicationId: 1,
    schemaVersion: 1,
    schema: 'CREATE TABLE t (a);',
  };
  const database = openDatabase(file, format);
  expect(pragmaValue(database, 'journal_mode')).toBe('wal');
  // 2 is FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
  expect(pragmaValue(database, 'synchronous')).toBe(2);
  if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
  database.close();
});
