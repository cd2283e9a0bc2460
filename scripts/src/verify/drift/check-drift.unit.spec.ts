import type { EventCodec, JsonObject, Projection } from '@unionfold/eventsourcing';
import { describe, expect, it } from 'vitest';
import type { PartitionEvents, StoredEvent } from '../topic/topic-records.ts';
import { checkDrift } from './check-drift.ts';
import { eventKey, type LiveReadModel, MomentPassedError } from './live-read-model.ts';

const topic = 'unionfold.organizations.events.v1';

/** Counts events by stream, and lists their positions; one of type `Poison` cannot be handled. */
const counting: Projection = {
  name: 'counts',
  version: 1,
  topics: [topic],
  collections: [{ name: 'streams', indexes: [] }],
  apply: async ({ event, recorded }, documents) => {
    if (event.type === 'Poison') throw new RangeError('secret');
    const before = await documents.get('streams', recorded.stream);
    const seen = [...((before?.['seen'] as number[] | undefined) ?? []), recorded.position];
    documents.put('streams', { id: recorded.stream, count: seen.length, seen });
  },
};

const codec: EventCodec = {
  encode: async () => [],
  decode: async (events) =>
    events.map((recorded) => ({ event: { type: recorded.type, data: {} }, recorded })),
  isPublic: () => true,
};

function stored(position: number, stream: string, type = 'Noted'): StoredEvent {
  const metadata = { actor: 'a', correlationId: 'c', occurredAt: '' };
  const recordedAt = new Date(position).toISOString();
  return { position, stream, version: 1, id: `e${position}`, type, data: {}, metadata, recordedAt };
}

function eventsOf(events: readonly StoredEvent[]): PartitionEvents {
  return {
    after: async (position, limit) =>
      events.filter((event) => event.position > position).slice(0, Math.min(limit, 2)),
    at: async () => new Map(),
  };
}

/** Two partitions: streams a, b, a, b in the first and c in the second. */
function log(): StoredEvent[][] {
  const first = ['a', 'b', 'a', 'b'].map((stream, index) => stored(index + 1, stream));
  return [first, [stored(1, 'c')]];
}

const live = {
  a: { id: 'a', count: 2, seen: [1, 3] },
  b: { id: 'b', count: 2, seen: [2, 4] },
  c: { id: 'c', count: 1, seen: [1] },
};

type Documents = Readonly<Record<string, JsonObject & { readonly id: string }>>;

