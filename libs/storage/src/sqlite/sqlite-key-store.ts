import type { DatabaseSync } from 'node:sqlite';
import { closedError, GroupCommit } from './group-commit.ts';
import { type DatabaseFormat, openDatabase } from './sqlite-database.ts';

const format: DatabaseFormat = {
  kind: 'key store',
  applicationId: 0x55466b79, // UFky
  schemaVersion: 1,
  schema: `
CREATE TABLE keys (subject TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE destroyed (subject TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,
  // Deleted keys are overwritten in the file, not only unlinked.
  pragmas: 'PRAGMA secure_delete = ON;',
};

/** The keys of persons, wrapped, on one SQLite file, for one process. */
export class SqliteKeyStore {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #commits: GroupCommit;
  #closing: Promise<void> | undefined;

  /**
   * Opens or creates a key store.
   * @throws StoreCorruptError when the file is not a key store of this release, or damaged; it is untouched
   * @throws StoreUnavailableError when another process has it open
   */
  static async open({ file }: { readonly file: string }): Promise<SqliteKeyStore> {
    return new SqliteKeyStore(openDatabase(file, format), file);
  }

  private constructor(database: DatabaseSync, file: string) {
    this.#database = database;
    this.#file = file;
    this.#commits = new GroupCommit({ database, file, maxUnits: 512, maxWeight: 4_096 });
  }

  /** The wrapped keys that stand; subjects without one are left out. */
  async load(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    if (this.#closing !== undefined) throw closedError(this.#file);
    return this.#read(subjects);
  }

  /** Keeps the keys of subjects that have none and were not destroyed. Returns the keys that stand now; durable. */
  insertIfAbsent(keys: ReadonlyMap<string, Uint8Array>): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#commits.submit(keys.size, () => {
      const insert = this.#database.prepare(
        `INSERT INTO keys (subject, wrapped)
         SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM destroyed WHERE subject = ?1)
         ON CONFLICT DO NOTHING`,
      );
      for (const [subject, wrapped] of keys) insert.run(subject, wrapped);
      return this.#read([...keys.keys()]);
    });
  }

  /** Removes a subject's key for ever, from the file and its write-ahead log. Again is no error. */
  async destroy(subject: string): Promise<void> {
    await this.#commits.submit(1, () => {
      this.#database
        .prepare('INSERT INTO destroyed VALUES (?) ON CONFLICT DO NOTHING')
        .run(subject);
      this.#database.prepare('DELETE FROM keys WHERE subject = ?').run(subject);
    });
    // The log still holds the page as it was before.
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): Promise<void> {
    this.#closing ??= this.#commits.close().then(() => this.#database.close());
    return this.#closing;
  }

  #read(subjects: readonly string[]): Map<string, Uint8Array> {
    const select = this.#database.prepare('SELECT wrapped FROM keys WHERE subject = ?');
    const found = new Map<string, Uint8Array>();
    for (const subject of subjects) {
      const wrapped = select.get(subject)?.['wrapped'];
      if (wrapped instanceof Uint8Array) found.set(subject, wrapped);
    }
    return found;
  }
}
