import { describe, expect, it } from 'vitest';
import { partitionOf } from '../event.ts';
import { VersionConflictError } from '../event-store.ts';
import {
  allEvents,
  type EventStoreFixtureFactory,
  eventOf,
  eventsOf,
  freshEventStore,
  oneTo,
} from './event-store-fixture.ts';

/** Appends and expected versions. */
export function appendingContract(factory: EventStoreFixtureFactory): void {
  describe('append', () => {
    const current = freshEventStore(factory, 4);

    it('numbers a stream from version 1 and a partition from position 1', async () => {
      const { store } = current();
      const partition = partitionOf('union-1', 4);
      const first = await store.append([
        { stream: 'union-1', expectedVersion: 0, events: eventsOf(2) },
      ]);
      const second = await store.append([
        { stream: 'union-1', expectedVersion: 2, events: eventsOf(1) },
      ]);
      expect([...first, ...second]).toEqual([
        { stream: 'union-1', version: 1, partition, position: 1 },
        { stream: 'union-1', version: 2, partition, position: 2 },
        { stream: 'union-1', version: 3, partition, position: 3 },
      ]);
    });

    it('returns what was given', async () => {
      const { store } = current();
      const given = {
        ...eventOf({
          name: '某某机械制造有限公司工会委员会',
          emoji: '👷🏽‍♀️',
          escapes: 'line\nquote" back\\slash \u2028 tab\t',
          nothing: null,
          yes: true,
          number: -1.5e-7,
          large: Number.MAX_SAFE_INTEGER,
          list: [1, 'two', [3], { four: 4 }],
          empty: '',
          long: 'x'.repeat(100_000),
        }),
        metadata: {
          actor: 'system:relay',
          correlationId: 'c-1',
          causationId: 'e-0',
          traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
          occurredAt: '2026-02-03T04:05:06.789Z',
        },
      };
      await store.append([{ stream: 'union-1', expectedVersion: 0, events: [given] }]);
      const [recorded] = await store.readStream('union-1');
      expect(recorded).toEqual({
        ...given,
        stream: 'union-1',
        version: 1,
        partition: partitionOf('union-1', 4),
        position: 1,
        recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      });
    });

    it('keeps what was handed in, whatever happens to the objects later', async () => {
      const { store } = current();
      const data = { name: 'before' };
      const appended = store.append([
        { stream: 'union-1', expectedVersion: 0, events: [eventOf(data)] },
      ]);
      data.name = 'after';
      await appended;
      const [recorded] = await store.readStream('union-1');
      expect(recorded?.data).toEqual({ name: 'before' });
    });

    it.each([
      { title: 'a new stream where one exists', expectedVersion: 0 },
      { title: 'an older version', expectedVersion: 1 },
      { title: 'a version that is not there yet', expectedVersion: 3 },
    ])('refuses $title, and writes nothing', async ({ expectedVersion }) => {
      const { store } = current();
      await store.append([{ stream: 'union-1', expectedVersion: 0, events: eventsOf(2) }]);
      const refused = store.append([{ stream: 'union-1', expectedVersion, events: eventsOf(1) }]);
      await expect(refused).rejects.toBeInstanceOf(VersionConflictError);
      await expect(refused).rejects.toMatchObject({
        stream: 'union-1',
        expected: expectedVersion,
        actual: 2,
      });
      expect(await store.readStream('union-1')).toHaveLength(2);
      expect((await store.heads()).reduce((sum, head) => sum + head)).toBe(2);
    });

    it('takes any version where none is asked', async () => {
      const { store } = current();
      for (const version of oneTo(3)) {
        const [appended] = await store.append([
          { stream: 'union-1', expectedVersion: 'any', events: eventsOf(1) },
        ]);
        expect(appended?.version).toBe(version);
      }
    });

    it('writes several streams at once, in the order given', async () => {
      const { store } = current();
      await store.append([{ stream: 'union-2', expectedVersion: 0, events: eventsOf(1) }]);
      const appended = await store.append(
        ['union-1', 'union-2', 'union-3', 'union-4', 'union-5'].map((stream) => ({
          stream,
          expectedVersion: 'any' as const,
          events: eventsOf(2),
        })),
      );
      expect(appended.map(({ stream, version }) => `${stream}@${version}`)).toEqual([
        'union-1@1',
        'union-1@2',
        'union-2@2',
        'union-2@3',
        'union-3@1',
        'union-3@2',
        'union-4@1',
        'union-4@2',
        'union-5@1',
        'union-5@2',
      ]);
      for (const { stream, version, partition, position } of appended) {
        const [found] = await store.readPartition(partition, position - 1, 1);
        expect(found).toMatchObject({ stream, version, partition, position });
      }
    });

    it('writes none of several streams when one of them has moved', async () => {
      const { store } = current();
      await store.append([{ stream: 'union-9', expectedVersion: 0, events: eventsOf(1) }]);
      const before = await store.heads();
      const refused = store.append([
        ...oneTo(8).map((nth) => ({
          stream: `union-${nth}`,
          expectedVersion: 0,
          events: eventsOf(2),
        })),
        { stream: 'union-9', expectedVersion: 0, events: eventsOf(1) },
      ]);
      await expect(refused).rejects.toMatchObject({ stream: 'union-9', actual: 1 });
      expect(await store.heads()).toEqual(before);
      for (const nth of oneTo(8)) expect(await store.readStream(`union-${nth}`)).toEqual([]);
    });

    it('takes a guard: a version that must hold, without an event', async () => {
      const { store } = current();
      await store.append([{ stream: 'union-1', expectedVersion: 0, events: eventsOf(2) }]);
      const appended = await store.append([
        { stream: 'member-1', expectedVersion: 0, events: eventsOf(1) },
        { stream: 'union-1', expectedVersion: 2, events: [] },
        { stream: 'union-2', expectedVersion: 0, events: [] },
      ]);
      expect(appended.map(({ stream }) => stream)).toEqual(['member-1']);
      expect(await store.readStream('union-1')).toHaveLength(2);
      expect(await store.readStream('union-2')).toEqual([]);
    });

    it('refuses the whole append when a guard does not hold', async () => {
      const { store } = current();
      await store.append([{ stream: 'union-1', expectedVersion: 0, events: eventsOf(2) }]);
      const refused = store.append([
        { stream: 'member-1', expectedVersion: 0, events: eventsOf(1) },
        { stream: 'union-1', expectedVersion: 1, events: [] },
      ]);
      await expect(refused).rejects.toMatchObject({ stream: 'union-1', expected: 1, actual: 2 });
      expect(await store.readStream('member-1')).toEqual([]);
    });

    it('answers guards alone, and nothing at all, with nothing', async () => {
      const { store } = current();
      expect(await store.append([])).toEqual([]);
      expect(await store.append([{ stream: 'union-1', expectedVersion: 0, events: [] }])).toEqual(
        [],
      );
      await expect(
        store.append([{ stream: 'union-1', expectedVersion: 1, events: [] }]),
      ).rejects.toBeInstanceOf(VersionConflictError);
    });

    it('refuses a stream that stands twice, and writes nothing', async () => {
      const { store } = current();
      const twice = store.append([
        { stream: 'union-1', expectedVersion: 0, events: eventsOf(1) },
        { stream: 'union-1', expectedVersion: 1, events: eventsOf(1) },
      ]);
      await expect(twice).rejects.toThrow();
      expect(await store.readStream('union-1')).toEqual([]);
    });

    it('tells streams apart by every character', async () => {
      const { store } = current();
      const streams = [
        'union-a',
        'union-A',
        'union-a ',
        'union-\u00e9',
        'union-e\u0301',
        '工会-1',
        'union-👷',
      ];
      for (const stream of streams) {
        await store.append([{ stream, expectedVersion: 0, events: [eventOf({ stream })] }]);
      }
      for (const stream of streams) {
        const events = await store.readStream(stream);
        expect(events.map(({ data }) => data)).toEqual([{ stream }]);
      }
    });

    it('takes thousands of events in one append', async () => {
      const { store } = current();
      await store.append([{ stream: 'union-1', expectedVersion: 0, events: eventsOf(3500) }]);
      const events = await store.readStream('union-1');
      expect(events.map(({ version }) => version)).toEqual(oneTo(3500));
      expect(events.map(({ data }) => data['nth'])).toEqual(oneTo(3500));
    });

    it('keeps every event in the partition of its stream, positions without gaps', async () => {
      const { store } = current();
      for (const nth of oneTo(40)) {
        await store.append([
          { stream: `union-${nth}`, expectedVersion: 0, events: eventsOf(nth % 3) },
        ]);
      }
      const partitions = await allEvents(store);
      for (const [partition, events] of partitions.entries()) {
        expect(events.map(({ position }) => position)).toEqual(oneTo(events.length));
        for (const event of events) {
          expect(event.partition).toBe(partition);
          expect(partitionOf(event.stream, 4)).toBe(partition);
        }
      }
      expect(await store.heads()).toEqual(partitions.map(({ length }) => length));
    });
  });
}
