import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventStore, eventsTopic, partitionOf } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BedConsumer, patience, upTo } from './bed-consumer.fixture.ts';
import { ForeignRecordError, GarbledRecordError, toCloudEvent } from './cloud-event.ts';
import { KafkaBed } from './kafka-bed.fixture.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { RecordsMissingError } from './partition-slot.ts';

describe('A member of a Kafka group', () => {
  let bed: KafkaBed;
  let topic: string;
  let group: string;
  beforeAll(async () => {
    bed = await KafkaBed.open();
  });
  afterAll(() => bed.close());
  beforeEach(() => {
    topic = eventsTopic(`group-${randomUUID()}`);
    group = `group-${randomUUID()}`;
  });

  it('has everything handled once while three members come and go under load', async () => {
    const store = await bed.topic(topic, 6);
    bed.relay({ topic, store });
    const log = bed.log();
    const model = new BedConsumer();
    const join = (name: string) =>
      log.consume(model.member(name, { group, topics: [topic] }, () => sleep(1)));
    const loading = appendMany(store, 3_000);
    const first = join('first');
    const second = join('second');
    await vi.waitFor(() => expect(model.applied(0).length).toBeGreaterThan(0), patience);
    const third = join('third');
    await vi.waitFor(() => expect(third.assignments().length).toBe(2), patience);
    await second.stop();
    const fourth = join('fourth');
    await vi.waitFor(() => expect(fourth.assignments().length).toBe(2), patience);
    await first.stop();
    await loading;
    const heads = await store.heads();
    await model.reached(heads);
    for (const [partition, head] of heads.entries()) {
      expect(model.positions(partition)).toEqual(upTo(head));
    }
    await Promise.all([third.stop(), fourth.stop()]);
  });

  it('keeps its partitions while a batch lasts longer than a session, and ends it before it gives them up', async () => {
    const store = await bed.topic(topic, 2);
    bed.relay({ topic, store });
    const log = bed.log();
    const model = new BedConsumer();
    const story: string[] = [];
    const began = Promise.withResolvers<void>();
    const slow = log.consume(
      model.member('slow', { group, topics: [topic] }, async () => {
        if (story.length > 0) return;
        story.push('began');
        began.resolve();
        // The group forgets a member after eight seconds of silence.
        await sleep(11_000);
        story.push('ended');
      }),
    );
    await appendMany(store, 40);
    await began.promise;
    const other = log.consume({
      ...model.member('other', { group, topics: [topic] }),
      startAfter: async () => {
        story.push('other asked');
        return undefined;
      },
      handle: async () => undefined,
    });
    await vi.waitFor(() => expect(other.assignments().length).toBe(1), patience);
    expect(story.slice(0, 3)).toEqual(['began', 'ended', 'other asked']);
    expect(model.errors).toEqual([]);
    await Promise.all([slow.stop(), other.stop()]);
  });

  it('goes on with the other partitions, and with what comes there, while a batch of one takes its time', async () => {
    const store = await bed.topic(topic, 3);
    bed.relay({ topic, store });
    const log = bed.log();
    const model = new BedConsumer();
    const release = Promise.withResolvers<void>();
    const began = Promise.withResolvers<void>();
    const consumer = log.consume(
      model.member('only', { group, topics: [topic] }, async ({ partition }) => {
        if (partition !== 0) return;
        began.resolve();
        await release.promise;
      }),
    );
    await appendMany(store, 200);
    await began.promise;
    await appendMany(store, 200);
    const heads = await store.heads();
    await model.reached([0, ...heads.slice(1)]);
    release.resolve();
    await model.reached(heads);
    await consumer.stop();
  });

  it('does not keep a partition resting that was given away and comes back', async () => {
    const store = await bed.topic(topic, 2);
    bed.relay({ topic, store });
    const { kafka, relays, prefix } = bed;
    const hourMs = 3_600_000;
    const log = new KafkaEventLog({
      kafka,
      relays,
      prefix,
      backOff: { firstMs: hourMs, capMs: hourMs },
    });
    const model = new BedConsumer();
    let rejections = 0;
    const staying = log.consume(
      model.member('staying', { group, topics: [topic] }, async () => {
        if (rejections < 2) {
          rejections += 1;
          throw new Error('not yet');
        }
      }),
    );
    await appendMany(store, 100);
    await vi.waitFor(() => expect(model.errors.length).toBe(2), patience);
    const visiting = log.consume(model.member('visiting', { group, topics: [topic] }));
    await vi.waitFor(() => expect(visiting.assignments().length).toBe(1), patience);
    await visiting.stop();
    await vi.waitFor(() => expect(staying.assignments().length).toBe(2), patience);
    await appendMany(store, 100);
    await model.reached(await store.heads());
    await log.close();
  });

  it('passes over what the owning service has not written, and waits at what it has and nobody can read', async () => {
    const store = await bed.topic(topic, 1);
    await appendMany(store, 3);
    const [first, second, third] = await store.readPartition(0, 0, 10);
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('no events');
    const own = toCloudEvent(second, `/unionfold/${topic.split('.')[1]}`);
    await bed.publisher.publish(topic, [first]);
    await bed.publisher.send(topic, [toCloudEvent(third, '/elsewhere')]);
    await bed.publisher.publish(topic, [second]);
    await bed.publisher.send(topic, [{ ...own, value: 'no JSON' }]);
    await bed.publisher.publish(topic, [third]);
    const model = new BedConsumer();
    const log = bed.log();
    const consumer = log.consume(model.member('only', { group, topics: [topic], maxBatch: 1 }));
    await vi.waitFor(() => {
      const garbled = model.errors.filter((error) => error instanceof GarbledRecordError);
      expect(garbled.length).toBeGreaterThan(1);
    }, patience);
    expect(model.errors.some((error) => error instanceof ForeignRecordError)).toBe(true);
    expect(model.positions(0)).toEqual([1, 2]);
    await consumer.stop();
  });

  it('tells of records that are no more instead of passing over them', async () => {
    const store = await bed.topic(topic, 1);
    await appendMany(store, 10);
    const events = await store.readPartition(0, 0, 10);
    await bed.publisher.publish(topic, events);
    const name = bed.prefix + topic;
    await bed.admin.deleteTopicRecords({
      topic: name,
      partitions: [{ partition: 0, offset: '4' }],
    });
    const log = bed.log();
    const model = new BedConsumer();
    const late = log.consume(model.member('late', { group, topics: [topic] }));
    const missing = () => model.errors.filter((error) => error instanceof RecordsMissingError);
    await vi.waitFor(() => expect(missing().length).toBeGreaterThan(1), patience);
    await late.stop();

    const beyond = log.consume({
      ...model.member('beyond', { group: `${group}-beyond`, topics: [topic] }),
      startAfter: async () => ({ position: 20, cursor: '20' }),
    });
    const before = missing().length;
    await vi.waitFor(() => expect(missing().length).toBeGreaterThan(before), patience);
    await beyond.stop();
    expect(model.positions(0)).toEqual([]);
  });

  it('publishes dead letters with what happened and all that the event had', async () => {
    const store = await bed.topic(topic, 3);
    await appendMany(store, 1, '工会 ✊ “Ünïön”');
    const stored = await Promise.all(
      [0, 1, 2].map((partition) => store.readPartition(partition, 0, 1)),
    );
    const [recorded] = stored.flat();
    if (recorded === undefined) throw new Error('no event');
    const log = bed.log();
    const failedAt = '2025-05-01T00:00:00.000Z';
    await log.publishDeadLetter({
      consumer: 'dues',
      topic,
      recorded,
      reason: 'no such member',
      attempts: 4,
      parked: false,
      failedAt,
    });
    const letters = topic.replace('.events.', '.dead-letters.');
    expect((await bed.records(letters)).flat()).toEqual([recorded]);
    expect(await bed.firstHeaders(letters)).toMatchObject({
      dead_letter_consumer: 'dues',
      dead_letter_reason: 'no such member',
      dead_letter_attempts: '4',
      dead_letter_parked: 'false',
      dead_letter_failed_at: failedAt,
      ce_id: recorded.id,
    });
  });
});

/** Appends to forty streams, one event a stream and append. */
async function appendMany(store: EventStore, count: number, text = 'noted'): Promise<void> {
  const appends = Array.from({ length: count }, (_, index) => {
    const stream = `stream-${index % 40}`;
    const data = { text, index, partition: partitionOf(stream, store.partitions) };
    const metadata = { actor: 'a', correlationId: 'c', occurredAt: '2025-05-01T00:00:00.000Z' };
    const events = [{ id: randomUUID(), type: 'unionfold.test.v1.Noted', data, metadata }];
    return store.append([{ stream, expectedVersion: 'any', events }]);
  });
  await Promise.all(appends);
}
