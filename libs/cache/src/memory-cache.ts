import { LRUCache } from 'lru-cache';
import type { Cache, CacheLifetime } from './cache.ts';
import { assertDuration, type Clock, monotonicClock } from './clock.ts';
import type { JsonValue } from './json.ts';
import { SingleFlight } from './single-flight.ts';

/** Bounds of a {@link MemoryCache}. */
export interface MemoryCacheOptions {
  /** Keys and values together, in bytes, by estimate; the least recently used go first. Default 32 MiB. */
  readonly maxBytes?: number;
  readonly now?: Clock;
}

interface Entry {
  /** JSON text: a copy that nobody can change, as every other adapter holds it. */
  readonly text: string;
  readonly expiresAt: number;
}

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
/** What an entry costs beside its characters. */
const ENTRY_BYTES = 100;

/** The cache of one process. */
export class MemoryCache implements Cache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #loads = new SingleFlight<string>();
  readonly #now: Clock;

  constructor(options: MemoryCacheOptions = {}) {
    this.#entries = new LRUCache({
      maxSize: options.maxBytes ?? DEFAULT_MAX_BYTES,
      sizeCalculation: ({ text }, key) => ENTRY_BYTES + 2 * (text.length + key.length),
    });
    this.#now = options.now ?? monotonicClock;
  }

  async get(key: string): Promise<JsonValue | undefined> {
    const text = this.#textOf(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async set(key: string, value: JsonValue, { ttlMs }: CacheLifetime): Promise<void> {
    assertDuration(ttlMs);
    this.#loads.forget(key);
    this.#store(key, JSON.stringify(value), ttlMs);
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.#loads.forget(key);
      this.#entries.delete(key);
    }
  }

  async getOrLoad(
    key: string,
    { ttlMs }: CacheLifetime,
    load: () => Promise<JsonValue>,
  ): Promise<JsonValue> {
    assertDuration(ttlMs);
    const text =
      this.#textOf(key) ??
      (await this.#loads.run(key, async (isCurrent) => {
        const loaded = JSON.stringify(await load());
        if (isCurrent()) this.#store(key, loaded, ttlMs);
        return loaded;
      }));
    return JSON.parse(text);
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }

  #textOf(key: string): string | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (this.#now() < entry.expiresAt) return entry.text;
    this.#entries.delete(key);
    return undefined;
  }

  #store(key: string, text: string, ttlMs: number): void {
    this.#entries.set(key, { text, expiresAt: this.#now() + ttlMs });
  }
}
