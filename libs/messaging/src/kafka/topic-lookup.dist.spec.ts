import { randomUUID } from 'node:crypto';
import { eventsTopic } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKafka } from './connect-kafka.ts';
import { KafkaBed } from './kafka-bed.fixture.ts';
import { migrateTopics } from './kafka-topics.ts';
import { kafkaBrokers } from './servers.fixture.ts';
import { TopicLookup } from './topic-lookup.ts';

describe('Looking topics up', () => {
  let bed: KafkaBed;
  beforeAll(async () => {
    bed = await KafkaBed.open();
  });
  afterAll(() => bed.close());

  it('answers many first questions about different topics at once', async () => {
    const names = Array.from({ length: 6 }, () => eventsTopic(`lookup-${randomUUID()}`));
    for (const name of names) {
      await migrateTopics(bed.admin, name, { partitions: 2, replication: 1 }, bed.prefix);
    }
    const kafka = connectKafka(kafkaBrokers(), () => undefined);
    for (let round = 0; round < 40; round++) {
      const lookup = new TopicLookup(kafka);
      const topics = names.map((name) => bed.prefix + name);
      const [extents, partitions] = await Promise.all([
        Promise.all(topics.map((topic) => lookup.extent(topic, 1))),
        Promise.all(topics.map((topic) => lookup.partitions(topic))),
      ]);
      expect(extents).toEqual(topics.map(() => ({ low: 0n, high: 0n })));
      expect(partitions).toEqual(topics.map(() => 2));
      await lookup.close();
    }
  });

  it('goes on with another client after one that failed', async () => {
    const lookup = new TopicLookup(connectKafka(kafkaBrokers(), () => undefined));
    const [topic, absent] = [eventsTopic(randomUUID()), eventsTopic(randomUUID())];
    await migrateTopics(bed.admin, topic, { partitions: 1, replication: 1 }, bed.prefix);
    const asked = await Promise.allSettled([
      lookup.extent(bed.prefix + absent, 0),
      lookup.extent(bed.prefix + topic, 0),
    ]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    await lookup.close();
  });
});
