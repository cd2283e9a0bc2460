import { setTimeout as sleep } from 'node:timers/promises';
import type { BatchInHand } from './batch-in-hand.ts';
import type { LogBatch } from './event-log.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** Batches that were applied to the same documents and are to be committed together. */
export interface AppliedBatches {
  readonly documents: UnitOfWork;
  /** In their order. When there is a failure, it is the last one's, which is applied in part or not at all. */
  readonly works: readonly BatchInHand[];
  readonly failure?: { readonly error: unknown };
}

/** Documents that are being committed, and whether that has succeeded. */
export interface CommitUnderWay {
  readonly documents: UnitOfWork;
  readonly done: Promise<boolean>;
}

/** What is done with batches. */
export interface PipelineSteps {
  /** Runs work when nobody else of the consumer runs any. */
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
  /** Whether others wait for their turn. */
  readonly isAwaited: () => boolean;
  /**
   * Applies batches to documents in memory.
   * @param before what is being committed meanwhile: its documents are read as if they were in the store
   */
  readonly apply: (
    batches: readonly LogBatch[],
    before: CommitUnderWay | undefined,
  ) => Promise<AppliedBatches>;
  /** Makes all of it durable, or nothing. */
  readonly commit: (applied: AppliedBatches) => Promise<void>;
  /** After a failure to commit: whether each batch may have to be looked at by itself. */
  readonly isOfBatch: (error: unknown) => boolean;
  /** Handles one batch from its beginning to its commit, and finds out which event it fails at, if any. */
  readonly alone: (batch: LogBatch) => Promise<void>;
}

interface Waiting {
  readonly batch: LogBatch;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The batches of a consumer on their way. Those that wait are applied and committed together, and while they are being
 * committed the next ones are applied already, on top of them: a commit waits for a disk, and the more is to be done,
 * the more goes with each.
 */
export class BatchPipeline {
  readonly #steps: PipelineSteps;
  readonly #maxEvents: number;
  readonly #paceMs: number;
  #lastBegan = Number.NEGATIVE_INFINITY;
  #waiting: Waiting[] = [];
  #hasTurn = false;
  #arrival = Promise.withResolvers<void>();

  /**
   * @param maxEvents of batches that are committed together, unless one alone has more
   * @param paceMs shortest time from one beginning to the next while there is less than that
   */
  constructor(steps: PipelineSteps, maxEvents: number, paceMs: number) {
    this.#steps = steps;
    this.#maxEvents = maxEvents;
    this.#paceMs = paceMs;
  }

  /** Resolves when the batch is durable. */
  async add(batch: LogBatch): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ batch, resolve, reject });
    this.#arrival.resolve();
    this.#askForTurn();
    await promise;
  }

  #askForTurn(): void {
    if (this.#hasTurn) return;
    this.#hasTurn = true;
    void this.#steps.inTurn(() => this.#run());
  }

  async #run(): Promise<void> {
    let before: CommitUnderWay | undefined;
    let isFirst = true;
    for (;;) {
      if (this.#waiting.length > 0 && (isFirst || !this.#steps.isAwaited())) {
        await this.#keepPace();
        before = await this.#handle(this.#take(), before);
        isFirst = false;
        continue;
      }
      if (before === undefined) break;
      this.#arrival = Promise.withResolvers();
      const { done } = before;
      const isDone = done.then(() => true);
      const arrival = this.#arrival.promise.then(() => this.#steps.isAwaited());
      if (await Promise.race([isDone, arrival])) {
        await done;
        before = undefined;
      }
    }
    this.#hasTurn = false;
    if (this.#waiting.length > 0) this.#askForTurn();
  }

  async #keepPace(): Promise<void> {
    const early = this.#lastBegan + this.#paceMs - performance.now();
    const waiting = this.#waiting.reduce((sum, { batch }) => sum + batch.events.length, 0);
    if (early > 0 && waiting < this.#maxEvents) await sleep(early);
    this.#lastBegan = performance.now();
  }

  #take(): Waiting[] {
    let events = 0;
    let count = 0;
    for (const { batch } of this.#waiting) {
      events += batch.events.length;
      if (count > 0 && events > this.#maxEvents) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  /** Resolves when the commit has begun. */
  async #handle(
    group: Waiting[],
    before: CommitUnderWay | undefined,
  ): Promise<CommitUnderWay | undefined> {
    const batches = group.map(({ batch }) => batch);
    const apply = (after: CommitUnderWay | undefined) =>
      this.#steps.apply(batches, after).then(
        (applied) => ({ applied }),
        (error: unknown) => ({ error }),
      );
    let outcome = await apply(before);
    // What was not committed must not be built on.
    if (before !== undefined && !(await before.done)) outcome = await apply(undefined);
    if ('error' in outcome) {
      for (const { reject } of group) reject(outcome.error);
      return undefined;
    }
    const { applied } = outcome;
    // Those behind a failure have not been looked at.
    this.#waiting.unshift(...group.splice(applied.works.length));
    return { documents: applied.documents, done: this.#commit(group, applied) };
  }

  /** Whether the documents are in the store now, and nothing else. */
  async #commit(group: readonly Waiting[], applied: AppliedBatches): Promise<boolean> {
    const { failure } = applied;
    const whole = failure === undefined ? group : group.slice(0, -1);
    const failing = group.slice(whole.length);
    try {
      await this.#steps.commit(applied);
      for (const { resolve } of whole) resolve();
      return true;
    } catch (error) {
      if (this.#steps.isOfBatch(error)) await this.#eachAlone(whole);
      else for (const { reject } of whole) reject(error);
      return false;
    } finally {
      for (const { reject } of failing) reject(failure?.error);
    }
  }

  async #eachAlone(group: readonly Waiting[]): Promise<void> {
    for (const { batch, resolve, reject } of group) {
      await this.#steps.alone(batch).then(resolve, reject);
    }
  }
}
