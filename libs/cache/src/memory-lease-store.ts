import { assertDuration, type Clock, monotonicClock } from './clock.ts';
import type { Lease, LeaseStore } from './lease-store.ts';

/** Bounds of a {@link MemoryLeaseStore}. */
export interface MemoryLeaseStoreOptions {
  /** Names known at most; a record is never dropped, because its epoch would start again. Default 10,000. */
  readonly maxNames?: number;
  readonly now?: Clock;
}

/** More names than the store may hold: names that are made up without end, a bug of the caller. */
export class TooManyLeasesError extends Error {
  override readonly name = 'TooManyLeasesError';

  constructor(readonly limit: number) {
    super(`no more than ${limit} lease names`);
  }
}

interface LeaseRecord {
  readonly holder: string;
  readonly epoch: number;
  readonly expiresAt: number;
}

const DEFAULT_MAX_NAMES = 10_000;

/** The leases of one process. Their epochs end with it, as do all holders. */
export class MemoryLeaseStore implements LeaseStore {
  readonly #records = new Map<string, LeaseRecord>();
  readonly #maxNames: number;
  readonly #now: Clock;

  constructor(options: MemoryLeaseStoreOptions = {}) {
    this.#maxNames = options.maxNames ?? DEFAULT_MAX_NAMES;
    this.#now = options.now ?? monotonicClock;
  }

  /** @throws TooManyLeasesError when the name is new and there is no room for it */
  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    assertDuration(ttlMs);
    const now = this.#now();
    const record = this.#records.get(name);
    if (record === undefined && this.#records.size >= this.#maxNames) {
      throw new TooManyLeasesError(this.#maxNames);
    }
    if (record !== undefined && record.holder !== holder && now < record.expiresAt) {
      return undefined;
    }
    const epoch = (record?.epoch ?? 0) + 1;
    this.#records.set(name, { holder, epoch, expiresAt: now + ttlMs });
    return { name, holder, epoch };
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    assertDuration(ttlMs);
    const record = this.#held(lease);
    if (record === undefined) return false;
    this.#records.set(lease.name, { ...record, expiresAt: this.#now() + ttlMs });
    return true;
  }

  async release(lease: Lease): Promise<void> {
    const record = this.#held(lease);
    if (record !== undefined) this.#records.set(lease.name, { ...record, expiresAt: this.#now() });
  }

  async close(): Promise<void> {
    this.#records.clear();
  }

  /** The record of a lease that is still held; undefined when it is over or another one's. */
  #held({ name, holder, epoch }: Lease): LeaseRecord | undefined {
    const record = this.#records.get(name);
    if (record?.holder !== holder || record.epoch !== epoch) return undefined;
    return this.#now() < record.expiresAt ? record : undefined;
  }
}
