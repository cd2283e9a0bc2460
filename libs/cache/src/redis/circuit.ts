import type { Clock } from '../clock.ts';

/** How to make a {@link Circuit}. */
export interface CircuitOptions {
  /** How long nothing is tried after a failure, in milliseconds. */
  readonly restMs: number;
  readonly now: Clock;
  readonly onOpen: (reason: string) => void;
  readonly onClose: () => void;
}

/** The permission for one call. */
export type Pass = 'call' | 'trial';

/**
 * Keeps callers away from a server that fails: after a failure all are turned away at once, and one each `restMs` is
 * let through to see whether it answers again.
 */
export class Circuit {
  readonly #options: CircuitOptions;
  /** Undefined while all are let through. */
  #nextTrialAt: number | undefined;

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#nextTrialAt !== undefined;
  }

  /** @returns undefined for a caller that is turned away */
  admit(): Pass | undefined {
    if (this.#nextTrialAt === undefined) return 'call';
    const now = this.#options.now();
    if (now < this.#nextTrialAt) return undefined;
    this.#nextTrialAt = now + this.#options.restMs;
    return 'trial';
  }

  /** A call came back well. Only a trial says something about now: others were sent before the failure. */
  succeeded(pass: Pass): void {
    if (pass === 'trial') this.close();
  }

  /** @param reason without keys, values or addresses of persons */
  failed(reason: string): void {
    const wasClosed = this.#nextTrialAt === undefined;
    this.#nextTrialAt = this.#options.now() + this.#options.restMs;
    if (wasClosed) this.#options.onOpen(reason);
  }

  close(): void {
    if (this.#nextTrialAt === undefined) return;
    this.#nextTrialAt = undefined;
    this.#options.onClose();
  }
}
