import { LRUCache } from 'lru-cache';

/** The state of a stream at one of its versions. */
export interface FoldedState {
  /** The decider that folded it: another one's state of the same stream is of no use. */
  readonly decider: object;
  readonly version: number;
  readonly state: unknown;
  /** Version of the stored snapshot, 0 without one. */
  readonly snapshotVersion: number;
  /** When its oldest part was read from the store: {@link StateCache.now} at that time. */
  readonly since: number;
}

/** Settings of a {@link StateCache}. */
export interface StateCacheOptions {
  readonly maxStates: number;
  /** A state is folded anew after this time, whether or not it was used. Milliseconds. */
  readonly maxAgeMs: number;
}

/**
 * Folded states in memory. They hold only what was read from the store or durably appended to it, so that the next
 * command reads just the events after them. They also hold personal data in plain, which the log does not: an entry
 * never lives longer than its age, and {@link forget} takes it out at once.
 */
export class StateCache {
  readonly #states: LRUCache<string, FoldedState>;
  readonly #maxAgeMs: number;
  #epoch = 0;

  constructor({ maxStates, maxAgeMs }: StateCacheOptions) {
    this.#states = new LRUCache({ max: maxStates });
    this.#maxAgeMs = maxAgeMs;
  }

  /** Milliseconds that never run backwards. */
  now(): number {
    return performance.now();
  }

  /** Changes whenever something is forgotten; see {@link keep}. */
  get epoch(): number {
    return this.#epoch;
  }

  get(stream: string, decider: object): FoldedState | undefined {
    const kept = this.#states.get(stream);
    if (kept === undefined || kept.decider !== decider) return undefined;
    return this.now() - kept.since < this.#maxAgeMs ? kept : undefined;
  }

  /**
   * Keeps a state unless a newer one is there: sessions overlap, and the one that ends last may have begun first.
   * @param epoch the epoch when the state was begun; one that was read before something was forgotten is not kept
   */
  keep(stream: string, folded: FoldedState, epoch: number): void {
    if (epoch !== this.#epoch) return;
    const kept = this.get(stream, folded.decider);
    if (kept !== undefined && kept.version > folded.version) return;
    if (kept?.version === folded.version && kept.snapshotVersion >= folded.snapshotVersion) return;
    this.#states.set(stream, folded);
  }

  forget(stream: string): void {
    this.#epoch += 1;
    this.#states.delete(stream);
  }
}
