import type { AppendResult } from '@unionfold/eventsourcing';
import type { PreparedAppend } from '../../prepared-append.ts';

/** An append that waits for its transaction. */
export interface WaitingAppend {
  readonly append: PreparedAppend;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/** How much shares a transaction. */
export interface BatchLimits {
  readonly appends: number;
  readonly events: number;
  /** Of events' data. */
  readonly bytes: number;
}

/**
 * Group commit: appends that arrive while a transaction runs share the next one. One transaction at a time, because two
 * of one process would only collide on the counters of their partitions.
 */
export class AppendQueue {
  readonly #limits: BatchLimits;
  readonly #commit: (batch: readonly WaitingAppend[]) => Promise<void>;
  #waiting: WaitingAppend[] = [];
  #next = 0;
  #running: Promise<void> | undefined;

  /** @param commit settles every append of a batch; never rejects */
  constructor(limits: BatchLimits, commit: (batch: readonly WaitingAppend[]) => Promise<void>) {
    this.#limits = limits;
    this.#commit = commit;
  }

  /** Resolves when it is durable. */
  submit(append: PreparedAppend): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ append, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when all that waits is settled. */
  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // A turn of the event loop later, so that all that arrives in this one shares the transaction.
    await new Promise((resolve) => setImmediate(resolve));
    for (let batch = this.#take(); batch.length > 0; batch = this.#take()) {
      await this.#commit(batch);
    }
    // In the same step as finding nothing: what is submitted a moment later must start a new run.
    this.#running = undefined;
  }

  #take(): WaitingAppend[] {
    const start = this.#next;
    let events = 0;
    let bytes = 0;
    while (this.#next < this.#waiting.length) {
      const append = this.#waiting[this.#next]?.append;
      if (append === undefined) break;
      const isFull =
        this.#next - start >= this.#limits.appends ||
        events >= this.#limits.events ||
        bytes >= this.#limits.bytes;
      if (isFull) break;
      events += append.eventCount;
      for (const { events: own } of append.streams) {
        for (const { data } of own) bytes += data.length;
      }
      this.#next += 1;
    }
    const batch = this.#waiting.slice(start, this.#next);
    if (this.#next === this.#waiting.length || this.#next > 8_192) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    return batch;
  }
}
