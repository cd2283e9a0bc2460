import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Collection } from 'mongodb';

/** A process that has lost the race for a transaction lately. */
export interface ContenderDocument {
  readonly _id: string;
  readonly lostAt: Date;
}

/** How long a loss counts, in milliseconds. */
const memoryMs = 1_000;
/** How often others are looked for, in milliseconds. */
const lookMs = 200;

/**
 * Fairness between processes that write one store. MongoDB lets a transaction that meets another one fail at once, so
 * that a process with work in hand, which begins the next transaction the moment the last one has ended, would win every
 * race, and the others would never write. Who loses says so, and who wins while others have lost lately leaves them a
 * gap of about half a transaction's time.
 */
export class WriterContention {
  readonly #contenders: Collection<ContenderDocument>;
  readonly #self = randomUUID();
  #lookedAt = 0;
  #isContended = false;

  constructor(contenders: Collection<ContenderDocument>) {
    this.#contenders = contenders;
  }

  /** This process has lost a race. */
  async lost(): Promise<void> {
    this.#isContended = true;
    await this.#contenders
      .updateOne({ _id: this.#self }, [{ $set: { lostAt: '$$NOW' } }], { upsert: true })
      .catch(() => undefined);
  }

  /**
   * This process has won: leaves a gap where others wait.
   * @param tookMs how long its transaction took
   */
  async won(tookMs: number): Promise<void> {
    if (performance.now() - this.#lookedAt > lookMs) await this.#look();
    if (this.#isContended) await sleep(tookMs * (0.25 + 0.5 * Math.random()));
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now();
    const isRecent = { $gt: ['$lostAt', { $subtract: ['$$NOW', memoryMs] }] };
    const other = await this.#contenders
      .findOne({ _id: { $ne: this.#self }, $expr: isRecent })
      .catch(() => null);
    this.#isContended = other !== null;
  }
}
