import { closeSync, existsSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { StoreCorruptError } from '@unionfold/eventsourcing';
import { asStoreError } from './sqlite-errors.ts';

/** What a database file is for; written into its header and checked whenever it is opened. */
export interface DatabaseFormat {
  /** For messages: `event store`. */
  readonly kind: string;
  /** https://www.sqlite.org/pragma.html#pragma_application_id */
  readonly applicationId: number;
  /** Kept as `user_version`. */
  readonly schemaVersion: number;
  /** Statements that make an empty file this format. */
  readonly schema: string;
  /** Statements for every connection, beyond {@link durabilityPragmas}. */
  readonly pragmas?: string;
}

/**
 * Settings of every writing connection. EXCLUSIVE keeps a second process from writing behind the counters and caches
 * that the stores hold in memory, and saves the shared-memory index; the kernel releases the lock when a process dies.
 * Checkpoints at 16,000 pages (64 MiB, as much as is kept of the log) rewrite hot pages more seldom than at 1,000.
 */
export const durabilityPragmas = `
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 16000;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -16000;
PRAGMA foreign_keys = OFF;
`;

/** Up to this size a file is checked whole when it is opened (about 1 s a GiB when it is cached). */
const quickCheckLimit = 256 * 1024 * 1024;

/** https://www.sqlite.org/fileformat2.html#the_database_header */
const header = { length: 100, magic: 'SQLite format 3\0', userVersion: 60, applicationId: 68 };

/**
 * Opens a database file for writing, or creates it where there is none.
 *
 * An existing file is judged before anything is written: its header, then through a read-only connection its format
 * and its integrity. Only then does a writing connection touch it.
 * @throws StoreCorruptError for a file that is not a database, is of another kind or a newer schema, or is damaged;
 * the file is untouched
 * @throws StoreUnavailableError when another process has it open, or it cannot be read
 */
export function openDatabase(file: string, format: DatabaseFormat): DatabaseSync {
  try {
    const isNew = !existsSync(file) || statSync(file).size === 0;
    if (isNew) {
      refuseOrphanedLog(file);
      create(file, format);
    } else {
      checkHeader(file, format);
      checkContent(file, format);
    }
    return openForWriting(file, format);
  } catch (error) {
    throw asStoreError(error, file);
  }
}

/** SQLite would delete a write-ahead log that has no database: that may be all that is left of somebody's data. */
function refuseOrphanedLog(file: string): void {
  const log = `${file}-wal`;
  if (existsSync(log) && statSync(log).size > 0) {
    throw new StoreCorruptError(
      `${file} is missing but its write-ahead log is there: restore both from a backup, or move the log away`,
    );
  }
}

function checkHeader(file: string, format: DatabaseFormat): void {
  const bytes = Buffer.alloc(header.length);
  const descriptor = openSync(file, 'r');
  let length: number;
  try {
    length = readSync(descriptor, bytes, 0, header.length, 0);
  } finally {
    closeSync(descriptor);
  }
  if (length < header.length || bytes.toString('latin1', 0, 16) !== header.magic) {
    throw new StoreCorruptError(
      `${file} is not a database: move it away or restore it from a backup`,
    );
  }
  checkFormat(
    file,
    format,
    bytes.readUInt32BE(header.applicationId),
    bytes.readUInt32BE(header.userVersion),
  );
}

function checkFormat(
  file: string,
  format: DatabaseFormat,
  applicationId: number,
  schemaVersion: number,
): void {
  if (applicationId !== format.applicationId) {
    throw new StoreCorruptError(
      `${file} is a database, but no ${format.kind}: it belongs to something else, move it away`,
    );
  }
  if (schemaVersion > format.schemaVersion) {
    throw new StoreCorruptError(
      `${file} was written by a newer release (schema ${schemaVersion}, this one knows ${format.schemaVersion}): ` +
        'start that release',
    );
  }
  if (schemaVersion !== format.schemaVersion) {
    throw new StoreCorruptError(`${file} has schema ${schemaVersion}, which no release wrote`);
  }
}

function checkContent(file: string, format: DatabaseFormat): void {
  // A read-only connection leaves its shared-memory index behind, which the writing one never needs.
  const sidecars = [`${file}-shm`, `${file}-wal`].filter((name) => !existsSync(name));
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    // Again, because a newer release may have left its version in the write-ahead log.
    checkFormat(
      file,
      format,
      Number(pragmaValue(database, 'application_id')),
      Number(pragmaValue(database, 'user_version')),
    );
    if (statSync(file).size <= quickCheckLimit) {
      const verdict = pragmaValue(database, 'quick_check(1)');
      if (verdict !== 'ok') {
        throw new StoreCorruptError(
          `${file} is damaged (${verdict}): keep a copy and restore it from a backup`,
        );
      }
    }
  } finally {
    database.close();
    for (const name of sidecars) rmSync(name, { force: true });
  }
}

function create(file: string, format: DatabaseFormat): void {
  // Only the owner may read what the stores hold; the log inherits the mode.
  closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file);
  try {
    // With a rollback journal, so that the header names the format before a write-ahead log exists.
    database.exec(`
      PRAGMA synchronous = FULL;
      BEGIN EXCLUSIVE;
      PRAGMA application_id = ${format.applicationId};
      PRAGMA user_version = ${format.schemaVersion};
      ${format.schema}
      COMMIT;`);
  } finally {
    database.close();
  }
}

function openForWriting(file: string, format: DatabaseFormat): DatabaseSync {
  const database = new DatabaseSync(file, { defensive: true });
  try {
    database.exec(durabilityPragmas);
    if (format.pragmas !== undefined) database.exec(format.pragmas);
    // Takes the exclusive lock now and not with the first append.
    database.exec('BEGIN IMMEDIATE; COMMIT');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The single value that a pragma answers. */
export function pragmaValue(database: DatabaseSync, pragma: string): unknown {
  const row = database.prepare(`PRAGMA ${pragma}`).get();
  return row === undefined ? undefined : Object.values(row)[0];
}
