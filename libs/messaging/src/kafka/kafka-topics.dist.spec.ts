import { randomUUID } from 'node:crypto';
import { eventsTopic, UnknownTopicError } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KafkaBed } from './kafka-bed.fixture.ts';
import { migrateTopics, TopicMismatchError } from './kafka-topics.ts';

describe('Topics in Kafka', () => {
  let bed: KafkaBed;
  let topic: string;
  beforeAll(async () => {
    bed = await KafkaBed.open();
  });
  afterAll(() => bed.close());
  beforeEach(() => {
    topic = eventsTopic(`topics-${randomUUID()}`);
  });

  const migrate = (partitions: number) =>
    migrateTopics(bed.admin, topic, { partitions, replication: 1 }, bed.prefix);

  it('are made once by many processes, with their dead letters', async () => {
    await Promise.all(Array.from({ length: 4 }, () => migrate(3)));
    await migrate(3);
    const names = [topic, topic.replace('.events.', '.dead-letters.')];
    const { topics } = await bed.admin.fetchTopicMetadata({
      topics: names.map((name) => bed.prefix + name),
    });
    expect(topics.map(({ partitions }) => partitions.length)).toEqual([3, 3]);
    expect(await bed.log().heads(topic)).toEqual([0, 0, 0]);
  });

  it('are refused when they have fewer or more partitions than the store', async () => {
    await migrate(3);
    await expect(migrate(2)).rejects.toThrow(TopicMismatchError);
    await expect(migrate(4)).rejects.toThrow(/has 3 partitions, its event store has 4/);
  });

  it('are refused when they are compacted', async () => {
    await bed.admin.createTopics({
      topics: [
        {
          topic: bed.prefix + topic,
          numPartitions: 1,
          replicationFactor: 1,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    });
    await expect(migrate(1)).rejects.toThrow(/compact/);
  });

  it('are never made by those who use them', async () => {
    await expect(bed.log().heads(topic)).rejects.toThrow(UnknownTopicError);
    await expect(
      bed.publisher.send(topic, [{ key: 'k', value: '{}', headers: {}, partition: 0 }]),
    ).rejects.toThrow();
    expect(await bed.admin.listTopics()).not.toContain(bed.prefix + topic);
  });
});
