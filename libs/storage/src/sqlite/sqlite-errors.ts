import { StoreCorruptError, StoreUnavailableError } from '@unionfold/eventsourcing';

/** Primary result codes of SQLite, https://www.sqlite.org/rescode.html. */
export const sqliteCode = {
  busy: 5,
  corrupt: 11,
  full: 13,
  constraint: 19,
  notADatabase: 26,
} as const;

/** `SQLITE_CONSTRAINT_UNIQUE`, an extended code. */
const constraintUnique = 2067;

/** The primary result code of an error that SQLite reported; undefined for any other error. */
export function sqliteCodeOf(error: unknown): number | undefined {
  const extended = extendedCodeOf(error);
  return extended === undefined ? undefined : extended & 0xff;
}

/** Whether a unique index refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  return extendedCodeOf(error) === constraintUnique;
}

/**
 * What a caller of a store gets for an error that SQLite reported: damage is StoreCorruptError, everything else that
 * SQLite refuses (disk full, I/O, locks, closed) is StoreUnavailableError. Other errors are bugs and pass unchanged.
 */
export function asStoreError(error: unknown, file: string): unknown {
  const code = sqliteCodeOf(error);
  if (code === sqliteCode.corrupt || code === sqliteCode.notADatabase) {
    return new StoreCorruptError(`${file} is damaged: ${messageOf(error)}`, { cause: error });
  }
  if (code === sqliteCode.busy) {
    return new StoreUnavailableError(`${file} is in use by another process`, { cause: error });
  }
  if (code !== undefined || isClosedDatabase(error)) {
    return new StoreUnavailableError(`${file}: ${messageOf(error)}`, { cause: error });
  }
  return error;
}

function extendedCodeOf(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
    ? error.errcode
    : undefined;
}

/** node:sqlite's answer to the use of a closed database or of one of its statements. */
function isClosedDatabase(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_INVALID_STATE';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
