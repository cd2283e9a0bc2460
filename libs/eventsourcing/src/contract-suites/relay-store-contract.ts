import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventsTopic } from '../event-log.ts';
import type { RelayLease, RelayStore } from '../relay-store.ts';

/** What an adapter gives the suite. */
export interface RelayStoreHarness {
  readonly store: RelayStore;
  close(): Promise<void>;
}

/** Longer than any test. Milliseconds. */
const longMs = 600_000;
/** So short that it is over before it is looked at again. Milliseconds. */
const shortMs = 30;

/** What every adapter of the {@link RelayStore} port must do. Declares tests, so call it in a spec file. */
export function relayStoreContract(name: string, factory: () => Promise<RelayStoreHarness>): void {
  describe(`${name} as a relay store`, () => {
    let harness: RelayStoreHarness;
    let store: RelayStore;
    let topic: string;

    beforeAll(async () => {
      harness = await factory();
      store = harness.store;
    });
    afterAll(() => harness.close());
    beforeEach(() => {
      topic = eventsTopic(`contract-${randomUUID()}`);
    });

    const acquire = async (holder: string, ttlMs = longMs, partition = 0): Promise<RelayLease> => {
      const lease = await store.acquire(topic, partition, holder, ttlMs);
      if (lease === undefined) throw new Error(`${holder} did not get the partition`);
      return lease;
    };
    const untilAcquired = async (holder: string): Promise<RelayLease> =>
      await vi.waitFor(() => acquire(holder), { timeout: 10_000, interval: 5 });

    it('begins at nothing', async () => {
      expect(await store.published(topic)).toEqual([]);
      expect(await acquire('a')).toMatchObject({ topic, partition: 0, holder: 'a', position: 0 });
      expect(await store.published(topic)).toEqual([{ partition: 0, position: 0, published: 0 }]);
    });

    it('gives a partition to one of many who ask at once', async () => {
      const holders = Array.from({ length: 12 }, (_, number) => `holder-${number}`);
      const leases = await Promise.all(
        holders.map((holder) => store.acquire(topic, 0, holder, longMs)),
      );
      const taken = leases.filter((lease) => lease !== undefined);
      expect(taken.length).toBe(1);
      expect(await store.acquire(topic, 0, 'late', longMs)).toBeUndefined();
    });

    it('gives other partitions and topics to others', async () => {
      await acquire('a');
      expect(await store.acquire(topic, 1, 'b', longMs)).toMatchObject({ partition: 1 });
      const other = `${topic}-other`;
      expect(await store.acquire(other, 0, 'b', longMs)).toMatchObject({ topic: other });
      expect((await store.published(topic)).map(({ partition }) => partition)).toEqual([0, 1]);
    });

    it('gives a partition to the next one when its time is over, with a greater epoch', async () => {
      const first = await acquire('a', shortMs);
      const second = await untilAcquired('b');
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(await store.acquire(topic, 0, 'a', longMs)).toBeUndefined();
    });

    it('gives a partition to the next one when it was given back, and keeps its checkpoint', async () => {
      const first = await acquire('a');
      expect(await store.checkpoint(first, 7, 5)).toBe(true);
      await store.release(first);
      const second = await acquire('b');
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(second.position).toBe(7);
      expect(await store.published(topic)).toEqual([{ partition: 0, position: 7, published: 5 }]);
    });

    it('gives a holder its partition again, and ends its former epoch', async () => {
      const first = await acquire('a');
      const second = await acquire('a');
      expect(second.epoch).toBeGreaterThan(first.epoch);
      expect(await store.checkpoint(first, 1, 1)).toBe(false);
      expect(await store.renew(first, longMs)).toBe(false);
      expect(await store.checkpoint(second, 1, 1)).toBe(true);
    });

    it('holds a partition as long as it is renewed', async () => {
      const lease = await acquire('a', shortMs);
      expect(await store.renew(lease, longMs)).toBe(true);
      await acquire('clock', shortMs, 1);
      // When the short lease of another partition is over, this one would be, too.
      await vi.waitFor(() => acquire('other clock', shortMs, 1), { timeout: 10_000, interval: 5 });
      expect(await store.acquire(topic, 0, 'b', longMs)).toBeUndefined();
    });

    it('renews nothing that is over, even if nobody has taken it', async () => {
      const lease = await acquire('a', shortMs);
      await acquire('clock', shortMs, 1);
      await vi.waitFor(() => acquire('other clock', shortMs, 1), { timeout: 10_000, interval: 5 });
      expect(await store.renew(lease, longMs)).toBe(false);
    });

    it('takes no checkpoint, renewal or return from a holder whose epoch has passed', async () => {
      const first = await acquire('a', shortMs);
      expect(await store.checkpoint(first, 3, 3)).toBe(true);
      const second = await untilAcquired('b');
      expect(await store.checkpoint(first, 9, 9)).toBe(false);
      expect(await store.renew(first, longMs)).toBe(false);
      await store.release(first);
      expect(await store.acquire(topic, 0, 'c', longMs)).toBeUndefined();
      expect(await store.published(topic)).toEqual([{ partition: 0, position: 3, published: 3 }]);
      expect(await store.checkpoint(second, 4, 4)).toBe(true);
    });

    it('moves no checkpoint back', async () => {
      const lease = await acquire('a');
      expect(await store.checkpoint(lease, 10, 8)).toBe(true);
      expect(await store.checkpoint(lease, 9, 9)).toBe(false);
      // A stretch of internal events moves the position only.
      expect(await store.checkpoint(lease, 12, 0)).toBe(true);
      expect(await store.published(topic)).toEqual([{ partition: 0, position: 12, published: 8 }]);
    });
  });
}
