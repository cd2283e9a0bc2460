import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RecordedEvent } from '../event.ts';
import { type EventStore, VersionConflictError } from '../event-store.ts';
import {
  allEvents,
  Collector,
  type EventStoreFixtureFactory,
  eventOf,
  eventsOf,
  freshEventStore,
  oneTo,
} from './event-store-fixture.ts';

/** Many appends at once. */
export function concurrencyContract(factory: EventStoreFixtureFactory): void {
  describe('concurrent appends', () => {
    const current = freshEventStore(factory, 3);

    it('lets exactly one of those who expect the same version win', async () => {
      const { store } = current();
      const streams = oneTo(5).map((nth) => `union-${nth}`);
      const attempts = oneTo(400).map((nth) => streams[nth % 5] ?? '');
      const outcomes = await Promise.allSettled(
        attempts.map((stream, nth) =>
          store.append([{ stream, expectedVersion: 0, events: [eventOf({ nth })] }]),
        ),
      );
      for (const stream of streams) {
        const winners = outcomes.flatMap((outcome, nth) =>
          attempts[nth] === stream && outcome.status === 'fulfilled' ? [nth] : [],
        );
        const events = await store.readStream(stream);
        expect(winners).toHaveLength(1);
        expect(events.map(({ data }) => data['nth'])).toEqual(winners);
      }
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toBeInstanceOf(VersionConflictError);
      }
    });

    it('loses and doubles nothing under contention, while subscribers follow in order', async () => {
      const { store } = current();
      const collectors = oneTo(3).map((nth) => new Collector(store, nth - 1, { maxBatch: 7 }));
      const acknowledged: string[] = [];
      await Promise.all(
        oneTo(40).map(async (writer) => {
          for (const nth of oneTo(10)) {
            const event = eventOf({ writer, nth });
            const stream = `union-${(writer + nth) % 6}`;
            await appendWithRetry(store, stream, event);
            acknowledged.push(event.id);
          }
        }),
      );
      const partitions = await allEvents(store);
      const stored = partitions.flat();
      expect(stored.map(({ id }) => id).sort()).toEqual([...acknowledged].sort());
      expectVersionsWithoutGaps(stored);
      for (const [partition, events] of partitions.entries()) {
        const collector = collectors[partition];
        await collector?.received(events.length);
        await collector?.subscription.stop();
        expect(collector?.events()).toEqual(events);
        expect(collector?.positions()).toEqual(oneTo(events.length));
      }
    });

    it('keeps appends to several streams whole', async () => {
      const { store } = current();
      const outcomes = await Promise.allSettled(
        oneTo(200).map((nth) =>
          store.append(
            [`union-${nth % 7}`, `union-${7 + (nth % 5)}`].map((stream) => ({
              stream,
              expectedVersion: Math.floor(nth / 35),
              events: [eventOf({ nth })],
            })),
          ),
        ),
      );
      const stored = (await allEvents(store)).flat();
      for (const [index, outcome] of outcomes.entries()) {
        const written = stored.filter(({ data }) => data['nth'] === index + 1);
        expect(written).toHaveLength(outcome.status === 'fulfilled' ? 2 : 0);
      }
      expectVersionsWithoutGaps(stored);
    });

    it('shows a reader nothing new at or below a position it has seen', async () => {
      const { store } = current();
      let writing = true;
      const seen: RecordedEvent[] = [];
      const reader = (async () => {
        for (;;) {
          const last = !writing;
          const found = await store.readPartition(0, seen.at(-1)?.position ?? 0, 11);
          seen.push(...found);
          if (last && found.length === 0) return;
          // An adapter may answer without I/O: such a loop alone would never let the writers go on.
          await nextTurn();
        }
      })();
      await Promise.all(
        oneTo(300).map((nth) =>
          store.append([{ stream: `union-${nth}`, expectedVersion: 0, events: eventsOf(2) }]),
        ),
      );
      writing = false;
      await reader;
      expect(seen).toEqual(await store.readPartition(0, 0, Number.MAX_SAFE_INTEGER));
    });

    it('shows an append to every reader once it is acknowledged', async () => {
      const { store } = current();
      await Promise.all(
        oneTo(100).map(async (nth) => {
          const stream = `union-${nth}`;
          const [appended] = await store.append([
            { stream, expectedVersion: 0, events: eventsOf(1) },
          ]);
          const partition = appended?.partition ?? -1;
          expect(await store.readStream(stream)).toHaveLength(1);
          expect((await store.heads())[partition]).toBeGreaterThanOrEqual(appended?.position ?? 0);
        }),
      );
    });
  });
}

/** Reads the version and appends at it, again as long as somebody else was faster. */
async function appendWithRetry(
  store: EventStore,
  stream: string,
  event: ReturnType<typeof eventOf>,
): Promise<void> {
  for (;;) {
    const version = (await store.readStream(stream)).at(-1)?.version ?? 0;
    try {
      await store.append([{ stream, expectedVersion: version, events: [event] }]);
      return;
    } catch (error) {
      if (!(error instanceof VersionConflictError)) throw error;
    }
  }
}

function expectVersionsWithoutGaps(events: readonly RecordedEvent[]): void {
  for (const [stream, ofStream] of Map.groupBy(events, (event) => event.stream)) {
    expect(
      ofStream.map(({ version }) => version),
      stream,
    ).toEqual(oneTo(ofStream.length));
  }
}
