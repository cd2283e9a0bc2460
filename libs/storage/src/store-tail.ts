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
) => readonly RecordedEvent[] | Promise<readonly RecordedEvent[]>;

/** How a store's tails read and sleep. */
export interface TailOptions {
  readonly read: ReadPartition;
  /**
   * What follows a position, as far as this process knows, where that is at hand: then nothing is read before the tail is
   * woken.
   */
  readonly atHand?: (...asked: Parameters<ReadPartition>) => readonly RecordedEvent[] | undefined;
  readonly onEnd: (tail: StoreTail) => void;
  /** After so long a tail looks by itself, where a wake-up can get lost on its way. Milliseconds; absent: never. */
  readonly longestSleepMs?: number;
}

/** One subscription: reads on until it has caught up, then sleeps until the partition grows. */
export class StoreTail implements StoreSubscription {
  readonly partition: number;
  readonly #options: StoreSubscriptionOptions & TailOptions;
  readonly #ended: Promise<void>;
  #stopped = false;
  /** Woken since the last look began: what it has found is out of date already. */
  #isWoken = false;
  #wake: (() => void) | undefined;

  constructor(subscription: StoreSubscriptionOptions, options: TailOptions) {
    this.partition = subscription.partition;
    this.#options = { ...subscription, ...options };
    this.#ended = this.#run().finally(() => options.onEnd(this));
  }

  /** The partition has grown. */
  wake(): void {
    this.#isWoken = true;
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
    const { maxBatch, handle, onError } = this.#options;
    let position = this.#options.afterPosition;
    // The caller gets its subscription before the first batch.
    await nextTurn();
    try {
      while (!this.#stopped) {
        this.#isWoken = false;
        const atHand = this.#options.atHand?.(this.partition, position, maxBatch);
        const events = atHand ?? (await this.#read(position));
        const last = events.at(-1);
        if (this.#stopped) return;
        if (last !== undefined) {
          await handle(events);
          position = last.position;
        }
        const isAll = atHand === undefined ? last === undefined : atHand.length < maxBatch;
        if (isAll) await this.#grown();
        // A long way to catch up must leave turns to everybody else, however fast the handler is.
        if (events.length === maxBatch) await nextTurn();
      }
    } catch (error) {
      onError(error);
    }
  }

  /** Nothing where the store has closed meanwhile: whoever has stopped asks for no more. */
  async #read(position: number): Promise<readonly RecordedEvent[]> {
    const { partition, maxBatch, read } = this.#options;
    try {
      return await read(partition, position, maxBatch);
    } catch (error) {
      if (this.#stopped) return [];
      throw error;
    }
  }

  /** Resolves when it is woken, at once if it was since the look began, or after a while. */
  async #grown(): Promise<void> {
    if (this.#isWoken) return;
    const { longestSleepMs } = this.#options;
    await new Promise<void>((resolve) => {
      const timer =
        longestSleepMs === undefined ? undefined : setTimeout(() => this.#wake?.(), longestSleepMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
