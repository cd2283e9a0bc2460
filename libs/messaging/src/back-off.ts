import { setTimeout as sleep } from 'node:timers/promises';

/** How long a partition rests after failures. */
export interface BackOffOptions {
  /** Longest pause after the first failure, in milliseconds. Default 50. */
  readonly firstMs?: number;
  /** Longest pause however many failures there were, in milliseconds. Default 30,000. */
  readonly capMs?: number;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  /** Waits that long, or rejects early when the signal aborts. Default: a timer. */
  readonly wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Pauses that double with every failure up to a cap. Each lasts between half of its length and all of it, at random, so
 * that partitions which failed together do not all come back together.
 */
export class BackOff {
  readonly #firstMs: number;
  readonly #capMs: number;
  readonly #random: () => number;
  readonly #wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  #failures = 0;

  constructor(options: BackOffOptions = {}) {
    this.#firstMs = options.firstMs ?? 50;
    this.#capMs = options.capMs ?? 30_000;
    this.#random = options.random ?? Math.random;
    this.#wait =
      options.wait ?? ((milliseconds, signal) => sleep(milliseconds, undefined, { signal }));
  }

  /** Pauses after one more failure; resolves early when the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const longest = Math.min(this.#capMs, this.#firstMs * 2 ** this.#failures);
    this.#failures++;
    try {
      await this.#wait(longest / 2 + (this.#random() * longest) / 2, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Forgets the failures. */
  reset(): void {
    this.#failures = 0;
  }
}
