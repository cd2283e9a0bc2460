import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventsTopic } from '@unionfold/eventsourcing';
import { connectKafka, KafkaPublisher, migrateTopics, Relay } from '@unionfold/messaging';
import { isPublicEvent } from '@unionfold/service-kit';
import { MongoConnection, MongoEventStore, MongoRelayStore } from '@unionfold/storage';
import { renaming } from '../append-load.ts';
import { type Bench, type Figures, percentile } from '../figures.ts';
import { inDatabase } from './in-database.ts';
import { inWords, ProcessorUse } from './processor-use.ts';
import { serverProcesses } from './server-processes.ts';

const partitions = 4;
const events = 200_000;
/** The steady load for the lag. */
const perSecond = 500;
const seconds = 10;

/** From the event store to Kafka's acknowledgement: a backlog's rate, and the lag under a steady load. */
export const relay: Bench = ({ tell }) =>
  inDatabase(async ({ addresses, prefix }) => {
    const use = new ProcessorUse(await serverProcesses());
    const connection = await MongoConnection.open({ uri: addresses.mongodbUri });
    const topic = eventsTopic('organizations');
    const topicPrefix = `${prefix}-`;
    const kafka = connectKafka(addresses.kafkaBrokers, (_, message) => tell(message));
    const admin = kafka.admin();
    await admin.connect();
    await migrateTopics(admin, topic, { partitions, replication: 1 }, topicPrefix);
    await admin.disconnect();
    const database = `${prefix}_organizations`;
    const store = await MongoEventStore.open({ connection, database, partitions });
    tell(`writing ${events} events`);
    for (let written = 0; written < events; written += 1_000) {
      const streams = Array.from({ length: 1_000 }, (_, nth) => `union-${written + nth}`);
      await Promise.all(
        streams.map((stream) =>
          store.append([{ stream, expectedVersion: 0, events: [renaming(stream)] }]),
        ),
      );
    }
    const heads = await store.heads();
    const relays = new MongoRelayStore(connection, `${prefix}_platform`);
    const publisher = new KafkaPublisher(kafka, topicPrefix);
    const acknowledgedAt = new Map<string, number>();
    const appendedAt = new Map<string, number>();
    tell('publishing the backlog');
    use.lap();
    const began = performance.now();
    const running = new Relay({
      topic,
      store,
      relays,
      publish: async (name, _, published) => {
        await publisher.publish(name, published);
        const now = performance.now();
        for (const { id, stream } of published) {
          if (stream.startsWith('late-')) acknowledgedAt.set(id, now);
        }
      },
      isPublic: isPublicEvent,
      holder: randomUUID(),
      onError: (error) => tell(String(error)),
    });
    await until(async () => {
      const published = await relays.published(topic);
      return heads.every((head, partition) => (published[partition]?.position ?? 0) >= head);
    });
    const figures: Figures = {
      events_per_s: events / ((performance.now() - began) / 1_000),
      ...use.lap(),
    };
    tell(`${Math.round(figures['events_per_s'] ?? 0)}/s (${inWords(figures)})`);
    tell(`${perSecond} events/s for ${seconds} s`);
    const appending: Promise<void>[] = [];
    const start = performance.now();
    for (let nth = 0; nth < perSecond * seconds; nth++) {
      const due = start + (nth * 1_000) / perSecond;
      const early = due - performance.now();
      if (early > 0) await sleep(early);
      const event = renaming(`late-${nth}`);
      appending.push(
        store
          .append([{ stream: `late-${nth}`, expectedVersion: 0, events: [event] }])
          .then(() => void appendedAt.set(event.id, performance.now())),
      );
    }
    await Promise.all(appending);
    await until(async () => acknowledgedAt.size === appendedAt.size);
    const lags = [...appendedAt].flatMap(([id, at]) => {
      const acknowledged = acknowledgedAt.get(id);
      // The relay may be told of an event before its writer is.
      return acknowledged === undefined ? [] : [Math.max(0, acknowledged - at)];
    });
    figures['lag_p50_ms'] = percentile(lags, 0.5);
    figures['lag_p99_ms'] = percentile(lags, 0.99);
    await running.stop();
    await publisher.close();
    await store.close();
    await connection.close();
    return figures;
  });

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
