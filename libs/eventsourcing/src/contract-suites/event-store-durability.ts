import { describe, expect, it } from 'vitest';
import { type EventStore, StoreUnavailableError } from '../event-store.ts';
import {
  allEvents,
  type EventStoreFixtureFactory,
  eventsOf,
  freshEventStore,
  oneTo,
} from './event-store-fixture.ts';

/** Closing, opening again, dying. */
export function durabilityContract(factory: EventStoreFixtureFactory): void {
  describe('durability', () => {
    const current = freshEventStore(factory, 3);

    it('has everything when it is opened again, and goes on without gaps', async () => {
      const { store, fixture } = current();
      const before = await fill(store);
      const reopened = await fixture.reopen();
      expect(reopened.partitions).toBe(3);
      await expectFilled(reopened, before);
    });

    it('has all that was acknowledged when its process dies', async (context) => {
      const { store, fixture } = current();
      if (fixture.crash === undefined) return context.skip();
      const before = await fill(store);
      await expectFilled(await fixture.crash(), before);
    });

    it('finishes what was handed in before it closes, then takes nothing', async () => {
      const { store, fixture } = current();
      const appends = oneTo(300).map((nth) =>
        store.append([{ stream: `union-${nth}`, expectedVersion: 0, events: eventsOf(1) }]),
      );
      const closed = store.close();
      const outcomes = await Promise.allSettled(appends);
      await closed;
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(300);
      await expect(
        store.append([{ stream: 'union-0', expectedVersion: 0, events: eventsOf(1) }]),
      ).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect(store.readStream('union-1')).rejects.toBeInstanceOf(StoreUnavailableError);
      await expect(store.readPartition(0, 0, 1)).rejects.toBeInstanceOf(StoreUnavailableError);
      await store.close();
      const reopened = await fixture.reopen();
      expect((await allEvents(reopened)).flat()).toHaveLength(300);
    });
  });
}

const receipt = { key: 'k-1', fingerprint: 'f-1', result: { ok: true } };
const snapshot = { stream: 'union-1', version: 2, schema: 1, state: { name: '总工会' } };

async function fill(store: EventStore) {
  await Promise.all(
    oneTo(50).map((nth) =>
      store.append([{ stream: `union-${nth}`, expectedVersion: 0, events: eventsOf(2) }]),
    ),
  );
  await store.append([{ stream: 'union-1', expectedVersion: 2, events: eventsOf(1) }], receipt);
  await store.saveSnapshot(snapshot);
  return {
    events: await allEvents(store),
    heads: await store.heads(),
    receipt: await store.findReceipt(receipt.key),
  };
}

async function expectFilled(store: EventStore, before: Awaited<ReturnType<typeof fill>>) {
  expect(await allEvents(store)).toEqual(before.events);
  expect(await store.heads()).toEqual(before.heads);
  expect(before.receipt).toBeDefined();
  expect(await store.findReceipt(receipt.key)).toEqual(before.receipt);
  expect(await store.loadSnapshot('union-1')).toEqual(snapshot);
  await expect(
    store.append([{ stream: 'union-1', expectedVersion: 2, events: eventsOf(1) }]),
  ).rejects.toMatchObject({ name: 'VersionConflictError', actual: 3 });
  const [next] = await store.append([
    { stream: 'union-1', expectedVersion: 3, events: eventsOf(1) },
  ]);
  expect(next?.version).toBe(4);
  expect(next?.position).toBe((before.heads[next?.partition ?? -1] ?? 0) + 1);
}
