import { partitionOf } from '@unionfold/eventsourcing';
import { describe, expect, it } from 'vitest';
import { checkEventStore } from './check-event-store.ts';
import { type EventRecords, type EventRow, keyOf, type ReceiptRow } from './event-records.ts';

const partitions = 2;
/** Streams by the partition they belong to. */
const [a = '', b = ''] = [0, 1].map((wanted) =>
  Array.from({ length: 50 }, (_, n) => `union-${n}`).find(
    (stream) => partitionOf(stream, partitions) === wanted,
  ),
);

/** A whole store: three events of one stream and two of another, one snapshot, one receipt. */
function wholeStore() {
  const event = (position: number, stream: string, version: number): EventRow => ({
    position,
    stream,
    version,
    id: `${stream}/${version}`,
  });
  return {
    events: [
      [event(1, a, 1), event(2, a, 2), event(3, a, 3)],
      [event(1, b, 1), event(2, b, 2)],
    ],
    counters: new Map([
      [0, 3],
      [1, 2],
    ]),
    countersAfter: undefined as Map<number, number> | undefined,
    strays: [] as string[],
    receipts: [
      { key: 'k', appended: [{ partition: 0, position: 2, stream: a, version: 2, events: 2 }] },
    ] as ReceiptRow[],
    snapshots: [{ stream: b, version: 2 }],
  };
}

type Store = ReturnType<typeof wholeStore>;

function recordsOf(store: Store): EventRecords {
  let asked = 0;
  const all = store.events.flatMap((events, partition) =>
    events.map((event) => ({ ...event, partition })),
  );
  return {
    partitions,
    counters: async () => {
      asked += 1;
      return asked === 1 ? store.counters : (store.countersAfter ?? store.counters);
    },
    events: async function* (partition) {
      yield* store.events[partition] ?? [];
    },
    strays: async function* () {
      yield* store.strays;
    },
    receipts: async function* () {
      yield* store.receipts;
    },
    snapshots: async function* () {
      yield* store.snapshots;
    },
    at: async (places) => {
      const wanted = new Set(places.map(keyOf));
      return new Map(
        all.filter((event) => wanted.has(keyOf(event))).map((event) => [keyOf(event), event]),
      );
    },
    heads: async (streams) => {
      const heads = new Map<string, number>();
      for (const { stream, version } of all)
        if (streams.includes(stream)) heads.set(stream, version);
      return heads;
    },
  };
}

const replaced = (events: EventRow[] | undefined, index: number, change: Partial<EventRow>) => {
  const event = events?.[index];
  if (events === undefined || event === undefined) throw new Error('no such event');
  events[index] = { ...event, ...change };
};

describe('The check of an event store', () => {
  it('finds nothing in a whole one, and tells what it has looked at', async () => {
    const report = await checkEventStore('organizations', recordsOf(wholeStore()));
    expect(report.findings).toEqual([]);
    expect(report.counts).toEqual({ partitions, events: 5, streams: 2, receipts: 1, snapshots: 1 });
  });

  it('bears appends that come while it looks', async () => {
    const store = wholeStore();
    store.counters = new Map([
      [0, 2],
      [1, 2],
    ]);
    store.countersAfter = new Map([
      [0, 7],
      [1, 2],
    ]);
    expect((await checkEventStore('organizations', recordsOf(store))).findings).toEqual([]);
  });

  const faults: Record<string, readonly [(store: Store) => void, readonly string[], string]> = {
    'a position that is missing': [
      (store) => store.events[0]?.splice(1, 1),
      ['position-gap', 'version-gap', 'receipt-orphan'],
      'partition 0, positions 2 to 2',
    ],
    'a position that is there twice': [
      (store) => store.events[1]?.push({ position: 2, stream: b, version: 3, id: 'x' }),
      ['position-repeated'],
      'partition 1, position 2',
    ],
    'a position that is none': [
      (store) => replaced(store.events[1], 0, { position: 0.5 }),
      ['position-repeated', 'position-gap'],
      'partition 1, position 0.5',
    ],
    'a version that is missing': [
      (store) => replaced(store.events[1], 1, { version: 3 }),
      ['version-gap'],
      `partition 1, position 2, stream ${b}, version 3 after 1`,
    ],
    'a version that is there twice': [
      (store) => replaced(store.events[1], 1, { version: 1 }),
      ['version-order', 'snapshot-ahead'],
      `partition 1, position 2, stream ${b}, version 1 after 1`,
    ],
    'a stream in the partition of another': [
      (store) => store.events[1]?.push({ position: 3, stream: a, version: 1, id: 'x' }),
      ['wrong-partition', 'counter-wrong'],
      `partition 1, position 3, stream ${a}`,
    ],
    'an id that is there twice': [
      (store) => replaced(store.events[1], 1, { id: `${a}/2` }),
      ['id-repeated'],
      `event ${a}/2 at 0@2 and 1@2`,
    ],
    'a counter that is behind': [
      (store) => store.counters.set(0, 2),
      ['counter-wrong'],
      'partition 0, counter 2, last event 3',
    ],
    'a counter that is ahead': [
      (store) => store.counters.set(1, 4),
      ['counter-wrong'],
      'partition 1, counter 4, last event 2',
    ],
    'a counter that is missing': [
      (store) => store.counters.delete(1),
      ['counter-missing'],
      'partition 1',
    ],
    'an event outside all partitions': [
      (store) => store.strays.push('_id 12'),
      ['event-outside'],
      '_id 12',
    ],
    'a receipt of events that are not there': [
      (store) =>
        store.receipts.push({
          key: 'l',
          appended: [{ partition: 1, position: 2, stream: b, version: 2, events: 2 }],
        }),
      ['receipt-orphan'],
      `1@3, stream ${b}, version 3`,
    ],
    'a receipt of other events': [
      (store) =>
        store.receipts.push({
          key: 'l',
          appended: [{ partition: 1, position: 1, stream: b, version: 2, events: 1 }],
        }),
      ['receipt-wrong'],
      `1@1, stream ${b}, version 2`,
    ],
    'a snapshot ahead of its stream': [
      (store) => store.snapshots.push({ stream: a, version: 4 }),
      ['snapshot-ahead'],
      `stream ${a}, snapshot 4, last version 3`,
    ],
  };

  it.each(Object.entries(faults))('finds %s', async (_, [damage, kinds, example]) => {
    const store = wholeStore();
    damage(store);
    const { findings } = await checkEventStore('organizations', recordsOf(store));
    const found = findings.filter(({ severity }) => severity === 'violation');
    expect(new Set(found.map(({ kind }) => kind))).toEqual(new Set(kinds));
    expect(found.find(({ kind }) => kind === kinds[0])?.examples).toContain(example);
  });
});
