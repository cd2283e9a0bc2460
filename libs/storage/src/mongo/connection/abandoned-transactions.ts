import { setTimeout as sleep } from 'node:timers/promises';
import type { MongoConnection } from './mongo-connection.ts';

/** A transaction that nobody has gone on with for so long has lost its process. Milliseconds. */
const abandonedMs = 3_000;
/** How often a process looks for some; up to twice that, so that many do not look at once. Milliseconds. */
const lookMs = 1_000;

/** A session of `$currentOp` with an open transaction. */
interface IdleSession {
  readonly lsid: { readonly id: unknown };
}

/**
 * Ends the transactions of processes that are gone. A killed process leaves its open transaction behind: MongoDB aborts it
 * only after transactionLifetimeLimitSeconds, 60 by default, and until then every write to the same documents
 * (counters of partitions, checkpoints, tenures) conflicts, so that nothing gets on. It is looked for by whoever runs.
 * One that is ended although its process only slept is rolled back and tried again by that process, as after any
 * conflict.
 */
export class AbandonedTransactions {
  readonly #connection: MongoConnection;
  readonly #onEnded: (count: number) => void;
  readonly #onError: (error: unknown) => void;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(
    connection: MongoConnection,
    told: { readonly onEnded: (count: number) => void; readonly onError: (error: unknown) => void },
  ) {
    this.#connection = connection;
    this.#onEnded = told.onEnded;
    this.#onError = told.onError;
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    let hasFailed = false;
    while (!signal.aborted) {
      try {
        const count = await this.#sweep();
        if (count > 0) this.#onEnded(count);
        hasFailed = false;
      } catch (error) {
        // Told once: without a server, or without the right to look, nothing changes from one look to the next.
        if (!hasFailed) this.#onError(error);
        hasFailed = true;
      }
      const pauseMs = lookMs * (1 + Math.random());
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #sweep(): Promise<number> {
    const { client } = this.#connection;
    const admin = client.db('admin');
    const abandoned = await admin
      .aggregate<IdleSession>(
        [
          // Of the own user only, which every user may look at and end.
          { $currentOp: { allUsers: false, idleSessions: true, idleConnections: false } },
          {
            $match: {
              type: 'idleSession',
              appName: client.options.appName,
              'transaction.timeInactiveMicros': { $gte: abandonedMs * 1_000 },
            },
          },
          { $project: { lsid: 1 } },
        ],
        { readConcern: { level: 'local' } },
      )
      .toArray();
    if (abandoned.length === 0) return 0;
    await admin.command({ killSessions: abandoned.map(({ lsid }) => ({ id: lsid.id })) });
    return abandoned.length;
  }
}
