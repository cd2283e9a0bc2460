import { describe, expect, it } from 'vitest';
import { describeCacheContract } from './contract-suites/cache-contract.ts';
import { MemoryCache } from './memory-cache.ts';

describeCacheContract('memory', async () => {
  let time = 0;
  return {
    adapter: new MemoryCache({ now: () => time }),
    advance: async (milliseconds) => {
      time += milliseconds;
    },
  };
});

describe('memory cache', () => {
  it('serves a value up to the last millisecond', async () => {
    let time = 0;
    const cache = new MemoryCache({ now: () => time });
    await cache.set('key', 1, { ttlMs: 100 });
    time = 99;
    expect(await cache.get('key')).toBe(1);
    time = 100;
    expect(await cache.get('key')).toBeUndefined();
  });

  it('counts the lifetime of a loaded value from the end of its load', async () => {
    let time = 0;
    const cache = new MemoryCache({ now: () => time });
    await cache.getOrLoad('key', { ttlMs: 100 }, async () => {
      time = 80;
      return 1;
    });
    time = 179;
    expect(await cache.get('key')).toBe(1);
  });

  it('stays within its bytes and drops what was not used for longest', async () => {
    const cache = new MemoryCache({ maxBytes: 2_500 });
    const value = 'x'.repeat(300);
    for (const key of ['a', 'b', 'c', 'd']) {
      await cache.set(key, value, { ttlMs: 1_000_000 });
      await cache.get('a');
    }
    const kept: string[] = [];
    for (const key of ['a', 'b', 'c', 'd']) {
      if ((await cache.get(key)) !== undefined) kept.push(key);
    }
    expect(kept).toEqual(['a', 'c', 'd']);
  });

  it('keeps no value that is larger than itself, nor the one before it', async () => {
    const cache = new MemoryCache({ maxBytes: 1_000 });
    await cache.set('key', 'old', { ttlMs: 1_000_000 });
    await cache.set('key', 'x'.repeat(1_000), { ttlMs: 1_000_000 });
    expect(await cache.get('key')).toBeUndefined();
    const large = 'y'.repeat(1_000);
    expect(await cache.getOrLoad('key', { ttlMs: 1_000_000 }, async () => large)).toBe(large);
  });
});
