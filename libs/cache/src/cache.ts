import type { JsonValue } from './json.ts';

/** How long a value may be served. */
export interface CacheLifetime {
  /** Whole milliseconds above zero. */
  readonly ttlMs: number;
}

/**
 * The cache port: values that can be had again from somewhere else.
 *
 * Adapters hold: a value is never served after its time or after its deletion; values are copies, so that changing
 * what was put in or taken out changes nothing in the cache; any value may be forgotten at any time. There is no
 * deletion by pattern, which Redis can only do by walking all keys: put a generation into the key instead.
 */
export interface Cache {
  /** @returns undefined when there is none; `null` is a value */
  get(key: string): Promise<JsonValue | undefined>;
  set(key: string, value: JsonValue, lifetime: CacheLifetime): Promise<void>;
  /** A load under way for one of the keys is not stored, because it may have read what the deletion is about. */
  delete(keys: readonly string[]): Promise<void>;
  /**
   * The value, loaded and stored when there is none. Callers of one process that ask while a load is under way share
   * it. A load that fails is told to all who wait, and not stored.
   */
  getOrLoad(
    key: string,
    lifetime: CacheLifetime,
    load: () => Promise<JsonValue>,
  ): Promise<JsonValue>;
  close(): Promise<void>;
}
