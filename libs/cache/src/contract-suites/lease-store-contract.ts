import { describe, expect, it } from 'vitest';
import type { Lease, LeaseStore } from '../lease-store.ts';
import { closedAfterEach, type OpenAdapter } from './adapter-under-test.ts';

/** Long enough that a slow test does not outlive it, short enough to wait for on a real clock. */
const SHORT_MS = 500;
const LONG_MS = 60_000;

/** What every adapter of the lease store port holds. */
export function describeLeaseStoreContract(
  adapterName: string,
  open: OpenAdapter<LeaseStore>,
): void {
  describe(`lease store contract: ${adapterName}`, () => {
    const start = closedAfterEach(open);

    it('gives a free lease, and to nobody else while it is held', async () => {
      const { adapter } = await start();
      const lease = await acquired(adapter, 'relay-0', 'a');
      expect(lease).toMatchObject({ name: 'relay-0', holder: 'a' });
      expect(Number.isSafeInteger(lease.epoch) && lease.epoch > 0).toBe(true);
      expect(await adapter.acquire('relay-0', 'b', LONG_MS)).toBeUndefined();
      expect(await adapter.renew(lease, LONG_MS)).toBe(true);
    });

    it('keeps leases of different names apart', async () => {
      const { adapter } = await start();
      const first = await acquired(adapter, 'relay-0', 'a');
      const second = await acquired(adapter, 'relay-1', 'b');
      await adapter.release(first);
      expect(await adapter.renew(second, LONG_MS)).toBe(true);
      expect(await adapter.renew({ ...second, name: 'relay-0' }, LONG_MS)).toBe(false);
    });

    it('gives it to one of many who ask at once', async () => {
      const { adapter } = await start();
      const asked = Array.from({ length: 20 }, (_, n) =>
        adapter.acquire('relay-0', `holder-${n}`, LONG_MS),
      );
      const given = (await Promise.all(asked)).filter((lease) => lease !== undefined);
      expect(given).toHaveLength(1);
    });

    it('gives it to another one when its time is over, with a greater epoch', async () => {
      const { adapter, advance } = await start();
      const old = await acquired(adapter, 'relay-0', 'a', SHORT_MS);
      await advance(SHORT_MS);
      const next = await acquired(adapter, 'relay-0', 'b');
      expect(next.epoch).toBeGreaterThan(old.epoch);
    });

    it('keeps out a holder whose time is over: no renewal, and its release frees nobody', async () => {
      const { adapter, advance } = await start();
      const old = await acquired(adapter, 'relay-0', 'a', SHORT_MS);
      await advance(SHORT_MS);
      const next = await acquired(adapter, 'relay-0', 'b');
      expect(await adapter.renew(old, LONG_MS)).toBe(false);
      await adapter.release(old);
      expect(await adapter.acquire('relay-0', 'c', LONG_MS)).toBeUndefined();
      expect(await adapter.renew(next, LONG_MS)).toBe(true);
    });

    it('renews nothing that is over, even if nobody has taken it', async () => {
      const { adapter, advance } = await start();
      const old = await acquired(adapter, 'relay-0', 'a', SHORT_MS);
      await advance(SHORT_MS);
      expect(await adapter.renew(old, LONG_MS)).toBe(false);
      expect((await acquired(adapter, 'relay-0', 'a')).epoch).toBeGreaterThan(old.epoch);
    });

    it('holds a renewed lease from the renewal on', async () => {
      const { adapter, advance } = await start();
      const lease = await acquired(adapter, 'relay-0', 'a', SHORT_MS);
      expect(await adapter.renew(lease, LONG_MS)).toBe(true);
      await advance(SHORT_MS);
      expect(await adapter.acquire('relay-0', 'b', LONG_MS)).toBeUndefined();
      expect(await adapter.renew(lease, SHORT_MS)).toBe(true);
      await advance(SHORT_MS);
      expect(await adapter.acquire('relay-0', 'b', LONG_MS)).toBeDefined();
    });

    it('is free at once after a release, with a greater epoch for the next', async () => {
      const { adapter } = await start();
      let last = 0;
      for (const holder of ['a', 'b', 'b', 'a']) {
        const lease = await acquired(adapter, 'relay-0', holder);
        expect(lease.epoch).toBeGreaterThan(last);
        last = lease.epoch;
        await adapter.release(lease);
        await adapter.release(lease);
        expect(await adapter.renew(lease, LONG_MS)).toBe(false);
      }
    });

    it('starts a new epoch for a holder that asks again, and its old lease is worth nothing', async () => {
      const { adapter } = await start();
      const old = await acquired(adapter, 'relay-0', 'a');
      const next = await acquired(adapter, 'relay-0', 'a');
      expect(next.epoch).toBeGreaterThan(old.epoch);
      expect(await adapter.renew(old, LONG_MS)).toBe(false);
      await adapter.release(old);
      expect(await adapter.acquire('relay-0', 'b', LONG_MS)).toBeUndefined();
      expect(await adapter.renew(next, LONG_MS)).toBe(true);
    });

    it('takes no lease that was made up', async () => {
      const { adapter } = await start();
      const lease = await acquired(adapter, 'relay-0', 'a');
      for (const forged of [
        { ...lease, holder: 'b' },
        { ...lease, epoch: lease.epoch + 1 },
        { ...lease, name: 'never acquired' },
      ]) {
        expect(await adapter.renew(forged, LONG_MS)).toBe(false);
        await adapter.release(forged);
      }
      expect(await adapter.renew(lease, LONG_MS)).toBe(true);
    });

    it.each([0, -1, 0.5, Number.NaN])('refuses a time of %d ms', async (ttlMs) => {
      const { adapter } = await start();
      await expect(adapter.acquire('relay-0', 'a', ttlMs)).rejects.toThrow(RangeError);
      const lease = await acquired(adapter, 'relay-0', 'a');
      await expect(adapter.renew(lease, ttlMs)).rejects.toThrow(RangeError);
    });
  });
}

async function acquired(
  store: LeaseStore,
  name: string,
  holder: string,
  ttlMs = LONG_MS,
): Promise<Lease> {
  const lease = await store.acquire(name, holder, ttlMs);
  if (lease === undefined) throw new Error(`${holder} did not get ${name}`);
  return lease;
}