function modelOf(documents: Documents, change: Partial<LiveReadModel> = {}): LiveReadModel {
  return {
    generation: 1,
    version: 1,
    positions: new Map([
      [`${topic}/0`, 4],
      [`${topic}/1`, 1],
    ]),
    leftOut: new Set(),
    documents: async function* () {
      yield* Object.values(documents).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    ...change,
  };
}

/** @param moments what the live read model is at each look */
async function check(
  moments: readonly (LiveReadModel | undefined | Error)[],
  events: readonly (readonly StoredEvent[])[] = log(),
  limitMs = 10_000,
) {
  let look = 0;
  const report = await checkDrift({
    owner: 'gateway',
    projection: counting,
    codec,
    topics: new Map([[topic, events.map(eventsOf)]]),
    live: {
      at: async (_, work) => {
        const model = moments[Math.min(look, moments.length - 1)];
        look += 1;
        if (model instanceof Error) throw model;
        return await work(model);
      },
    },
    limitMs,
  });
  return {
    ...report,
    looks: look,
    found: report.findings.map(({ kind, count, examples }) => ({ kind, count, examples })),
  };
}

describe('The check for drift', () => {
  it('finds nothing where the live documents are those of a rebuild', async () => {
    const report = await check([modelOf(live)]);
    expect(report.found).toEqual([]);
    expect(report.counts).toEqual({ events: 5, documents: 3 });
    expect(report.unchecked).toBeUndefined();
  });

  it('compares at the live positions, not at the head', async () => {
    const { a, c } = live;
    const documents = { a: { ...a, count: 1, seen: [1] }, b: { id: 'b', count: 1, seen: [2] }, c };
    const positions = new Map([
      [`${topic}/0`, 2],
      [`${topic}/1`, 1],
    ]);
    expect((await check([modelOf(documents, { positions })])).found).toEqual([]);
  });

  it('finds an event that was counted twice, by the names of the fields alone', async () => {
    const documents = { ...live, b: { id: 'b', count: 3, seen: [2, 4, 4] } };
    expect((await check([modelOf(documents)])).found).toEqual([
      { kind: 'drift-differs', count: 1, examples: ['streams b: count, seen'] },
    ]);
  });

  it('finds events that were applied in a wrong order', async () => {
    const documents = { ...live, a: { ...live.a, seen: [3, 1] } };
    expect((await check([modelOf(documents)])).found).toEqual([
      { kind: 'drift-differs', count: 1, examples: ['streams a: seen'] },
    ]);
  });

  it('finds documents that are missing, and those that are too many', async () => {
    const { b: _, ...rest } = live;
    const documents = { ...rest, bb: { ...live.b, id: 'bb' } };
    expect((await check([modelOf(documents)])).found).toEqual([
      { kind: 'drift-missing', count: 1, examples: ['streams b'] },
      { kind: 'drift-extra', count: 1, examples: ['streams bb'] },
    ]);
  });

  it('finds a field that is absent on one side', async () => {
    const documents = { ...live, c: { ...live.c, note: null } };
    expect((await check([modelOf(documents)])).found).toEqual([
      { kind: 'drift-differs', count: 1, examples: ['streams c: note'] },
    ]);
  });

  it('leaves out what the live one has among its dead letters', async () => {
    const events = log();
    events[0] = [...(events[0] ?? []), stored(5, 'd', 'Poison'), stored(6, 'd')];
    const positions = new Map([
      [`${topic}/0`, 6],
      [`${topic}/1`, 1],
    ]);
    const leftOut = new Set([eventKey(topic, 0, 5), eventKey(topic, 0, 6)]);
    expect((await check([modelOf(live, { positions, leftOut })], events)).found).toEqual([]);
    expect((await check([modelOf(live, { positions })], events)).found).toEqual([
      { kind: 'cannot-be-handled', count: 1, examples: [`${topic}/0@5: RangeError`] },
      { kind: 'drift-missing', count: 1, examples: ['streams d'] },
    ]);
  });

  it('handles what was replayed by an operator meanwhile', async () => {
    const leftOut = new Set([eventKey(topic, 0, 3)]);
    const before = modelOf({ ...live, a: { id: 'a', count: 1, seen: [1] } }, { leftOut });
    expect((await check([before])).found).toEqual([]);
    expect((await check([before, modelOf(live)])).found).toEqual([]);
  });

  it('goes on to where the live one is by then, and begins anew when it has gone back', async () => {
    const { a, c } = live;
    const documents = { a: { ...a, count: 1, seen: [1] }, c };
    const positions = new Map([
      [`${topic}/0`, 1],
      [`${topic}/1`, 1],
    ]);
    const early = modelOf(documents, { positions });
    expect((await check([early, modelOf(live)])).found).toEqual([]);
    expect((await check([modelOf(live), early])).found).toEqual([]);
  });

  it('looks again when the moment has passed, and gives up when the time is up', async () => {
    const passed = new MomentPassedError('too old');
    const report = await check([passed, passed, modelOf(live)]);
    expect(report).toMatchObject({ looks: 3, found: [] });
    expect(report.unchecked).toBeUndefined();
    expect((await check([passed], log(), 20)).unchecked).toContain('20 ms');
  });

  it('says what cannot be compared', async () => {
    expect((await check([undefined])).unchecked).toContain('never been started');
    const older = modelOf(live, { version: 2 });
    expect((await check([older])).unchecked).toContain('version 2');
  });
});
