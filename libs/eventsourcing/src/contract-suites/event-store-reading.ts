import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../event-store.ts';
import {
  type EventStoreFixtureFactory,
  eventsOf,
  freshEventStore,
  oneTo,
} from './event-store-fixture.ts';

/** Streams, partitions and snapshots. */
export function readingContract(factory: EventStoreFixtureFactory): void {
  describe('reading', () => {
    const current = freshEventStore(factory, 1);

    it('reads a stream in version order, from a version', async () => {
      const { store } = current();
      for (const version of oneTo(5)) {
        await store.append([
          { stream: 'union-1', expectedVersion: version - 1, events: eventsOf(1) },
          { stream: 'union-2', expectedVersion: version - 1, events: eventsOf(1) },
        ]);
      }
      const versions = async (from?: number) =>
        (await store.readStream('union-1', from)).map(
          ({ stream, version }) => `${stream}@${version}`,
        );
      expect(await versions()).toEqual(oneTo(5).map((version) => `union-1@${version}`));
      expect(await versions(4)).toEqual(['union-1@4', 'union-1@5']);
      expect(await versions(6)).toEqual([]);
      expect(await store.readStream('union-3')).toEqual([]);
    });

    it('reads a partition in position order, after a position, up to a limit', async () => {
      const { store } = current();
      for (const nth of oneTo(10)) {
        await store.append([{ stream: `union-${nth}`, expectedVersion: 0, events: eventsOf(1) }]);
      }
      const positions = async (after: number, limit: number) =>
        (await store.readPartition(0, after, limit)).map(({ position }) => position);
      expect(await positions(0, 100)).toEqual(oneTo(10));
      expect(await positions(0, 3)).toEqual([1, 2, 3]);
      expect(await positions(7, 2)).toEqual([8, 9]);
      expect(await positions(9, 5)).toEqual([10]);
      expect(await positions(10, 5)).toEqual([]);
      expect(await positions(99, 5)).toEqual([]);
    });

    it('knows the last position of every partition', async () => {
      const { store } = current();
      expect(await store.heads()).toEqual([0]);
      await store.append([{ stream: 'union-1', expectedVersion: 0, events: eventsOf(3) }]);
      expect(await store.heads()).toEqual([3]);
    });
  });

  describe('snapshots', () => {
    const current = freshEventStore(factory, 2);
    const snapshot: Snapshot = {
      stream: 'union-1',
      version: 10,
      schema: 1,
      state: { name: '总工会', list: [1, null, { deep: true }] },
    };

    it('gives back the newest', async () => {
      const { store } = current();
      expect(await store.loadSnapshot('union-1')).toBeUndefined();
      await store.saveSnapshot(snapshot);
      expect(await store.loadSnapshot('union-1')).toEqual(snapshot);
      const newer = { ...snapshot, version: 20, state: 'short' };
      await store.saveSnapshot(newer);
      expect(await store.loadSnapshot('union-1')).toEqual(newer);
      expect(await store.loadSnapshot('union-2')).toBeUndefined();
    });

    it('ignores an older one of the same schema', async () => {
      const { store } = current();
      await store.saveSnapshot(snapshot);
      await store.saveSnapshot({ ...snapshot, version: 9, state: 'old' });
      expect(await store.loadSnapshot('union-1')).toEqual(snapshot);
    });

    it('replaces one of another schema, however new that was', async () => {
      const { store } = current();
      await store.saveSnapshot(snapshot);
      const other = { ...snapshot, version: 5, schema: 2 };
      await store.saveSnapshot(other);
      expect(await store.loadSnapshot('union-1')).toEqual(other);
    });
  });
}
