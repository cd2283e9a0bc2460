import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreUnavailableError } from '@unionfold/eventsourcing';
import { asStoreError } from './sqlite-errors.ts';

/** What a unit of work answers instead of a result: it refuses, and has written nothing. */
export class Refused {
  readonly error: Error;

  constructor(error: Error) {
    this.error = error;
  }
}

/** How units of work share transactions. */
export interface GroupCommitOptions {
  readonly database: DatabaseSync;
  readonly file: string;
  /** A transaction takes up to this many units, … */
  readonly maxUnits: number;
  /** … and stops taking once their weights reach this. */
  readonly maxWeight: number;
  /** After a commit, before anybody is told. Must not throw. */
  readonly committed?: () => void;
  /** After a rollback: drop what memory holds of it. Asked again before the next transaction when it throws. */
  readonly rolledBack?: () => void;
}

/** Settled units are dropped from the front of the queue at the latest after this many. */
const compactAfter = 8192;

interface Unit {
  readonly weight: number;
  readonly work: () => unknown;
  readonly resolve: (result: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: units of work that arrive while a transaction runs, or in the same turn of the event loop, share the
 * next transaction and its single fsync. Each is still atomic: it refuses before it writes anything ({@link Refused}),
 * or it throws, and then the transaction is undone and its other units are run again on their own.
 *
 * Nobody is told anything, not even a refusal, before COMMIT has returned: a refusal may rest on a neighbour's writes.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #database: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #queue: Unit[] = [];
  #next = 0;
  #scheduled = false;
  #memoryIsStale = false;
  #drained: PromiseWithResolvers<void> | undefined;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#database = options.database;
    this.#begin = options.database.prepare('BEGIN IMMEDIATE');
    this.#commit = options.database.prepare('COMMIT');
  }

  /**
   * Runs the work in the next transaction; resolves with its result when that is durable.
   * @param weight rough number of rows that the work writes
   * @throws the error of a {@link Refused}; StoreUnavailableError when the commit failed or the queue is closed
   */
  submit<Result>(weight: number, work: () => Result | Refused): Promise<Result> {
    if (this.#drained !== undefined) return Promise.reject(closedError(this.#options.file));
    return new Promise<Result>((resolve, reject) => {
      this.#queue.push({ weight, work, resolve, reject });
      this.#schedule();
    });
  }

  /** Runs all that waits, now. */
  flush(): void {
    while (this.#next < this.#queue.length) this.#runNextBatch();
  }

  /** Takes nothing more; resolves when all that waited has been settled. */
  close(): Promise<void> {
    this.#drained ??= Promise.withResolvers<void>();
    if (this.#next >= this.#queue.length) this.#drained.resolve();
    return this.#drained.promise;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // A turn of the event loop later, so that all that arrives in this one shares the transaction.
    setImmediate(() => {
      this.#scheduled = false;
      this.#runNextBatch();
      if (this.#next < this.#queue.length) this.#schedule();
      else this.#drained?.resolve();
    });
  }

  #runNextBatch(): void {
    const batch = this.#takeBatch();
    if (batch.length > 0) this.#run(batch);
  }

  #takeBatch(): Unit[] {
    const start = this.#next;
    let weight = 0;
    let end = start;
    while (end < this.#queue.length && end - start < this.#options.maxUnits) {
      const unit = this.#queue[end];
      if (unit === undefined || weight >= this.#options.maxWeight) break;
      weight += unit.weight;
      end += 1;
    }
    const batch = this.#queue.slice(start, end);
    this.#next = end;
    if (end === this.#queue.length || end >= compactAfter) {
      this.#queue = this.#queue.slice(end);
      this.#next = 0;
    }
    return batch;
  }

  #run(batch: readonly Unit[]): void {
    const results: unknown[] = new Array(batch.length);
    let executed = false;
    try {
      if (this.#memoryIsStale) this.#refreshMemory();
      this.#begin.run();
      for (const [index, unit] of batch.entries()) results[index] = unit.work();
      executed = true;
      this.#commit.run();
    } catch (error) {
      this.#undo();
      const cause = asStoreError(error, this.#options.file);
      // One unit's failure must not be its neighbours': each gets a transaction of its own. A failed COMMIT is the
      // disk's, and would fail for each of them again.
      if (batch.length > 1 && !executed) for (const unit of batch) this.#run([unit]);
      else for (const unit of batch) unit.reject(cause);
      return;
    }
    this.#options.committed?.();
    for (const [index, unit] of batch.entries()) {
      const result = results[index];
      if (result instanceof Refused) unit.reject(result.error);
      else unit.resolve(result as never);
    }
  }

  #undo(): void {
    this.#memoryIsStale = true;
    try {
      // SQLite has already rolled back by itself after some errors, such as a full disk.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#refreshMemory();
    } catch {
      // Still stale: refreshed before the next transaction, which fails too as long as the database cannot be read.
    }
  }

  #refreshMemory(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#options.rolledBack?.();
    this.#memoryIsStale = false;
  }
}

/** For calls after close. */
export function closedError(file: string): StoreUnavailableError {
  return new StoreUnavailableError(`${file} is closed`);
}
