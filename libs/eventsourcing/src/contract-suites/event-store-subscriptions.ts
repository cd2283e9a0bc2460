import { describe, expect, it } from 'vitest';
import { partitionOf } from '../event.ts';
import {
  Collector,
  type EventStoreFixtureFactory,
  eventsOf,
  freshEventStore,
  oneTo,
} from './event-store-fixture.ts';

/** Following a partition. */
export function subscriptionsContract(factory: EventStoreFixtureFactory): void {
  describe('subscribe', () => {
    const current = freshEventStore(factory, 1);
    const append = (count: number) =>
      current().store.append([
        { stream: 'union-1', expectedVersion: 'any', events: eventsOf(count) },
      ]);

    it('catches up in batches, then follows', async () => {
      const { store } = current();
      await append(25);
      const collector = new Collector(store, 0, { maxBatch: 10 });
      await collector.received(25);
      expect(collector.batches.map(({ length }) => length)).toEqual([10, 10, 5]);
      await append(3);
      await collector.received(28);
      await append(1);
      await collector.received(29);
      expect(collector.events()).toEqual(await store.readPartition(0, 0, 100));
      await collector.subscription.stop();
    });

    it('begins after a position, also one that is not there yet', async () => {
      const { store } = current();
      await append(5);
      const later = new Collector(store, 0, { afterPosition: 3 });
      const ahead = new Collector(store, 0, { afterPosition: 6 });
      await later.received(2);
      await append(3);
      await Promise.all([later.received(5), ahead.received(2)]);
      expect(later.positions()).toEqual([4, 5, 6, 7, 8]);
      expect(ahead.positions()).toEqual([7, 8]);
      await Promise.all([later.subscription.stop(), ahead.subscription.stop()]);
    });

    it('gives the next batch when the one before has been handled, and not sooner', async () => {
      const { store } = current();
      const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      let handled = 0;
      const slow = new Collector(store, 0, {
        maxBatch: 2,
        handle: async () => {
          await gates[handled]?.promise;
          handled += 1;
        },
      });
      const quick = new Collector(store, 0, { maxBatch: 100 });
      await append(2);
      await slow.received(2);
      for (let nth = 0; nth < 5; nth += 1) await append(1);
      // The quick one has had everything: the slow one could have had more by now.
      await quick.received(7);
      expect(slow.positions()).toEqual([1, 2]);
      gates[0]?.resolve();
      await slow.received(4);
      await append(1);
      await quick.received(8);
      expect(slow.positions()).toEqual([1, 2, 3, 4]);
      gates[1]?.resolve();
      await slow.received(8);
      expect(slow.positions()).toEqual(oneTo(8));
      await Promise.all([slow.subscription.stop(), quick.subscription.stop()]);
    });

    it.each([
      { title: 'rejects', fail: () => Promise.reject(new Error('handler')) },
      {
        title: 'throws',
        fail: () => {
          throw new Error('handler');
        },
      },
    ])('ends with the error when the handler $title', async ({ fail }) => {
      const { store } = current();
      const failed = Promise.withResolvers<unknown>();
      const given: number[] = [];
      const subscription = store.subscribe({
        partition: 0,
        afterPosition: 0,
        maxBatch: 2,
        handle: (events) => {
          given.push(...events.map(({ position }) => position));
          return given.length > 2 ? fail() : Promise.resolve();
        },
        onError: failed.resolve,
      });
      const healthy = new Collector(store, 0);
      await append(6);
      expect(await failed.promise).toMatchObject({ message: 'handler' });
      await append(2);
      await healthy.received(8);
      expect(given).toEqual([1, 2, 3, 4]);
      expect(healthy.errors).toEqual([]);
      await Promise.all([subscription.stop(), healthy.subscription.stop()]);
    });

    it('stops after the batch under way, and waits for it', async () => {
      const { store } = current();
      const gate = Promise.withResolvers<void>();
      const order: string[] = [];
      const collector = new Collector(store, 0, {
        maxBatch: 1,
        handle: async () => {
          await gate.promise;
          order.push('handled');
        },
      });
      await append(3);
      await collector.received(1);
      const stopped = collector.subscription.stop().then(() => order.push('stopped'));
      gate.resolve();
      await stopped;
      const other = new Collector(store, 0);
      await append(1);
      await other.received(4);
      expect(order).toEqual(['handled', 'stopped']);
      expect(collector.positions()).toEqual([1]);
      expect(collector.errors).toEqual([]);
      await other.subscription.stop();
    });

    it('stops while it waits for events', async () => {
      const { store } = current();
      const collector = new Collector(store, 0);
      await append(1);
      await collector.received(1);
      await collector.subscription.stop();
      await append(1);
      const other = new Collector(store, 0);
      await other.received(2);
      expect(collector.positions()).toEqual([1]);
      await other.subscription.stop();
    });

    it('serves several subscribers, each at its own pace', async () => {
      const { store } = current();
      const collectors = oneTo(5).map((nth) => new Collector(store, 0, { maxBatch: nth }));
      for (let nth = 0; nth < 10; nth += 1) await append(3);
      for (const collector of collectors) {
        await collector.received(30);
        expect(collector.positions()).toEqual(oneTo(30));
        await collector.subscription.stop();
      }
    });
  });

  describe('subscribe to one of several partitions', () => {
    const current = freshEventStore(factory, 4);

    it('gives its events only', async () => {
      const { store } = current();
      const collectors = oneTo(4).map((nth) => new Collector(store, nth - 1));
      const streams = oneTo(30).map((nth) => `union-${nth}`);
      for (const stream of streams) {
        await store.append([{ stream, expectedVersion: 0, events: eventsOf(1) }]);
      }
      for (const [partition, collector] of collectors.entries()) {
        const own = streams.filter((stream) => partitionOf(stream, 4) === partition);
        await collector.received(own.length);
        await collector.subscription.stop();
        expect(collector.events().map(({ stream }) => stream)).toEqual(own);
      }
    });
  });
}
