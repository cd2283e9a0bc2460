import { describe, expect, it } from 'vitest';
import { Findings } from '../report.ts';
import { TopicPartitionCheck } from './topic-partition-check.ts';
import type { RelayRecord, StoredEvent, TopicRecord } from './topic-records.ts';

const source = '/unionfold/organizations';

function eventAt(position: number, type = 'Renamed'): StoredEvent {
  return {
    position,
    stream: `union-${position % 3}`,
    version: Math.ceil(position / 3),
    id: `e${position}`,
    type,
    data: { name: `n${position}`, flags: { b: 1, a: [2] } },
    metadata: {
      actor: 'a',
      correlationId: 'c',
      occurredAt: '2025-06-01T00:00:00.000Z',
      ...(position % 2 === 0 ? { causationId: 'e0', traceparent: '00-ab-cd-01' } : {}),
    },
    recordedAt: '2025-06-01T00:00:01.000Z',
  };
}

function recordOf(event: StoredEvent, offset: number): TopicRecord {
  const { causationId, traceparent } = event.metadata;
  return {
    offset,
    key: event.stream,
    value: JSON.stringify(event.data),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: source,
      ce_type: event.type,
      ce_subject: event.stream,
      ce_time: event.recordedAt,
      ce_streamversion: String(event.version),
      ce_position: String(event.position),
      ce_occurredat: event.metadata.occurredAt,
      ce_actor: event.metadata.actor,
      ce_correlationid: event.metadata.correlationId,
      ...(causationId === undefined ? {} : { ce_causationid: causationId }),
      ...(traceparent === undefined ? {} : { ce_traceparent: traceparent, traceparent }),
    },
  };
}

/** Compares a topic that has events at these positions with a store of 20, the sixth and the last of them internal. */
async function check(
  positions: readonly number[],
  options: {
    readonly relay?: RelayRecord;
    readonly isCut?: boolean;
    readonly change?: (record: TopicRecord) => TopicRecord;
    readonly stored?: readonly StoredEvent[];
  } = {},
) {
  const stored =
    options.stored ??
    Array.from({ length: 20 }, (_, index) =>
      eventAt(index + 1, index === 5 || index === 19 ? 'Internal' : 'Renamed'),
    );
  const findings = new Findings();
  const check = new TopicPartitionCheck({
    partition: 3,
    source,
    events: {
      after: async (position, limit) =>
        stored.filter((event) => event.position > position).slice(0, Math.min(limit, 7)),
      at: async (wanted) =>
        new Map(
          stored
            .filter(({ position }) => wanted.includes(position))
            .map((event) => [event.position, event]),
        ),
    },
    isPublic: (type) => type !== 'Internal',
    relay: options.relay ?? { position: 20, published: 19 },
    isCut: options.isCut ?? false,
    findings,
  });
  const records = positions.map((position, offset) => {
    const record = recordOf(eventAt(position), offset);
    return options.change?.(record) ?? record;
  });
  for (let at = 0; at < records.length; at += 4) await check.take(records.slice(at, at + 4));
  await check.finish();
  const found = findings.list().map(({ kind, count, examples }) => ({ kind, count, examples }));
  return { check, found };
}

const upTo = (last: number) =>
  Array.from({ length: last }, (_, index) => index + 1).filter((position) => position !== 6);
const all = upTo(19);
const without = (...positions: number[]) => all.filter((one) => !positions.includes(one));

