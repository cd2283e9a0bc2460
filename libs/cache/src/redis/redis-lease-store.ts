import { assertDuration } from '../clock.ts';
import type { Lease, LeaseStore } from '../lease-store.ts';
import { luaScript } from './lua-script.ts';
import { microsecondsNow } from './lua-time.ts';
import type { RedisConnection } from './redis-connection.ts';

/** ARGV: holder, milliseconds. Answers the epoch, or '' when another one holds it. */
const acquire = luaScript(`
${microsecondsNow}
local record = redis.call('HMGET', KEYS[1], 'holder', 'epoch', 'expiresAt')
if record[1] and record[1] ~= ARGV[1] and now < tonumber(record[3]) then return '' end
local epoch = math.max(tonumber(record[2] or 0) + 1, now)
local text = string.format('%.0f', epoch)
redis.call('HSET', KEYS[1], 'holder', ARGV[1], 'epoch', text,
  'expiresAt', string.format('%.0f', now + tonumber(ARGV[2]) * 1000))
return text
`);

/** ARGV: holder, epoch, milliseconds from now on (0 ends the lease). Answers whether it was held. */
const renew = luaScript(`
${microsecondsNow}
local record = redis.call('HMGET', KEYS[1], 'holder', 'epoch', 'expiresAt')
if record[1] ~= ARGV[1] or record[2] ~= ARGV[2] or now >= tonumber(record[3]) then return 0 end
redis.call('HSET', KEYS[1], 'expiresAt', string.format('%.0f', now + tonumber(ARGV[3]) * 1000))
return 1
`);

/**
 * The leases of all processes that share a Redis, on its clock.
 *
 * For work where a second holder is harmless, or where what is written is refused by its epoch: a Redis that was
 * restarted without its last writes, or a replica that took over without them, gives a lease away while its holder
 * still believes in it. Epochs still grow over such a loss, as long as the servers' clocks do: a new one is at least the
 * time in microseconds. Records are never removed.
 */
export class RedisLeaseStore implements LeaseStore {
  readonly #connection: RedisConnection;

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /** @throws CacheUnavailableError when Redis does not answer; the lease may have been given: ask again */
  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    assertDuration(ttlMs);
    const answer = await this.#connection.runScript(acquire, [this.#key(name)], [holder, ttlMs]);
    return answer === '' ? undefined : { name, holder, epoch: Number(answer) };
  }

  /** @throws CacheUnavailableError when Redis does not answer: take the lease for lost */
  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    assertDuration(ttlMs);
    return await this.#holdFor(lease, ttlMs);
  }

  /** @throws CacheUnavailableError when Redis does not answer: the lease ends with its time */
  async release(lease: Lease): Promise<void> {
    await this.#holdFor(lease, 0);
  }

  /** Leaves the connection open, which belongs to whoever opened it. */
  async close(): Promise<void> {}

  async #holdFor({ name, holder, epoch }: Lease, milliseconds: number): Promise<boolean> {
    const key = this.#key(name);
    const answer = await this.#connection.runScript(renew, [key], [holder, epoch, milliseconds]);
    return answer === 1;
  }

  #key(name: string): string {
    return this.#connection.key('lease', name);
  }
}
