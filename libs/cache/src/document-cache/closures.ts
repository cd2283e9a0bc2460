import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CollectionSpec, Document, DocumentStore } from '@unionfold/eventsourcing';
import type { OnNotice } from '../cache-unavailable-error.ts';
import { monotonicClock } from '../clock.ts';

/** How to make {@link Closures}. All times in milliseconds. */
export interface ClosuresOptions {
  readonly store: DocumentStore;
  /** Forgets all that is cached. Fails while Redis does not answer. */
  readonly forgetAll: () => Promise<void>;
  readonly onNotice: OnNotice;
  /** How long a process goes on reading from the cache after a look at the closures that found none. */
  readonly permitMs: number;
  /** How long an outcome that is not known may take to become known, and a process that beats no more to be dead. */
  readonly markMs: number;
}

/** Where closures stand: beside the documents, so that who can write those can write these. */
const CLOSURES: CollectionSpec = { name: 'document_cache_closures', indexes: [] };
/** A process's clock may tick a little differently from another's. */
const CLOCK_DIFFERENCE = 1.1;
/** How often a process that has closed the cache tries to open it again, in milliseconds. */
const TRIAL_MS = 1_000;
/** So many times in `markMs` a process shows that it still needs its closure. */
const BEATS = 10;

/**
 * Who has closed the cache. A process that cannot mark what it writes writes a closure into the document store itself,
 * and waits until no process reads from the cache any more: each does so only for `permitMs` after it has seen that
 * there is no closure. Then it writes without marks for as long as it must.
 */
export class Closures {
  readonly #options: ClosuresOptions;
  #defined: Promise<void> | undefined;
  // As a reader.
  #permittedUntil = 0;
  #looking: Promise<void> | undefined;
  readonly #others = new Map<string, { readonly beat: unknown; readonly since: number }>();
  // As a writer.
  #standing: { readonly id: string; beat: number; beatAt: number } | undefined;
  #changing: Promise<void> = Promise.resolve();
  #underWay = 0;
  #unknownUntil = 0;
  #trials: NodeJS.Timeout | undefined;
  #trial: Promise<void> | undefined;

  constructor(options: ClosuresOptions) {
    this.#options = options;
  }

  /** Whether this process may read from the cache now. Looks again in time, while it is asked. */
  permits(): boolean {
    const now = monotonicClock();
    if (now > this.#permittedUntil - this.#options.permitMs / 2) {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }
    return now < this.#permittedUntil;
  }

  /**
   * Does work that writes without marks, while no process reads from the cache.
   * @param isRefusal whether an error of the work says that nothing was written
   */
  async unmarked<Result>(
    work: () => Promise<Result>,
    isRefusal: (error: unknown) => boolean,
  ): Promise<Result> {
    // Counted before the closure is looked at: one that is needed is not removed.
    this.#underWay += 1;
    try {
      await this.#close();
      return await work().catch((error: unknown) => {
        if (!isRefusal(error)) this.#unknownUntil = monotonicClock() + this.#options.markMs;
        throw error;
      });
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Stops; opens the cache if it can. A closure that stays is removed by another process when it beats no more. */
  async stop(): Promise<void> {
    clearInterval(this.#trials);
    await this.#trial;
    if (this.#standing !== undefined) await this.#open();
    await this.#looking;
  }

  /** One step at a time, so that opening and closing do not meet. */
  #close(): Promise<void> {
    const closed = this.#changing.then(() => this.#closeNow());
    this.#changing = closed.catch(() => undefined);
    return closed;
  }

  async #closeNow(): Promise<void> {
    const { store, permitMs, markMs, onNotice } = this.#options;
    // A process that was suspended for so long may have been taken for dead.
    const isFresh = monotonicClock() - (this.#standing?.beatAt ?? 0) < markMs / 3;
    if (this.#standing !== undefined && isFresh) return;
    await this.#define();
    const before = this.#standing?.id;
    const closure = { id: randomUUID(), beat: 0, beatAt: monotonicClock() };
    await store.commit({
      puts: [closureOf(closure)],
      deletes: before === undefined ? [] : [{ collection: CLOSURES.name, id: before }],
    });
    await delay(permitMs * CLOCK_DIFFERENCE);
    this.#standing = closure;
    this.#trials ??= setInterval(
      () => {
        this.#trial ??= this.#keep().finally(() => {
          this.#trial = undefined;
        });
      },
      Math.min(TRIAL_MS, markMs / BEATS),
    ).unref();
    if (before !== undefined) return;
    onNotice('document cache closed: this process cannot say in Redis what it writes', {});
  }

  /** Opens the cache when Redis answers and nothing is under way that was not marked; else shows that it is needed. */
  async #keep(): Promise<void> {
    if (this.#standing === undefined) return;
    if (this.#underWay > 0 || monotonicClock() < this.#unknownUntil || !(await this.#open())) {
      await this.#beat();
    }
  }

  async #open(): Promise<boolean> {
    const opened = this.#changing.then(async () => {
      if (this.#standing === undefined || monotonicClock() < this.#unknownUntil) return false;
      // Loads from before the closure, and what they may still store, are of no use from here on.
      await this.#options.forgetAll();
      if (this.#underWay > 0) return false;
      const { id } = this.#standing;
      // No longer relied upon from the moment that it may be gone.
      this.#standing = undefined;
      await this.#remove(id);
      clearInterval(this.#trials);
      this.#trials = undefined;
      this.#options.onNotice('document cache open again', {});
      return true;
    });
    this.#changing = opened.then(
      () => undefined,
      () => undefined,
    );
    return await opened.catch(() => false);
  }

  async #beat(): Promise<void> {
    const closure = this.#standing;
    if (closure === undefined) return;
    if (monotonicClock() - closure.beatAt < this.#options.markMs / BEATS) return;
    const beatAt = monotonicClock();
    closure.beat += 1;
    try {
      await this.#options.store.commit({ puts: [closureOf(closure)] });
      closure.beatAt = beatAt;
    } catch {
      // The store's trouble is told by whoever wants to write there; a closure without beats is made anew.
    }
  }

  async #look(): Promise<void> {
    const began = monotonicClock();
    try {
      await this.#define();
      const found = await this.#options.store.find(CLOSURES.name, { limit: 100 });
      if (found.length === 0) {
        this.#others.clear();
        this.#permittedUntil = began + this.#options.permitMs;
        return;
      }
      await this.#removeAbandoned(found);
    } catch {
      // Without a look there is no permission; the store's trouble is told by who reads there.
    }
  }

  async #removeAbandoned(found: readonly Document[]): Promise<void> {
    for (const { id, ['beat']: beat } of found) {
      const now = monotonicClock();
      const known = this.#others.get(id);
      if (known === undefined || known.beat !== beat) {
        this.#others.set(id, { beat, since: now });
      } else if (now - known.since > this.#options.markMs && id !== this.#standing?.id) {
        await this.#options.forgetAll();
        await this.#remove(id);
      }
    }
  }

  async #remove(id: string): Promise<void> {
    await this.#options.store.commit({ deletes: [{ collection: CLOSURES.name, id }] });
  }

  async #define(): Promise<void> {
    this.#defined ??= this.#options.store.define([CLOSURES]);
    try {
      await this.#defined;
    } catch (error) {
      this.#defined = undefined;
      throw error;
    }
  }
}

function closureOf({ id, beat }: { readonly id: string; readonly beat: number }): {
  readonly collection: string;
  readonly document: Document;
} {
  return { collection: CLOSURES.name, document: { id, beat } };
}

/** Whether a collection is the cache's own. */
export function isClosures(collection: string): boolean {
  return collection === CLOSURES.name;
}
