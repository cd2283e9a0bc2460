import { setTimeout as sleep } from 'node:timers/promises';
import type {
  RecordedEvent,
  StoreSubscription,
  StoreSubscriptionOptions,
} from '@unionfold/eventsourcing';

/** Reads a partition after a position, at most `limit` events. */
type ReadPartition = (
  partition: number,
  afterPosition: number,
  limit: number,
) => Promise<readonly RecordedEvent[]>;

/** How long a tail sleeps at most before it looks by itself, in milliseconds. */
const longestSleepMs = 1_000;

/** One subscription: reads on until it has caught up, then sleeps until the partition grows. */
export class MongoStoreTail implements StoreSubscription {
  readonly partition: number;
  readonly #options: StoreSubscriptionOptions;
  readonly #read: ReadPartition;
  readonly #ended: Promise<void>;
  #stopped = false;
  /** Rung since the last read began. */
  #rung = false;
  #awake = new AbortController();

  constructor(
    options: StoreSubscriptionOptions,
    read: ReadPartition,
    onEnd: (tail: MongoStoreTail) => void,
  ) {
    this.partition = options.partition;
    this.#options = options;
    this.#read = read;
    this.#ended = this.#run().finally(() => onEnd(this));
  }

  /** The partition has grown. */
  wake(): void {
    this.#rung = true;
    this.#awake.abort();
  }

  /** Starts no further batch. */
  end(): void {
    this.#stopped = true;
    this.wake();
  }

  /** Stops; resolves when the handler under way has ended, so a handler must not wait for it. */
  stop(): Promise<void> {
    this.end();
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { partition, maxBatch, handle, onError } = this.#options;
    let position = this.#options.afterPosition;
    try {
      while (!this.#stopped) {
        this.#rung = false;
        const events = await this.#read(partition, position, maxBatch);
        if (this.#stopped) return;
        const last = events.at(-1);
        if (last === undefined) {
          await this.#grown();
          continue;
        }
        await handle(events);
        position = last.position;
      }
    } catch (error) {
      if (!this.#stopped) onError(error);
    }
  }

  /** Resolves when the bell rings, at once if it rang during the read, or after a while. */
  async #grown(): Promise<void> {
    if (this.#rung) return;
    this.#awake = new AbortController();
    await sleep(longestSleepMs, undefined, { signal: this.#awake.signal }).catch(() => undefined);
  }
}
