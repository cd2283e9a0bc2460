import type { DeadLetterEntry } from './dead-letters.ts';
import type { LogBatch } from './event-log.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** All pauses of one batch together; a batch full of poison must not hold up its partition for minutes. Milliseconds. */
const pausesPerBatchMs = 2_000;

/** What failed, and why. */
interface Poison {
  readonly entry: DeadLetterEntry;
  readonly error: unknown;
}

/** A batch, or a part of it, while it is handled. */
export class BatchInHand {
  readonly batch: LogBatch;
  readonly documents: UnitOfWork;
  /** What failed, by the key of its stream; not parked before it is durable. */
  readonly poison = new Map<string, Poison>();
  /** What could not be handled, and what is parked behind it. */
  readonly letters: DeadLetterEntry[] = [];
  /** Streams that were found parked in the store. */
  readonly parked = new Set<string>();
  /** What is left for pauses. */
  pausesMs = pausesPerBatchMs;
  /** Position of the last event that was applied or parked. */
  handledTo: number | undefined;

  constructor(batch: LogBatch, documents: UnitOfWork) {
    this.batch = batch;
    this.documents = documents;
  }
}
