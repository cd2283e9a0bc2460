import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { closedError, GroupCommit } from './group-commit.ts';
import { type DatabaseFormat, openDatabase } from './sqlite-database.ts';
import { asStoreError } from './sqlite-errors.ts';

/** How to open a {@link SqliteKeyStore}. */
export interface SqliteKeyStoreOptions {
  /** The database file, its own; made where there is none. Its folder must exist. */
  readonly file: string;
}

/**
 * A row is never deleted and never changes its size: destroying a key overwrites its bytes where they lie, and the row
 * stays as the tombstone. Rows go to the right-hand edge of the table and the index holds no key, so that SQLite never
 * moves key bytes between pages, which could leave a copy in a page's free space.
 */
const format: DatabaseFormat = {
  kind: 'key store',
  applicationId: 0x55466b65, // UFke
  schemaVersion: 1,
  pragmas: 'PRAGMA secure_delete = ON',
  schema: `
CREATE TABLE keys (
  n INTEGER PRIMARY KEY,
  subject TEXT NOT NULL UNIQUE,
  destroyed INTEGER NOT NULL,
  key BLOB NOT NULL
) STRICT;`,
};

const maxChangesPerTransaction = 256;
const maxKeysPerTransaction = 4096;

/** A key, or that it was destroyed. */
type KeyRow = readonly [key: Uint8Array, destroyed: number];

/**
 * The privacy library's key store port on one SQLite file, for one process: wrapped keys by pseudonymous subject.
 * Concurrent insertions share commits.
 */
export class SqliteKeyStore {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #commits: GroupCommit;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #overwrite: StatementSync;
  readonly #bury: StatementSync;
  #closing: Promise<void> | undefined;

  /**
   * Opens or creates a key store.
   * @throws StoreCorruptError when the file is not a key store of this release, or damaged; it is untouched
   * @throws StoreUnavailableError when another process has it open, or the disk does not answer
   */
  static async open(options: SqliteKeyStoreOptions): Promise<SqliteKeyStore> {
    const database = openDatabase(options.file, format);
    try {
      const store = new SqliteKeyStore(database, options);
      // A process that died between destroying a key and emptying the log has left the key in the log.
      store.#emptyLog();
      return store;
    } catch (error) {
      database.close();
      throw asStoreError(error, options.file);
    }
  }

  private constructor(database: DatabaseSync, options: SqliteKeyStoreOptions) {
    this.#file = options.file;
    this.#database = database;
    this.#select = database.prepare('SELECT key, destroyed FROM keys WHERE subject = ?');
    this.#select.setReturnArrays(true);
    this.#insert = database.prepare('INSERT INTO keys (subject, destroyed, key) VALUES (?, 0, ?)');
    this.#overwrite = database.prepare(
      'UPDATE keys SET destroyed = 1, key = zeroblob(length(key)) WHERE subject = ?',
    );
    this.#bury = database.prepare(
      "INSERT INTO keys (subject, destroyed, key) VALUES (?, 1, x'') ON CONFLICT DO NOTHING",
    );
    this.#commits = new GroupCommit({
      database,
      file: options.file,
      maxUnits: maxChangesPerTransaction,
      maxWeight: maxKeysPerTransaction,
    });
  }

  /** The keys that stand; subjects without one are left out. */
  async load(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#read(() => this.#standing(subjects));
  }

  /**
   * Stores keys of subjects that have none.
   * @returns the keys that stand now, durably: an existing one wins; a destroyed subject is left out
   */
  async insertIfAbsent(
    keys: ReadonlyMap<string, Uint8Array>,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const given = [...keys].map(([subject, key]) => [subject, Uint8Array.from(key)] as const);
    return this.#commits.submit(given.length, () => {
      for (const [subject, key] of given) {
        if (this.#row(subject) === undefined) this.#insert.run(subject, key);
      }
      return this.#standing(given.map(([subject]) => subject));
    });
  }

  /** Overwrites a subject's key and remembers that it is gone; when this resolves, no file holds the key any more. */
  async destroy(subject: string): Promise<void> {
    await this.#commits.submit(1, () => {
      this.#overwrite.run(subject);
      this.#bury.run(subject);
    });
    this.#read(() => this.#emptyLog());
  }

  close(): Promise<void> {
    this.#closing ??= this.#commits.close().then(() => this.#database.close());
    return this.#closing;
  }

  /** The write-ahead log holds earlier images of the pages: moves it into the file and cuts it to nothing. */
  #emptyLog(): void {
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  #standing(subjects: readonly string[]): Map<string, Uint8Array> {
    const keys = new Map<string, Uint8Array>();
    for (const subject of subjects) {
      const row = this.#row(subject);
      if (row !== undefined && row[1] === 0) keys.set(subject, row[0]);
    }
    return keys;
  }

  #row(subject: string): KeyRow | undefined {
    return this.#select.get(subject) as unknown as KeyRow | undefined;
  }

  #read<Result>(read: () => Result): Result {
    if (this.#closing !== undefined) throw closedError(this.#file);
    try {
      return read();
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
  }
}
