import {
  type RateDecision,
  type RateLimit,
  type RateLimiter,
  takeFromBucket,
} from '../rate-limiter.ts';
import { luaScript } from './lua-script.ts';
import { microsecondsNow } from './lua-time.ts';
import type { RedisConnection } from './redis-connection.ts';

/**
 * The storing half of {@link takeFromBucket}; the decision is then made by that function itself, from the same whole
 * numbers. Microseconds since 1970 and the longest bucket stay below 2^53, where Lua's numbers are exact.
 * ARGV: microseconds that the take costs, microseconds of the whole bucket. Answers: now, when it was full before or ''.
 */
const take = luaScript(`
${microsecondsNow}
local fullAt = redis.call('GET', KEYS[1])
local missing = 0
if fullAt and tonumber(fullAt) > now then missing = tonumber(fullAt) - now end
local after = missing + tonumber(ARGV[1])
if after <= tonumber(ARGV[2]) then
  redis.call('SET', KEYS[1], string.format('%.0f', now + after), 'PX', math.ceil(after / 1000) + 1)
end
return { string.format('%.0f', now), fullAt or '' }
`);

/** The rate limiter of all processes that share a Redis, on its clock. A bucket's record ends when it is full. */
export class RedisRateLimiter implements RateLimiter {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /**
   * @throws RangeError when the limit or the cost makes no sense
   * @throws CacheUnavailableError when Redis does not answer; something may have been taken
   */
  async take(key: string, limit: RateLimit, cost = 1): Promise<RateDecision> {
    const { fullAtUs: costUs } = takeFromBucket(limit, cost, undefined, 0);
    const bucketUs = (costUs / cost) * limit.capacity;
    const answer = await this.#connection.runScript(
      take,
      [this.#connection.key('rate', key)],
      [costUs, bucketUs],
    );
    const [nowUs, fullAtUs] = takeAnswer(answer);
    return takeFromBucket(limit, cost, fullAtUs, nowUs).decision;
  }

  /** Leaves the connection open, which belongs to whoever opened it. */
  async close(): Promise<void> {}
}

function takeAnswer(answer: unknown): [nowUs: number, fullAtUs: number | undefined] {
  if (!Array.isArray(answer)) throw new TypeError('the script of a take answers with a list');
  const [nowUs, fullAtUs] = answer;
  return [Number(nowUs), fullAtUs === '' ? undefined : Number(fullAtUs)];
}
