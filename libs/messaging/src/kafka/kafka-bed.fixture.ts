import { randomUUID } from 'node:crypto';
import type { RecordedEvent } from '@unionfold/eventsourcing';
import { MongoConnection, MongoEventStore, MongoRelayStore } from '@unionfold/storage';
import type { Admin, EachMessagePayload, Kafka, KafkaConfig } from 'kafkajs';
import { Relay, type RelayOptions } from '../relay/relay.ts';
import { fromCloudEvent, sourceOf } from './cloud-event.ts';
import { connectKafka } from './connect-kafka.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { migrateTopics } from './kafka-topics.ts';
import { kafkaBrokers, mongodbUri } from './servers.fixture.ts';

/** A part of the real servers that nobody else uses, removed at the end. */
export class KafkaBed {
  readonly prefix: string;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly relays: MongoRelayStore;
  readonly publisher: KafkaPublisher;
  readonly #connection: MongoConnection;
  readonly #database: string;
  readonly #stores: MongoEventStore[] = [];
  readonly #closing: (() => Promise<void>)[] = [];

  static async open(config: Pick<KafkaConfig, 'socketFactory'> = {}): Promise<KafkaBed> {
    const connection = await MongoConnection.open({ uri: mongodbUri() });
    const bed = new KafkaBed(connection, config);
    await bed.admin.connect();
    return bed;
  }

  private constructor(connection: MongoConnection, config: Pick<KafkaConfig, 'socketFactory'>) {
    const run = randomUUID().slice(0, 8);
    this.prefix = `test-${run}-`;
    this.kafka = connectKafka(kafkaBrokers(), () => undefined, config);
    // Looks on without what is done to the others.
    this.admin = connectKafka(kafkaBrokers(), () => undefined).admin();
    this.#connection = connection;
    this.#database = `unionfold_test_${run}`;
    this.relays = new MongoRelayStore(connection, this.#database);
    this.publisher = new KafkaPublisher(this.kafka, this.prefix);
  }

  /** Makes a topic and the store that owns it. */
  async topic(topic: string, partitions: number): Promise<MongoEventStore> {
    await migrateTopics(this.admin, topic, { partitions, replication: 1 }, this.prefix);
    const store = await MongoEventStore.open({
      connection: this.#connection,
      database: `${this.#database}_${this.#stores.length}`,
      partitions,
    });
    this.#stores.push(store);
    return store;
  }

  log(): KafkaEventLog {
    const { kafka, relays, prefix } = this;
    const log = new KafkaEventLog({ kafka, relays, prefix, backOff: { firstMs: 20, capMs: 200 } });
    this.#closing.unshift(() => log.close());
    return log;
  }

  relay(options: Pick<RelayOptions, 'topic' | 'store'> & Partial<RelayOptions>): Relay {
    const relay = new Relay({
      relays: this.relays,
      publish: (topic, _, events) => this.publisher.publish(topic, events),
      isPublic: () => true,
      holder: randomUUID(),
      onError: () => undefined,
      backOff: { firstMs: 20, capMs: 200 },
      ...options,
    });
    this.#closing.push(() => relay.stop());
    return relay;
  }

  /** All that a topic holds, as another tool reads it: by partition, in the order of the broker. */
  async records(topic: string): Promise<readonly (readonly RecordedEvent[])[]> {
    const name = this.prefix + topic;
    const extents = await this.admin.fetchTopicOffsets(name);
    const partitions = extents.map((): RecordedEvent[] => []);
    const wanted = extents.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    let count = 0;
    await this.#read(name, wanted, ({ partition, message }) => {
      partitions[partition]?.push(fromCloudEvent(message, partition, sourceOf(topic)));
      count += 1;
      return count === wanted;
    });
    return partitions;
  }

  /** Headers of the first record that a topic with any gives. */
  async firstHeaders(topic: string): Promise<Record<string, string>> {
    let headers: Record<string, string> = {};
    await this.#read(this.prefix + topic, 1, ({ message }) => {
      headers = Object.fromEntries(
        Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)]),
      );
      return true;
    });
    return headers;
  }

  async #read(
    name: string,
    wanted: number,
    isLast: (payload: EachMessagePayload) => boolean,
  ): Promise<void> {
    if (wanted === 0) return;
    const reader = this.kafka.consumer({ groupId: `${this.prefix}${randomUUID()}` });
    const { promise: all, resolve } = Promise.withResolvers<void>();
    await reader.connect();
    await reader.subscribe({ topic: name, fromBeginning: true });
    await reader.run({
      eachMessage: async (payload) => {
        if (isLast(payload)) resolve();
      },
    });
    await all;
    await reader.disconnect();
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
    await Promise.all(this.#stores.map((store) => store.close()));
    await this.publisher.close();
    const own = (await this.admin.listTopics()).filter((topic) => topic.startsWith(this.prefix));
    if (own.length > 0) await this.admin.deleteTopics({ topics: own });
    await this.admin.disconnect();
    const { client } = this.#connection;
    await client.db(this.#database).dropDatabase();
    for (const index of this.#stores.keys()) {
      await client.db(`${this.#database}_${index}`).dropDatabase();
    }
    await this.#connection.close();
  }
}
