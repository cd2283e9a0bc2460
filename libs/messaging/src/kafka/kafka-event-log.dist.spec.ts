import { randomUUID } from 'node:crypto';
import { eventLogContract, isPublicContractEvent } from '@unionfold/eventsourcing/contract-suites';
import { MongoConnection, MongoEventStore, MongoRelayStore } from '@unionfold/storage';
import { Relay } from '../relay/relay.ts';
import { connectKafka } from './connect-kafka.ts';
import { KafkaEventLog } from './kafka-event-log.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { migrateTopics } from './kafka-topics.ts';
import { kafkaBrokers, mongodbUri } from './servers.fixture.ts';

eventLogContract('KafkaEventLog fed by relays', async () => {
  const run = randomUUID().slice(0, 8);
  const prefix = `test-${run}-`;
  const databases: string[] = [];
  const connection = await MongoConnection.open({ uri: mongodbUri() });
  const kafka = connectKafka(kafkaBrokers(), () => undefined);
  const relays = new MongoRelayStore(connection, `unionfold_test_${run}`);
  const publisher = new KafkaPublisher(kafka, prefix);
  const running: Relay[] = [];
  const stores: MongoEventStore[] = [];
  const admin = kafka.admin();
  await admin.connect();
  const log = new KafkaEventLog({ kafka, relays, prefix, backOff: { firstMs: 20, capMs: 200 } });
  let closing: Promise<void> | undefined;
  const close = async () => {
    await log.close();
    await Promise.all(running.map((relay) => relay.stop()));
    await Promise.all(stores.map((store) => store.close()));
    await publisher.close();
    const own = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
    if (own.length > 0) await admin.deleteTopics({ topics: own });
    await admin.disconnect();
    for (const name of [...databases, `unionfold_test_${run}`]) {
      await connection.client.db(name).dropDatabase();
    }
    await connection.close();
  };
  return {
    log,
    createTopic: async (topic, partitions) => {
      await migrateTopics(admin, topic, { partitions, replication: 1 }, prefix);
      const database = `unionfold_test_${run}_${databases.length}`;
      databases.push(database);
      const store = await MongoEventStore.open({ connection, database, partitions });
      stores.push(store);
      const relay = new Relay({
        topic,
        store,
        relays,
        publish: (name, _, events) => publisher.publish(name, events),
        isPublic: isPublicContractEvent,
        holder: randomUUID(),
        onError: () => undefined,
      });
      running.push(relay);
      return store;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
});
