import { StoreUnavailableError } from '@unionfold/eventsourcing';
import {
  MongoBulkWriteError,
  MongoError,
  MongoErrorLabel,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoServerError,
  MongoServerSelectionError,
} from 'mongodb';

/** Server codes, from MongoDB's error_codes.yml. */
const codes = {
  duplicateKey: 11_000,
  writeConflict: 112,
  noSuchTransaction: 251,
  changeStreamFatal: 280,
  changeStreamHistoryLost: 286,
  invalidResumeToken: 260,
} as const;

/** The primary steps down, shuts down or is being elected: codes of the server discovery specification. */
const replacedPrimary = new Set([
  91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436, 6, 7, 89, 134, 262, 9_001,
]);

/**
 * A commit failed, and it may have happened all the same: the same commit may be asked for again. The driver's label is
 * not enough: it is missing when the answer was lost and no primary was found to ask again.
 */
export function isCommitUnknown(error: unknown): boolean {
  if (hasLabel(error, MongoErrorLabel.UnknownTransactionCommitResult)) return true;
  if (!(error instanceof MongoServerError)) return true;
  if (hasLabel(error, MongoErrorLabel.RetryableWriteError)) return true;
  // Without this label, a majority has not confirmed that the transaction is unknown.
  if (codeOf(error) === codes.noSuchTransaction) {
    return !hasLabel(error, MongoErrorLabel.TransientTransactionError);
  }
  return replacedPrimary.has(codeOf(error) ?? 0);
}

/** Another transaction was faster, or the primary has changed: nothing was written, and trying again may work. */
export function isTransient(error: unknown): boolean {
  return (
    hasLabel(error, MongoErrorLabel.TransientTransactionError) ||
    hasLabel(error, MongoErrorLabel.RetryableWriteError) ||
    error instanceof MongoNetworkError ||
    error instanceof MongoNotConnectedError ||
    error instanceof MongoServerSelectionError ||
    replacedPrimary.has(codeOf(error) ?? 0) ||
    codeOf(error) === codes.writeConflict ||
    codeOf(error) === codes.noSuchTransaction
  );
}

/** A unique index has the key already. */
export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === codes.duplicateKey;
}

/** What a resume token stands for is no longer in the oplog. */
export function isHistoryLost(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === codes.changeStreamHistoryLost ||
    code === codes.changeStreamFatal ||
    code === codes.invalidResumeToken
  );
}

/**
 * The driver's error as the port's, where trying again later is the cure; any other as it is.
 */
export function asMongoStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError || !(error instanceof MongoError)) return error;
  const isLost = hasLabel(error, MongoErrorLabel.UnknownTransactionCommitResult);
  if (isTransient(error) || isLost || !(error instanceof MongoServerError)) {
    return new StoreUnavailableError(`MongoDB: ${error.message}`, { cause: error });
  }
  return error;
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof MongoError && error.hasErrorLabel(label);
}

function codeOf(error: unknown): number | undefined {
  if (error instanceof MongoBulkWriteError) return Number(error.code);
  return error instanceof MongoServerError && typeof error.code === 'number'
    ? error.code
    : undefined;
}
