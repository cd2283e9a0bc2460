import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeRateLimiterContract } from './contract-suites/rate-limiter-contract.ts';
import { MemoryRateLimiter } from './memory-rate-limiter.ts';
import { takeFromBucket } from './rate-limiter.ts';

describeRateLimiterContract('memory', async () => {
  let time = 0;
  return {
    adapter: new MemoryRateLimiter({ now: () => time }),
    advance: async (milliseconds) => {
      time += milliseconds;
    },
  };
});

describe('memory rate limiter', () => {
  it('keeps a caller who goes on asking refused, however many others come', async () => {
    const limiter = new MemoryRateLimiter({ maxKeys: 10, now: () => 0 });
    const limit = { capacity: 1, refillPerSecond: 1 };
    await limiter.take('hasty', limit);
    for (let n = 0; n < 100; n += 1) {
      await limiter.take(`other-${n}`, limit);
      expect(await limiter.take('hasty', limit)).toMatchObject({ allowed: false });
    }
  });

  it('forgets who has not asked for longest when there is no room', async () => {
    const limiter = new MemoryRateLimiter({ maxKeys: 2, now: () => 0 });
    const limit = { capacity: 1, refillPerSecond: 1 };
    for (const key of ['a', 'b', 'c']) await limiter.take(key, limit);
    expect(await limiter.take('c', limit)).toMatchObject({ allowed: false });
    expect(await limiter.take('a', limit)).toMatchObject({ allowed: true });
  });
});

describe('a bucket', () => {
  const limits = fc.record({
    capacity: fc.integer({ min: 1, max: 1_000 }),
    refillPerSecond: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
  });
  const startedAt = fc.integer({ min: 0, max: 2_000_000_000_000_000 });

  it('refuses no take that comes after the time it named, and allows none a millisecond before', () => {
    fc.assert(
      fc.property(limits, startedAt, fc.integer({ min: 1, max: 1_000 }), (limit, now, wish) => {
        const cost = Math.min(wish, limit.capacity);
        const empty = takeFromBucket(limit, limit.capacity, undefined, now);
        const refusal = takeFromBucket(limit, cost, empty.fullAtUs, now);
        expect(refusal.decision.allowed).toBe(false);
        const { retryAfterMs } = refusal.decision;
        const after = takeFromBucket(limit, cost, refusal.fullAtUs, now + retryAfterMs * 1000);
        expect(after.decision.allowed).toBe(true);
        const before = takeFromBucket(
          limit,
          cost,
          refusal.fullAtUs,
          now + (retryAfterMs - 1) * 1000 - 1,
        );
        expect(before.decision.allowed).toBe(false);
      }),
    );
  });

  it('gives over any time no more than its capacity and what was refilled', () => {
    const steps = fc.array(
      fc.record({ waitMs: fc.integer({ min: 0, max: 500 }), cost: fc.integer({ min: 1, max: 5 }) }),
      { maxLength: 200 },
    );
    const limit = { capacity: 5, refillPerSecond: 7 };
    fc.assert(
      fc.property(steps, startedAt, (taken, start) => {
        let now = start;
        let fullAtUs: number | undefined;
        let given = 0;
        for (const { waitMs, cost } of taken) {
          now += waitMs * 1000;
          const take = takeFromBucket(limit, cost, fullAtUs, now);
          fullAtUs = take.fullAtUs;
          if (take.decision.allowed) given += cost;
          const refilled = ((now - start) / 1_000_000) * limit.refillPerSecond;
          expect(given).toBeLessThanOrEqual(limit.capacity + refilled + 0.01);
        }
      }),
    );
  });

  it('says how many tokens are left, of which each can be taken', () => {
    fc.assert(
      fc.property(limits, startedAt, (limit, now) => {
        let { decision, fullAtUs } = takeFromBucket(limit, 1, undefined, now);
        for (let left = limit.capacity - 1; left > 0; left -= 1) {
          expect(decision).toMatchObject({ allowed: true, remaining: left });
          ({ decision, fullAtUs } = takeFromBucket(limit, 1, fullAtUs, now));
        }
        expect(decision).toMatchObject({ allowed: true, remaining: 0 });
        expect(takeFromBucket(limit, 1, fullAtUs, now).decision.allowed).toBe(false);
      }),
    );
  });
});
