import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeStreamUpdateDocument, Collection, ResumeToken } from 'mongodb';
import { isHistoryLost, isTransient } from '../connection/mongo-errors.ts';
import type { PartitionDocument } from './event-documents.ts';

/** Pause before a change stream that broke is opened again, in milliseconds. */
const pauseMs = 200;

/** What operators should know of: said loudly, because it is rare. */
export type Notice = (message: string, details: Readonly<Record<string, unknown>>) => void;

/**
 * Rings when another writer has made a partition grow: a change stream on the counters, one change a transaction. It
 * only rings. What there is to read is told by the position, so that a change stream that breaks, or a resume token that
 * the oplog no longer has, costs a moment and never an event.
 */
export class PartitionBell {
  readonly #partitions: Collection<PartitionDocument>;
  readonly #writer: string;
  readonly #ring: (partition: number | undefined) => void;
  readonly #notice: Notice;
  readonly #closing = new AbortController();
  #token: ResumeToken | undefined;
  #listening: Promise<void> | undefined;
  #close: (() => void) | undefined;

  /**
   * @param writer whose own transactions are not rung for
   * @param ring is given the partition, or undefined when any may have grown
   */
  constructor(
    partitions: Collection<PartitionDocument>,
    writer: string,
    ring: (partition: number | undefined) => void,
    notice: Notice,
  ) {
    this.#partitions = partitions;
    this.#writer = writer;
    this.#ring = ring;
    this.#notice = notice;
  }

  /** Begins to listen; once. */
  open(): void {
    this.#listening ??= this.#listen();
  }

  /** Goes on from a token as a process does that kept it; for tests of tokens that have expired. */
  resumeFrom(token: ResumeToken): void {
    this.#token = token;
    this.#close?.();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#close?.();
    await this.#listening;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#listenOnce();
      } catch (error) {
        if (signal.aborted) return;
        // A token that the server does not take, because the oplog has passed it or for any other reason.
        if (isHistoryLost(error) || (this.#token !== undefined && !isTransient(error))) {
          this.#token = undefined;
          this.#notice('the resume token has expired: going on by position', {
            collection: this.#partitions.namespace,
          });
        }
      }
      // What happened in between is seen by looking.
      this.#ring(undefined);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #listenOnce(): Promise<void> {
    const changes = this.#partitions.watch<PartitionDocument, ChangeStreamUpdateDocument>(
      [
        {
          $match: {
            operationType: 'update',
            'updateDescription.updatedFields.position': { $exists: true },
            'updateDescription.updatedFields.by': { $not: { $regex: `^${this.#writer}/` } },
          },
        },
      ],
      this.#token === undefined ? {} : { resumeAfter: this.#token },
    );
    this.#close = () => void changes.close().catch(() => undefined);
    try {
      while (!this.#closing.signal.aborted && !changes.closed) {
        const change = await changes.tryNext();
        if (changes.closed) return;
        this.#token = changes.resumeToken;
        if (change !== null) this.#ring(Number(change.documentKey._id));
      }
    } finally {
      this.#close = undefined;
      await changes.close().catch(() => undefined);
    }
  }
}
