import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheUnavailableError } from '../cache-unavailable-error.ts';
import { DegradingCache } from '../degradation/degrading-cache.ts';
import { DegradingRateLimiter } from '../degradation/degrading-rate-limiter.ts';
import { RedisCache } from './redis-cache.ts';
import { RedisConnection } from './redis-connection.ts';
import { RedisRateLimiter } from './redis-rate-limiter.ts';
import { RedisServer } from './redis-server.fixture.ts';

const TIMEOUT_MS = 150;
const LONG = { ttlMs: 60_000 };
const WITHOUT = 'Redis does not answer: going on without it';
const AGAIN = 'Redis answers again';

describe('with a Redis that is stopped and started', () => {
  let server: RedisServer;
  let connection: RedisConnection;
  let notices: string[];

  const open = () =>
    RedisConnection.open(server.url, {
      keyPrefix: 'test:',
      onNotice: (message) => notices.push(message),
      commandTimeoutMs: TIMEOUT_MS,
    });
  const noticed = (...expected: string[]) =>
    vi.waitFor(() => expect(notices).toEqual(expected), { timeout: 10_000, interval: 10 });

  beforeEach(async () => {
    notices = [];
    server = await RedisServer.start();
    connection = await open();
  });
  afterEach(async () => {
    await connection.close();
    await server.stop();
  });

  it('the connection fails at once while it is gone, and mends itself', async () => {
    const cache = new RedisCache(connection);
    await cache.set('key', 1, LONG);
    const run = connection.serverRun;
    await server.stop();
    await noticed(WITHOUT);
    expect(connection.serverRun).toBeUndefined();
    const began = performance.now();
    for (let n = 0; n < 1_000; n += 1) {
      await expect(cache.get('key')).rejects.toThrow(CacheUnavailableError);
    }
    expect(performance.now() - began).toBeLessThan(1_000);
    await server.start();
    await noticed(WITHOUT, AGAIN);
    expect(await cache.get('key')).toBeUndefined();
    expect(connection.serverRun).not.toBe(run);
  });

  it('a start without Redis is none that fails', async () => {
    await server.stop();
    await noticed(WITHOUT);
    notices = [];
    const late = await open();
    await noticed(WITHOUT);
    await expect(late.run((redis) => redis.ping())).rejects.toThrow(CacheUnavailableError);
    await server.start();
    await vi.waitFor(async () => expect(await late.run((redis) => redis.ping())).toBe('PONG'));
    await late.close();
  });

  it('one that hangs costs one timeout in a second', async () => {
    const cache = new RedisCache(connection);
    server.hang();
    const began = performance.now();
    const failures: string[] = [];
    while (performance.now() - began < 2_500) {
      failures.push(String(await cache.get('key').catch((error: unknown) => error)));
      await new Promise(setImmediate);
    }
    const timeouts = failures.filter((failure) => failure.includes(`within ${TIMEOUT_MS} ms`));
    expect(timeouts.length).toBeGreaterThanOrEqual(1);
    expect(timeouts.length).toBeLessThanOrEqual(3);
    expect(failures.length).toBeGreaterThan(100);
    expect(notices).toEqual([WITHOUT]);
    server.goOn();
    await vi.waitFor(async () => expect(await cache.get('key')).toBeUndefined(), {
      timeout: 10_000,
    });
    await noticed(WITHOUT, AGAIN);
  });

  it('a process that is busy does not take Redis for gone', async () => {
    const cache = new RedisCache(connection);
    const asked = cache.get('key');
    const until = performance.now() + 3 * TIMEOUT_MS;
    while (performance.now() < until);
    expect(await asked).toBeUndefined();
    expect(notices).toEqual([]);
  });

  it('an error holds neither key nor value', async () => {
    await connection.run((redis) => redis.rpush(connection.key('cache', 'person-1'), 'secret'));
    const error: unknown = await new RedisCache(connection).get('person-1').catch((e) => e);
    expect(error).toBeInstanceOf(CacheUnavailableError);
    expect(Object.keys(Object(error)).filter((name) => name !== 'name')).toEqual([]);
    expect(String(error)).toContain('WRONGTYPE');
    expect(String(error)).not.toContain('person-1');
  });

  it('the cache finds nothing, keeps nothing, loads together, and tells only of deletions', async () => {
    const cache = new DegradingCache(new RedisCache(connection));
    await cache.set('key', 'kept', LONG);
    expect(await cache.get('key')).toBe('kept');
    await server.stop();
    await noticed(WITHOUT);
    expect(await cache.get('key')).toBeUndefined();
    await cache.set('key', 'lost', LONG);
    let loads = 0;
    const load = async () => {
      loads += 1;
      return ['loaded'];
    };
    const values = await Promise.all([1, 2, 3].map(() => cache.getOrLoad('key', LONG, load)));
    expect(values).toEqual([['loaded'], ['loaded'], ['loaded']]);
    expect(new Set(values).size).toBe(3);
    expect(loads).toBe(1);
    await expect(cache.delete(['key'])).rejects.toThrow(CacheUnavailableError);
    await server.start();
    await noticed(WITHOUT, AGAIN);
    await cache.delete(['key']);
    expect(await cache.getOrLoad('key', LONG, async () => 'again')).toBe('again');
    expect(await cache.get('key')).toBe('again');
  });

  it('a load that succeeded is not done twice because Redis went away meanwhile', async () => {
    const cache = new DegradingCache(new RedisCache(connection));
    let loads = 0;
    const loaded = await cache.getOrLoad('key', LONG, async () => {
      loads += 1;
      await server.stop();
      return loads;
    });
    expect(loaded).toBe(1);
    expect(loads).toBe(1);
  });

  it('a loader that fails is not asked again', async () => {
    const cache = new DegradingCache(new RedisCache(connection));
    let loads = 0;
    const load = async () => {
      loads += 1;
      throw new CacheUnavailableError('of another cache');
    };
    await expect(cache.getOrLoad('key', LONG, load)).rejects.toThrow('of another cache');
    expect(loads).toBe(1);
  });

  it('the rate limiter counts in the process, and in Redis again when it is back', async () => {
    const limiter = new DegradingRateLimiter(new RedisRateLimiter(connection));
    const limit = { capacity: 2, refillPerSecond: 0.001 };
    const take = async () => (await limiter.take('caller', limit)).allowed;
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
    await server.stop();
    await noticed(WITHOUT);
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
    await server.start();
    await noticed(WITHOUT, AGAIN);
    expect([await take(), await take(), await take()]).toEqual([true, true, false]);
  });
});
