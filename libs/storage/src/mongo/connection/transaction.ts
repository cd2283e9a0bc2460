import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientSession } from 'mongodb';
import type { MongoConnection } from './mongo-connection.ts';
import { asMongoStoreError, isCommitUnknown, isTransient } from './mongo-errors.ts';

/** Pauses between attempts of one transaction, in milliseconds: from about the first to about the last, with chance. */
const firstPauseMs = 1;
const longestPauseMs = 100;

/** Whether the transaction is durable is not known: the answer to its commit was lost. */
export class CommitInDoubtError extends Error {
  override readonly name = 'CommitInDoubtError';
}

/**
 * Runs work as one transaction: all of it is durable on a majority, or nothing of it. Conflicts with others and changes
 * of the primary are tried again, with growing pauses, until the connection's patience is over.
 * @param work is run once per attempt, and awaits each operation before the next
 * @throws CommitInDoubtError when the answer to the commit was lost
 * @throws StoreUnavailableError when it could not be done in time
 * @throws whatever else the work throws; nothing was written then
 */
export async function inTransaction<T>(
  connection: MongoConnection,
  work: (session: ClientSession) => Promise<T>,
): Promise<T> {
  const until = performance.now() + connection.patienceMs;
  for (let attempt = 0; ; attempt++) {
    const session = connection.client.startSession();
    try {
      session.startTransaction({
        readConcern: { level: 'snapshot' },
        writeConcern: { w: 'majority', journal: true },
      });
      const result = await work(session);
      await commit(session, until);
      return result;
    } catch (error) {
      if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
      if (error instanceof CommitInDoubtError) throw error;
      if (!isTransient(error) || performance.now() > until) throw asMongoStoreError(error);
    } finally {
      await session.endSession();
    }
    await sleep(pauseMs(attempt));
  }
}

/** Commits; an answer that was lost is asked for again, which does nothing when the commit has happened. */
async function commit(session: ClientSession, until: number): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await session.commitTransaction();
      return;
    } catch (error) {
      // The server says that it has not happened.
      if (!isCommitUnknown(error)) throw error;
      if (performance.now() > until) {
        throw new CommitInDoubtError('MongoDB did not tell whether it has committed', {
          cause: error,
        });
      }
    }
    await sleep(pauseMs(attempt));
  }
}

/** Grows from attempt to attempt; by chance, so that those who collided do not meet again. */
export function pauseMs(attempt: number): number {
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
  return longest * (0.5 + Math.random());
}
