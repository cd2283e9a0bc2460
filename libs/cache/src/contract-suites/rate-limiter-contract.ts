import { describe, expect, it } from 'vitest';
import type { RateLimiter } from '../rate-limiter.ts';
import { closedAfterEach, type OpenAdapter } from './adapter-under-test.ts';

/** One token in 400 ms: more than a slow test step takes, little enough to wait for on a real clock. */
const LIMIT = { capacity: 3, refillPerSecond: 2.5 };
const TOKEN_MS = 400;

/** What every adapter of the rate limiter port holds. */
export function describeRateLimiterContract(
  adapterName: string,
  open: OpenAdapter<RateLimiter>,
): void {
  describe(`rate limiter contract: ${adapterName}`, () => {
    const start = closedAfterEach(open);

    it('allows a burst of the capacity and then refuses', async () => {
      const { adapter } = await start();
      const remaining: number[] = [];
      for (let n = 0; n < 3; n += 1) {
        const decision = await adapter.take('caller', LIMIT);
        expect(decision).toMatchObject({ allowed: true, retryAfterMs: 0 });
        remaining.push(decision.remaining);
      }
      expect(remaining).toEqual([2, 1, 0]);
      const refusal = await adapter.take('caller', LIMIT);
      expect(refusal).toMatchObject({ allowed: false, remaining: 0 });
      expect(refusal.retryAfterMs).toBeGreaterThan(0);
      expect(refusal.retryAfterMs).toBeLessThanOrEqual(TOKEN_MS);
    });

    it('allows the take after the time it named', async () => {
      const { adapter, advance } = await start();
      await adapter.take('caller', LIMIT, 3);
      for (const cost of [1, 2]) {
        const refusal = await adapter.take('caller', LIMIT, cost);
        expect(refusal.allowed).toBe(false);
        await advance(refusal.retryAfterMs);
        expect(await adapter.take('caller', LIMIT, cost)).toMatchObject({ allowed: true });
      }
    });

    it('takes nothing when it refuses', async () => {
      const { adapter } = await start();
      await adapter.take('caller', LIMIT, 2);
      for (let n = 0; n < 5; n += 1) {
        expect(await adapter.take('caller', LIMIT, 2)).toMatchObject({
          allowed: false,
          remaining: 1,
        });
      }
      expect(await adapter.take('caller', LIMIT, 1)).toMatchObject({ allowed: true });
    });

    it('fills up to the capacity and no further', async () => {
      const { adapter, advance } = await start();
      await adapter.take('caller', LIMIT, 3);
      await advance(6 * TOKEN_MS);
      expect(await adapter.take('caller', LIMIT, 3)).toMatchObject({ allowed: true, remaining: 0 });
      expect(await adapter.take('caller', LIMIT)).toMatchObject({ allowed: false });
    });

    it('keeps the buckets of different keys apart', async () => {
      const { adapter } = await start();
      await adapter.take('caller', LIMIT, 3);
      expect(await adapter.take('other', LIMIT)).toMatchObject({ allowed: true, remaining: 2 });
      expect(await adapter.take('caller', LIMIT)).toMatchObject({ allowed: false });
    });

    it('gives takes at the same time no more than there is', async () => {
      const { adapter } = await start();
      const slow = { capacity: 10, refillPerSecond: 0.1 };
      const takes = Array.from({ length: 50 }, () => adapter.take('caller', slow));
      const decisions = await Promise.all(takes);
      expect(decisions.filter((decision) => decision.allowed)).toHaveLength(10);
    });

    it.each([
      [{ capacity: 0, refillPerSecond: 1 }, 1],
      [{ capacity: 1, refillPerSecond: 0 }, 1],
      [{ capacity: 1, refillPerSecond: Number.NaN }, 1],
      [{ capacity: 1.5, refillPerSecond: 1 }, 1],
      [{ capacity: Number.POSITIVE_INFINITY, refillPerSecond: 1 }, 1],
      [{ capacity: 1, refillPerSecond: 1 }, 0],
      [{ capacity: 1, refillPerSecond: 1 }, -1],
      [{ capacity: 1, refillPerSecond: 1 }, 2],
      [{ capacity: 2, refillPerSecond: 1 }, 0.5],
    ])('refuses what makes no sense: %o, cost %d', async (limit, cost) => {
      const { adapter } = await start();
      await expect(adapter.take('caller', limit, cost)).rejects.toThrow(RangeError);
    });
  });
}
