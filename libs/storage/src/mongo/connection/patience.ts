import { setTimeout as sleep } from 'node:timers/promises';
import { type ClientSession, MongoServerError } from 'mongodb';
import type { MongoConnection } from './mongo-connection.ts';
import { asMongoStoreError, isTransient } from './mongo-errors.ts';
import { pauseMs } from './transaction.ts';

/** The snapshot is from before a collection or an index was made (SnapshotUnavailable), or it has aged out (SnapshotTooOld). */
const snapshotGone = new Set<unknown>([246, 239]);

/**
 * Runs work that may be done twice, again while the primary changes, until the connection's patience is over.
 * @throws StoreUnavailableError when it could not be done in time
 */
export async function patiently<Result>(
  connection: MongoConnection,
  work: () => Promise<Result>,
): Promise<Result> {
  const until = performance.now() + connection.patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      const mayPass =
        isTransient(error) || (error instanceof MongoServerError && snapshotGone.has(error.code));
      if (!mayPass || performance.now() > until) throw asMongoStoreError(error);
    }
    await sleep(pauseMs(attempt));
  }
}

/** Options of reads that belong together. */
export interface Moment {
  readonly session: ClientSession;
  /** Named for each read: the session leaves a connection's own read concern as it is. */
  readonly readConcern: { readonly level: 'snapshot' };
}

/**
 * Reads of one moment: all that the work asks for with the options is seen as it was at the first of its reads. Without
 * them, a read of many documents may see one half of a transaction.
 * @throws StoreUnavailableError when it could not be done in time
 */
export async function atOneMoment<Result>(
  connection: MongoConnection,
  work: (moment: Moment) => Promise<Result>,
): Promise<Result> {
  return await patiently(
    connection,
    async () =>
      await connection.client.withSession({ snapshot: true }, (session) =>
        work({ session, readConcern: { level: 'snapshot' } }),
      ),
  );
}
