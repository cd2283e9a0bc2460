/** What a holder shows to prove its lease. */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  /**
   * The fencing token: greater than that of every lease of this name before. A store that is written to under the
   * lease refuses an epoch below the greatest it has seen.
   */
  readonly epoch: number;
}

/**
 * The lease store port: at most one holder of a name at a time.
 *
 * How a holder uses it: acquire; work and write with the epoch; renew well before the time is over; when a renewal
 * fails, stop at once. A holder that was suspended may still believe in its lease after another has it: only the
 * epoch keeps its writes out.
 *
 * Adapters hold: time is the store's own, never that of the asking process; epochs of a name only grow, also over
 * releases, expiries and restarts of the store, so a name's record is never removed.
 */
export interface LeaseStore {
  /**
   * Takes the lease when it is free, over, or held by the same holder: a holder that asks again (because it was
   * restarted, or an answer was lost) starts a new epoch, and its old lease is worth nothing.
   *
   * @param holder unique among all processes
   * @param ttlMs whole milliseconds above zero
   * @returns undefined when another one holds it
   */
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined>;
  /**
   * Holds the lease for `ttlMs` from now.
   *
   * @returns false when it is over, even if nobody has taken it since: what the name stands for may have changed
   */
  renew(lease: Lease, ttlMs: number): Promise<boolean>;
  /** Ends the lease, if it is still held; its record and epoch stay. */
  release(lease: Lease): Promise<void>;
  close(): Promise<void>;
}
