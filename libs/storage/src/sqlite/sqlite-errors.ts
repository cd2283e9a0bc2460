import { StoreCorruptError, StoreUnavailableError } from '@unionfold/eventsourcing';

/** Primary result codes of SQLite that need an answer of their own, https://www.sqlite.org/rescode.html. */
const code = { busy: 5, corrupt: 11, notADatabase: 26 };

/** Primary result codes that lie in the machine: permissions, locks, memory, I/O, disk full. */
const machineTrouble = new Set([3, 5, 6, 7, 8, 9, 10, 13, 14, 15, 22, 23]);

/** `SQLITE_CONSTRAINT_UNIQUE`, an extended code. */
const constraintUnique = 2067;

/** Whether a unique index refused a row. */
export function isUniqueViolation(error: unknown): boolean {
  return extendedCodeOf(error) === constraintUnique;
}

/**
 * What a caller of a store gets for an error: damage is StoreCorruptError, trouble with the machine (disk full, I/O,
 * locks, permissions) and a closed database are StoreUnavailableError. Other errors are bugs and pass unchanged.
 */
export function asStoreError(error: unknown, file: string): unknown {
  const extended = extendedCodeOf(error);
  const primary = extended === undefined ? undefined : extended & 0xff;
  if (primary === code.corrupt || primary === code.notADatabase) {
    return new StoreCorruptError(
      `${file} is damaged (${messageOf(error)}): keep a copy and restore it from a backup`,
      { cause: error },
    );
  }
  if (primary === code.busy) {
    return new StoreUnavailableError(`${file} is in use by another process`, { cause: error });
  }
  if (isClosedDatabase(error) || isSystemError(error) || machineTrouble.has(primary ?? 0)) {
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

/** An error of a system call, such as a missing folder. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
