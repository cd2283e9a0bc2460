import { describe, expect, it } from 'vitest';
import type { Cache } from '../cache.ts';
import type { JsonValue } from '../json.ts';
import { closedAfterEach, type OpenAdapter } from './adapter-under-test.ts';

/** Long enough that a slow test does not outlive it, short enough to wait for on a real clock. */
const SHORT = { ttlMs: 500 };
const LONG = { ttlMs: 60_000 };

/** What every adapter of the cache port holds. */
export function describeCacheContract(adapterName: string, open: OpenAdapter<Cache>): void {
  describe(`cache contract: ${adapterName}`, () => {
    const start = closedAfterEach(open);

    it.each<[string, JsonValue]>([
      ['text', '杭州 "quoted" \u0000 \ud83d\ude00'],
      ['empty text', ''],
      ['number', -1.5e-7],
      ['zero', 0],
      ['false', false],
      ['null', null],
      ['array', [1, [], { a: null }]],
      ['object', { a: { b: ['c'] }, d: '' }],
    ])('returns what was set: %s', async (_, value) => {
      const { adapter } = await start();
      await adapter.set('key', value, LONG);
      expect(await adapter.get('key')).toEqual(value);
    });

    it('has nothing under a key that was not set', async () => {
      const { adapter } = await start();
      await adapter.set('key', 1, LONG);
      expect(await adapter.get('other')).toBeUndefined();
      expect(await adapter.get('ke')).toBeUndefined();
    });

    it('replaces a value and its lifetime', async () => {
      const { adapter, advance } = await start();
      await adapter.set('key', 'old', SHORT);
      await adapter.set('key', 'new', LONG);
      await advance(SHORT.ttlMs);
      expect(await adapter.get('key')).toBe('new');
    });

    it('serves a value no longer than its lifetime, read or not', async () => {
      const { adapter, advance } = await start();
      await adapter.set('read', 1, SHORT);
      await adapter.set('unread', 2, SHORT);
      expect(await adapter.get('read')).toBe(1);
      await advance(SHORT.ttlMs);
      expect(await adapter.get('read')).toBeUndefined();
      expect(await adapter.get('unread')).toBeUndefined();
    });

    it('deletes the given keys and no others', async () => {
      const { adapter } = await start();
      for (const key of ['a', 'b', 'c']) await adapter.set(key, key, LONG);
      await adapter.delete(['a', 'c', 'never there']);
      await adapter.delete([]);
      expect(await adapter.get('a')).toBeUndefined();
      expect(await adapter.get('b')).toBe('b');
      expect(await adapter.get('c')).toBeUndefined();
    });

    it('holds copies', async () => {
      const { adapter } = await start();
      const list = [1];
      await adapter.set('key', list, LONG);
      list.push(2);
      const taken = await adapter.get('key');
      expect(taken).toEqual([1]);
      if (Array.isArray(taken)) taken.push(3);
      expect(await adapter.get('key')).toEqual([1]);
    });

    it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
      'refuses a lifetime of %d ms',
      async (ttlMs) => {
        const { adapter } = await start();
        await expect(adapter.set('key', 1, { ttlMs })).rejects.toThrow(RangeError);
        await expect(adapter.getOrLoad('key', { ttlMs }, async () => 1)).rejects.toThrow(
          RangeError,
        );
      },
    );

    describe('getOrLoad', () => {
      it('loads once and serves the value until its time is over', async () => {
        const { adapter, advance } = await start();
        const loader = countingLoader();
        expect(await adapter.getOrLoad('key', SHORT, loader.load)).toBe(1);
        expect(await adapter.getOrLoad('key', SHORT, loader.load)).toBe(1);
        expect(await adapter.get('key')).toBe(1);
        await advance(SHORT.ttlMs);
        expect(await adapter.getOrLoad('key', SHORT, loader.load)).toBe(2);
      });

      it('does not load what was set', async () => {
        const { adapter } = await start();
        await adapter.set('key', null, LONG);
        const loader = countingLoader();
        expect(await adapter.getOrLoad('key', LONG, loader.load)).toBeNull();
        expect(loader.calls()).toBe(0);
      });

      it('shares one load between callers at the same time, key by key, each with a copy', async () => {
        const { adapter } = await start();
        const gate = Promise.withResolvers<void>();
        let loads = 0;
        const load = async () => {
          loads += 1;
          await gate.promise;
          return ['value'];
        };
        const callers = Array.from({ length: 20 }, () => adapter.getOrLoad('key', LONG, load));
        const other = adapter.getOrLoad('other', LONG, async () => 'other');
        expect(await other).toBe('other');
        gate.resolve();
        const values = await Promise.all(callers);
        expect(values).toEqual(Array.from({ length: 20 }, () => ['value']));
        expect(new Set(values).size).toBe(20);
        expect(loads).toBe(1);
      });

      it('tells all who wait of a failure, keeps nothing, and loads again', async () => {
        const { adapter } = await start();
        const begun = Promise.withResolvers<void>();
        const gate = Promise.withResolvers<JsonValue>();
        const load = () => {
          begun.resolve();
          return gate.promise;
        };
        const callers = Array.from({ length: 3 }, () => adapter.getOrLoad('key', LONG, load));
        await begun.promise;
        gate.reject(new Error('source is down'));
        for (const outcome of await Promise.allSettled(callers)) {
          expect(outcome).toMatchObject({
            status: 'rejected',
            reason: { message: 'source is down' },
          });
        }
        expect(await adapter.get('key')).toBeUndefined();
        expect(await adapter.getOrLoad('key', LONG, async () => 'again')).toBe('again');
      });

      it('tells of a loader that throws before it gives a promise', async () => {
        const { adapter } = await start();
        const load = () => {
          throw new Error('at once');
        };
        await expect(adapter.getOrLoad('key', LONG, load)).rejects.toThrow('at once');
        expect(await adapter.getOrLoad('key', LONG, async () => 1)).toBe(1);
      });

      it('does not store a load that a deletion overtook, and loads anew for later callers', async () => {
        const { adapter } = await start();
        const stale = await loadUnderWay(adapter);
        await adapter.delete(['key']);
        expect(await adapter.getOrLoad('key', LONG, async () => 'fresh')).toBe('fresh');
        stale.finish('stale');
        expect(await stale.outcome).toBe('stale');
        expect(await adapter.get('key')).toBe('fresh');
        expect(await adapter.getOrLoad('key', LONG, async () => 'not needed')).toBe('fresh');
      });

      it('shares the load that began after a deletion, also when the one before ends', async () => {
        const { adapter } = await start();
        const stale = await loadUnderWay(adapter);
        await adapter.delete(['key']);
        const fresh = await loadUnderWay(adapter);
        stale.finish('stale');
        await stale.outcome;
        const loader = countingLoader();
        const later = adapter.getOrLoad('key', LONG, loader.load);
        fresh.finish('fresh');
        expect(await fresh.outcome).toBe('fresh');
        expect(await later).toBe('fresh');
        expect(loader.calls()).toBe(0);
      });

      it('keeps nothing of a load that a deletion overtook when nobody asks again', async () => {
        const { adapter } = await start();
        const stale = await loadUnderWay(adapter);
        await adapter.delete(['key']);
        stale.finish('stale');
        await stale.outcome;
        expect(await adapter.get('key')).toBeUndefined();
      });

      it('does not overwrite what was set while it loaded', async () => {
        const { adapter } = await start();
        const stale = await loadUnderWay(adapter);
        await adapter.set('key', 'set', LONG);
        stale.finish('stale');
        await stale.outcome;
        expect(await adapter.get('key')).toBe('set');
      });
    });
  });
}

/** Counts its loads from 1 on. */
function countingLoader(): { load: () => Promise<number>; calls: () => number } {
  let calls = 0;
  return {
    load: async () => {
      calls += 1;
      return calls;
    },
    calls: () => calls,
  };
}

/** A load of `key` that has begun and waits for its value. */
async function loadUnderWay(
  cache: Cache,
): Promise<{ finish: (value: string) => void; outcome: Promise<JsonValue> }> {
  const begun = Promise.withResolvers<void>();
  const value = Promise.withResolvers<string>();
  const outcome = cache.getOrLoad('key', LONG, () => {
    begun.resolve();
    return value.promise;
  });
  await begun.promise;
  return { finish: value.resolve, outcome };
}