describe('The check of a topic against its store', () => {
  it('finds nothing where the topic has all public events in order', async () => {
    const { check: done, found } = await check(all);
    expect(found).toEqual([]);
    expect(done).toMatchObject({ found: 18, redelivered: 0, reached: 19 });
  });

  it('takes repeated stretches for what they are', async () => {
    const { check: done, found } = await check([1, 2, 3, 4, 5, 3, 4, 5, 7, 8, 1, 2, ...upTo(19)]);
    expect(found).toEqual([]);
    expect(done).toMatchObject({ found: 18, redelivered: 12, reached: 19 });
  });

  it('bears events that are published and not yet noted, and those that are not yet published', async () => {
    const { found } = await check(upTo(15), { relay: { position: 9, published: 9 } });
    expect(found).toEqual([]);
  });

  it('finds an event that is missing', async () => {
    expect((await check(without(8, 9))).found).toEqual([
      { kind: 'missing-in-topic', count: 2, examples: ['3@8', '3@9'] },
    ]);
  });

  it('finds what is missing at the end of the topic', async () => {
    const { found } = await check(upTo(17));
    expect(found).toEqual([{ kind: 'missing-in-topic', count: 2, examples: ['3@18', '3@19'] }]);
  });

  it('finds that a topic is empty', async () => {
    expect((await check([])).found).toMatchObject([{ kind: 'missing-in-topic', count: 18 }]);
  });

  it('finds an event that came late for the first time', async () => {
    const { found, check: done } = await check([1, 2, 4, 5, 3, ...all.slice(5)]);
    expect(found).toEqual([
      { kind: 'order', count: 1, examples: ['3@3, offset 4, stream union-0, version 1'] },
    ]);
    expect(done.found).toBe(18);
  });

  it.each([
    ['beyond the end of the store', 40],
    ['at a position that is another event’s', 12],
    ['at a position that was there before', 2],
  ])('finds an event that the store does not have, %s', async (_, position) => {
    const ids = [...all.slice(0, 4), position, ...all.slice(4)];
    const { found } = await check(ids, {
      change: (record) =>
        record.offset === 4
          ? { ...record, headers: { ...record.headers, ce_id: 'forged' } }
          : record,
    });
    expect(found).toEqual([
      {
        kind: 'phantom',
        count: 1,
        examples: [`partition 3, position ${position}, offset 4, id forged`],
      },
    ]);
  });

  it('finds an internal event in the topic', async () => {
    const { found } = await check([1, 2, 3, 4, 5, 6, ...all.slice(5)], {
      change: (record) =>
        record.headers['ce_position'] === '6' ? recordOf(eventAt(6, 'Internal'), 5) : record,
    });
    expect(found).toEqual([{ kind: 'internal-in-topic', count: 1, examples: ['3@6, offset 5'] }]);
  });

  it('finds a record that is no event', async () => {
    const { found } = await check([...all, 1], {
      change: (record) => (record.offset === 18 ? { ...record, headers: {} } : record),
    });
    expect(found).toEqual([
      { kind: 'foreign-record', count: 1, examples: ['partition 3, offset 18'] },
    ]);
  });

  const changes: Record<string, (record: TopicRecord) => TopicRecord> = {
    key: (record) => ({ ...record, key: 'union-9' }),
    value: (record) => ({ ...record, value: '{"name":"other"}' }),
    ...Object.fromEntries(
      ['ce_type', 'ce_subject', 'ce_streamversion', 'ce_actor', 'ce_time', 'traceparent'].map(
        (name) => [
          name,
          (record: TopicRecord) => ({ ...record, headers: { ...record.headers, [name]: 'x' } }),
        ],
      ),
    ),
  };
  it.each(Object.entries(changes))(
    'finds that %s differs, and tells no value',
    async (name, change) => {
      for (const offset of [2, 18]) {
        const { found } = await check([...all, 2], {
          change: (record) => (record.offset === offset ? change(record) : record),
        });
        const position = offset === 2 ? 3 : 2;
        expect(found).toEqual([
          {
            kind: 'content-differs',
            count: 1,
            examples: [`3@${position}, offset ${offset}: ${name}`],
          },
        ]);
      }
    },
  );

  it('does not mind the order of keys in the value', async () => {
    const { found } = await check(all, {
      change: (record) => {
        const { name, flags } = JSON.parse(record.value ?? '');
        return { ...record, value: JSON.stringify({ flags: { a: flags.a, b: flags.b }, name }) };
      },
    });
    expect(found).toEqual([]);
  });

  it('finds a relay record that names another last public position', async () => {
    const { found } = await check(all, { relay: { position: 20, published: 20 } });
    expect(found).toMatchObject([{ kind: 'published-wrong' }]);
  });

  it('finds a relay that has dealt with more than there is', async () => {
    const { found } = await check(all, { relay: { position: 25, published: 19 } });
    expect(found).toMatchObject([{ kind: 'relay-ahead' }]);
  });

  it('warns when the topic has lost its beginning, and does not take it for missing', async () => {
    const { found } = await check(without(1, 2), { isCut: true });
    expect(found).toEqual([{ kind: 'expired', count: 2, examples: ['3@1', '3@2'] }]);
  });
});
