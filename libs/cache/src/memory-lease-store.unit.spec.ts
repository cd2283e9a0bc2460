import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeLeaseStoreContract } from './contract-suites/lease-store-contract.ts';
import type { Lease } from './lease-store.ts';
import { MemoryLeaseStore, TooManyLeasesError } from './memory-lease-store.ts';

describeLeaseStoreContract('memory', async () => {
  let time = 0;
  return {
    adapter: new MemoryLeaseStore({ now: () => time }),
    advance: async (milliseconds) => {
      time += milliseconds;
    },
  };
});

describe('memory lease store', () => {
  it('holds a lease up to the last millisecond', async () => {
    let time = 0;
    const store = new MemoryLeaseStore({ now: () => time });
    await store.acquire('relay', 'a', 100);
    time = 99;
    expect(await store.acquire('relay', 'b', 100)).toBeUndefined();
    time = 100;
    expect(await store.acquire('relay', 'b', 100)).toMatchObject({ epoch: 2 });
  });

  it('refuses a new name when there is no room, and keeps every epoch', async () => {
    const store = new MemoryLeaseStore({ maxNames: 2, now: () => 0 });
    for (const name of ['relay-0', 'relay-1']) {
      const lease = await store.acquire(name, 'a', 100);
      if (lease !== undefined) await store.release(lease);
    }
    await expect(store.acquire('relay-2', 'a', 100)).rejects.toThrow(TooManyLeasesError);
    expect(await store.acquire('relay-0', 'a', 100)).toMatchObject({ epoch: 2 });
  });

  it('has one holder at a time and growing epochs, whatever happens', async () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 60 }),
      holder: fc.constantFrom('a', 'b', 'c'),
      does: fc.constantFrom('acquire', 'renew', 'release'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 100 }), async (steps) => {
        let time = 0;
        const store = new MemoryLeaseStore({ now: () => time });
        const leases = new Map<string, Lease>();
        let last = 0;
        for (const { waitMs, holder, does } of steps) {
          time += waitMs;
          const lease = leases.get(holder);
          if (does === 'acquire') {
            const given = await store.acquire('relay', holder, 50);
            if (given === undefined) continue;
            expect(given.epoch).toBeGreaterThan(last);
            last = given.epoch;
            leases.set(holder, given);
          } else if (lease !== undefined && does === 'renew') {
            if (await store.renew(lease, 50)) expect(lease.epoch).toBe(last);
          } else if (lease !== undefined) {
            await store.release(lease);
          }
        }
      }),
    );
  });
});
