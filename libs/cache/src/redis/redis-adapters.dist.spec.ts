import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeCacheContract } from '../contract-suites/cache-contract.ts';
import { describeLeaseStoreContract } from '../contract-suites/lease-store-contract.ts';
import { describeRateLimiterContract } from '../contract-suites/rate-limiter-contract.ts';
import { RedisCache } from './redis-cache.ts';
import type { RedisConnection } from './redis-connection.ts';
import { RedisKeys, redisTimePasses } from './redis-keys.fixture.ts';
import { RedisLeaseStore } from './redis-lease-store.ts';
import { RedisRateLimiter } from './redis-rate-limiter.ts';

async function onSharedRedis<Adapter>(make: (connection: RedisConnection) => Adapter) {
  const keys = new RedisKeys();
  const connection = await keys.connect();
  return {
    adapter: make(connection),
    advance: (milliseconds: number) => redisTimePasses(connection, milliseconds),
    cleanUp: () => keys.destroy(),
  };
}

describeCacheContract('Redis', () => onSharedRedis((connection) => new RedisCache(connection)));
describeRateLimiterContract('Redis', () =>
  onSharedRedis((connection) => new RedisRateLimiter(connection)),
);
describeLeaseStoreContract('Redis', () =>
  onSharedRedis((connection) => new RedisLeaseStore(connection)),
);

describe('Redis adapters', () => {
  let keys: RedisKeys;
  let connection: RedisConnection;

  beforeEach(async () => {
    keys = new RedisKeys();
    connection = await keys.connect();
  });
  afterEach(() => keys.destroy());

  it('keep out a load that another process has overtaken with a deletion', async () => {
    const [cache, other] = [new RedisCache(connection), new RedisCache(await keys.connect())];
    const begun = Promise.withResolvers<void>();
    const value = Promise.withResolvers<string>();
    const loading = cache.getOrLoad('key', { ttlMs: 60_000 }, () => {
      begun.resolve();
      return value.promise;
    });
    await begun.promise;
    await other.delete(['key']);
    value.resolve('old');
    expect(await loading).toBe('old');
    expect(await other.get('key')).toBeUndefined();
  });

  it('share buckets between processes, to the microsecond', async () => {
    const limiters = [connection, await keys.connect()].map((c) => new RedisRateLimiter(c));
    const limit = { capacity: 1_000, refillPerSecond: 0.7 };
    const fullAt = async () =>
      Number(await connection.run((redis) => redis.get(connection.key('rate', 'caller'))));
    await limiters[0]?.take('caller', limit);
    const first = await fullAt();
    const costs = [1, 7, 40, 3, 250];
    for (const [n, cost] of costs.entries()) await limiters[n % 2]?.take('caller', limit, cost);
    const taken = costs.reduce((sum, cost) => sum + cost, 0);
    expect((await fullAt()) - first).toBe(taken * Math.round(1_000_000 / 0.7));
    const full = await fullAt();
    expect(await limiters[1]?.take('caller', limit, 700)).toMatchObject({ allowed: false });
    expect(await fullAt()).toBe(full);
  });

  it('leave no bucket behind when it is full, and no value when its time is over', async () => {
    await new RedisRateLimiter(connection).take('caller', { capacity: 5, refillPerSecond: 50 }, 5);
    await new RedisCache(connection).set('key', 1, { ttlMs: 50 });
    await new RedisCache(connection).getOrLoad('other', { ttlMs: 50 }, async () => 1);
    expect(await keys.all()).toHaveLength(3);
    await redisTimePasses(connection, 150);
    expect(await keys.all()).toEqual([]);
  });

  it('give a greater epoch even after Redis has lost the record', async () => {
    const leases = new RedisLeaseStore(connection);
    const old = await leases.acquire('relay', 'a', 60_000);
    await connection.run((redis) => redis.del(connection.key('lease', 'relay')));
    const next = await leases.acquire('relay', 'b', 60_000);
    expect(next?.epoch).toBeGreaterThan(old?.epoch ?? Number.POSITIVE_INFINITY);
  });

  it('never remove the record of a lease', async () => {
    const leases = new RedisLeaseStore(connection);
    const lease = await leases.acquire('relay', 'a', 50);
    if (lease !== undefined) await leases.release(lease);
    expect(await connection.run((redis) => redis.pttl(connection.key('lease', 'relay')))).toBe(-1);
  });
});
