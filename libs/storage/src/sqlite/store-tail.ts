import { setImmediate as nextTurn } from 'node:timers/promises';
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
) => readonly RecordedEvent[];

/** One subscription: reads on until it has caught up, then sleeps until the partition grows. */
export class StoreTail implements StoreSubscription {
  readonly partition: number;
  readonly #options: StoreSubscriptionOptions;
  readonly #read: ReadPartition;
  readonly #ended: Promise<void>;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(
    options: StoreSubscriptionOptions,
    read: ReadPartition,
    onEnd: (tail: StoreTail) => void,
  ) {
    this.partition = options.partition;
    this.#options = options;
    this.#read = read;
    this.#ended = this.#run().finally(() => onEnd(this));
  }

  /** The partition has grown. */
  wake(): void {
    this.#wake?.();
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
    // The caller gets its subscription before the first batch.
    await nextTurn();
    try {
      while (!this.#stopped) {
        const events = this.#read(partition, position, maxBatch);
        const last = events.at(-1);
        if (last === undefined) {
          await this.#grown();
          continue;
        }
        await handle(events);
        position = last.position;
        // A long way to catch up must leave turns to everybody else, however fast the handler is.
        if (events.length === maxBatch) await nextTurn();
      }
    } catch (error) {
      onError(error);
    }
  }

  /** No wake-up is lost: reading and falling asleep are one synchronous step. */
  #grown(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
