import { randomUUID } from 'node:crypto';
import type { Cache, CacheLifetime } from '../cache.ts';
import { CacheUnavailableError } from '../cache-unavailable-error.ts';
import { assertDuration } from '../clock.ts';
import type { JsonValue } from '../json.ts';
import { SingleFlight } from '../single-flight.ts';
import { luaScript } from './lua-script.ts';
import type { RedisConnection } from './redis-connection.ts';

/** A stored text is a value or the token of the load that may fill the place. */
const VALUE = 'V';
const LOAD = 'L';

/** A load that takes longer is not stored. Milliseconds. */
const LONGEST_LOAD_MS = 30_000;

/** ARGV: token, its milliseconds. Answers the value there is, or takes the place for a load. */
const lookOrLoad = luaScript(`
local text = redis.call('GET', KEYS[1])
if text and string.sub(text, 1, 1) == '${VALUE}' then return text end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ''
`);

/** ARGV: token, value, its milliseconds. Stores unless the place was set, deleted or taken meanwhile. */
const fill = luaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`);

/**
 * The cache of all processes that share a Redis.
 *
 * A load leaves a token where its value will stand, and the value is stored only where the token still is: a deletion
 * by any process keeps out what was loaded before it.
 *
 * A deletion or a set that failed may still be done later, when the server has hung; what a deletion is about is then
 * served until its time is over at the latest.
 */
export class RedisCache implements Cache {
  readonly #connection: RedisConnection;
  readonly #loads = new SingleFlight<string>();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** @throws CacheUnavailableError when Redis does not answer */
  async get(key: string): Promise<JsonValue | undefined> {
    const text = await this.#connection.run((redis) => redis.get(this.#key(key)));
    return text?.startsWith(VALUE) ? JSON.parse(text.slice(VALUE.length)) : undefined;
  }

  /** @throws CacheUnavailableError when Redis does not answer; it may have been set */
  async set(key: string, value: JsonValue, { ttlMs }: CacheLifetime): Promise<void> {
    assertDuration(ttlMs);
    this.#loads.forget(key);
    const text = VALUE + JSON.stringify(value);
    await this.#connection.run((redis) => redis.set(this.#key(key), text, 'PX', ttlMs));
  }

  /** @throws CacheUnavailableError when Redis does not answer: what was to be deleted may still be served */
  async delete(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    for (const key of keys) this.#loads.forget(key);
    await this.#connection.run((redis) => redis.unlink(keys.map((key) => this.#key(key))));
  }

  /** @throws CacheUnavailableError when Redis does not answer and nothing was loaded */
  async getOrLoad(
    key: string,
    { ttlMs }: CacheLifetime,
    load: () => Promise<JsonValue>,
  ): Promise<JsonValue> {
    assertDuration(ttlMs);
    const text = await this.#loads.run(key, async (isCurrent) => {
      const token = LOAD + randomUUID();
      const known = await this.#connection.runScript(
        lookOrLoad,
        [this.#key(key)],
        [token, LONGEST_LOAD_MS],
      );
      if (typeof known === 'string' && known !== '') return known;
      const loaded = VALUE + JSON.stringify(await load());
      if (isCurrent()) await this.#fill(key, token, loaded, ttlMs);
      return loaded;
    });
    return JSON.parse(text.slice(VALUE.length));
  }

  /** Leaves the connection open, which belongs to whoever opened it. */
  async close(): Promise<void> {}

  /** A value that was loaded is worth having, whether it can be stored or not. */
  async #fill(key: string, token: string, text: string, ttlMs: number): Promise<void> {
    try {
      await this.#connection.runScript(fill, [this.#key(key)], [token, text, ttlMs]);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
    }
  }

  #key(key: string): string {
    return this.#connection.key('cache', key);
  }
}
