import { createHash } from 'node:crypto';
import {
  type AppendResult,
  type CommandReceipt,
  DuplicateReceiptError,
  type EventStore,
  type Snapshot,
  type StoredReceipt,
  type StoreSubscription,
  type StoreSubscriptionOptions,
  type StreamAppend,
} from '@unionfold/eventsourcing';
import type { Cache } from './cache.ts';
import type { JsonValue } from './json.ts';

/** See {@link withReceiptCache}. */
export interface ReceiptCacheOptions {
  /** Which store's receipts: the service's name. The same idempotency key may be used with two services. */
  readonly scope: string;
  /** Default 10 minutes: how long callers usually try again. */
  readonly ttlMs?: number;
}

/** Receipts of appends with more events are not cached: they are rare and large. */
const MOST_EVENTS = 200;

/**
 * An event store whose receipts are looked for in a cache first. A receipt that exists never changes, so one that was
 * found or written is right for ever; that there is none is never cached, and asked of the store each time.
 *
 * The cache is named by a hash of the idempotency key, which callers choose and may make of a person's number.
 *
 * @param cache whose failures are its own matter: those of a raw adapter are passed over here, too
 */
export function withReceiptCache(
  store: EventStore,
  cache: Cache,
  options: ReceiptCacheOptions,
): EventStore {
  return new ReceiptCachingStore(store, cache, options);
}

class ReceiptCachingStore implements EventStore {
  readonly #store: EventStore;
  readonly #cache: Cache;
  readonly #scope: string;
  readonly #ttlMs: number;
  readonly #fills = new Set<Promise<void>>();

  constructor(store: EventStore, cache: Cache, { scope, ttlMs = 600_000 }: ReceiptCacheOptions) {
    this.#store = store;
    this.#cache = cache;
    this.#scope = scope;
    this.#ttlMs = ttlMs;
  }

  get partitions(): number {
    return this.#store.partitions;
  }

  async append(appends: readonly StreamAppend[], receipt?: CommandReceipt): Promise<AppendResult> {
    if (receipt === undefined) return await this.#store.append(appends);
    try {
      const appended = await this.#store.append(appends, receipt);
      this.#keep({ ...receipt, appended });
      return appended;
    } catch (error) {
      if (error instanceof DuplicateReceiptError) this.#keep(error.receipt);
      throw error;
    }
  }

  async findReceipt(key: string): Promise<StoredReceipt | undefined> {
    const cached = await this.#cache.get(this.#cacheKey(key)).catch(() => undefined);
    const known = cachedReceipt(key, cached);
    if (known !== undefined) return known;
    const found = await this.#store.findReceipt(key);
    if (found !== undefined) this.#keep(found);
    return found;
  }

  readStream(...asked: Parameters<EventStore['readStream']>): ReturnType<EventStore['readStream']> {
    return this.#store.readStream(...asked);
  }

  readPartition(
    ...asked: Parameters<EventStore['readPartition']>
  ): ReturnType<EventStore['readPartition']> {
    return this.#store.readPartition(...asked);
  }

  heads(): Promise<readonly number[]> {
    return this.#store.heads();
  }

  subscribe(options: StoreSubscriptionOptions): StoreSubscription {
    return this.#store.subscribe(options);
  }

  loadSnapshot(stream: string): Promise<Snapshot | undefined> {
    return this.#store.loadSnapshot(stream);
  }

  saveSnapshot(snapshot: Snapshot): Promise<void> {
    return this.#store.saveSnapshot(snapshot);
  }

  /** Closes the store; the cache belongs to whoever made it. */
  async close(): Promise<void> {
    await this.#store.close();
    await Promise.all(this.#fills);
  }

  /** Nobody waits for it: the receipt is in the store. */
  #keep({ key, fingerprint, result, appended }: StoredReceipt): void {
    if (appended.length > MOST_EVENTS) return;
    const places = appended.map(({ stream, version, partition, position }) => [
      stream,
      version,
      partition,
      position,
    ]);
    const value = { fingerprint, result, appended: places };
    const fill = this.#cache
      .set(this.#cacheKey(key), value, { ttlMs: this.#ttlMs })
      .catch(() => undefined)
      .finally(() => this.#fills.delete(fill));
    this.#fills.add(fill);
  }

  #cacheKey(key: string): string {
    const hash = createHash('sha256').update(`${this.#scope}\u0000${key}`).digest('base64url');
    return `receipt:${this.#scope}:${hash}`;
  }
}

/** The receipt of a cached value; undefined when it is none, or one of another version of this code. */
function cachedReceipt(key: string, cached: JsonValue | undefined): StoredReceipt | undefined {
  if (!isObject(cached)) return undefined;
  const { fingerprint, result, appended } = cached;
  if (typeof fingerprint !== 'string' || !isObject(result) || !Array.isArray(appended)) {
    return undefined;
  }
  const places = appended.map(placeOf);
  if (!places.every((place) => place !== undefined)) return undefined;
  return { key, fingerprint, result, appended: places };
}

function placeOf(place: JsonValue): AppendResult[number] | undefined {
  if (!Array.isArray(place)) return undefined;
  const [stream, version, partition, position] = place;
  if (typeof stream !== 'string' || typeof version !== 'number') return undefined;
  if (typeof partition !== 'number' || typeof position !== 'number') return undefined;
  return { stream, version, partition, position };
}

function isObject(
  value: JsonValue | undefined,
): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
