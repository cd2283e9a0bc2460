import type { Cache, CacheLifetime } from '../cache.ts';
import { CacheUnavailableError } from '../cache-unavailable-error.ts';
import type { JsonValue } from '../json.ts';
import { SingleFlight } from '../single-flight.ts';

/**
 * A cache that may be gone: then nothing is found, nothing is kept, and `getOrLoad` loads, callers at the same time
 * together. Only a deletion says that it failed, because what it was about may still be served to others: whoever
 * deletes must decide what that means.
 *
 * How little a cache that is gone costs is its connection's matter, as is the notice of it.
 */
export class DegradingCache implements Cache {
  readonly #inner: Cache;
  readonly #loads = new SingleFlight<string>();

  constructor(inner: Cache) {
    this.#inner = inner;
  }

  async get(key: string): Promise<JsonValue | undefined> {
    return await orElse(this.#inner.get(key), () => undefined);
  }

  async set(key: string, value: JsonValue, lifetime: CacheLifetime): Promise<void> {
    this.#loads.forget(key);
    await orElse(this.#inner.set(key, value, lifetime), () => undefined);
  }

  /** @throws CacheUnavailableError when it may not have been done: values live on until their time is over */
  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#loads.forget(key);
    await this.#inner.delete(keys);
  }

  async getOrLoad(
    key: string,
    lifetime: CacheLifetime,
    load: () => Promise<JsonValue>,
  ): Promise<JsonValue> {
    let loading: Promise<JsonValue> | undefined;
    const cached = this.#inner.getOrLoad(key, lifetime, () => {
      loading = Promise.resolve().then(load);
      return loading;
    });
    return await orElse(cached, () => loading ?? this.#loadTogether(key, load));
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  async #loadTogether(key: string, load: () => Promise<JsonValue>): Promise<JsonValue> {
    return JSON.parse(await this.#loads.run(key, async () => JSON.stringify(await load())));
  }
}

async function orElse<Answer, Other>(
  answer: Promise<Answer>,
  otherwise: () => Other | Promise<Other>,
): Promise<Answer | Other> {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof CacheUnavailableError)) throw error;
    return await otherwise();
  }
}
