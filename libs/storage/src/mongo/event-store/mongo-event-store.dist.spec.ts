import { randomUUID } from 'node:crypto';
import { eventStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { patiently } from '../connection/patience.ts';
import { mongodbUri } from '../mongodb-uri.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

eventStoreContract('MongoEventStore', async ({ partitions }) => {
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  const connections: MongoConnection[] = [];
  const stores: MongoEventStore[] = [];
  const open = async () => {
    const connection = await MongoConnection.open({ uri: mongodbUri() });
    connections.push(connection);
    const store = await MongoEventStore.open({ connection, database, partitions });
    stores.push(store);
    return store;
  };
  return {
    open,
    reopen: async () => {
      await stores.at(-1)?.close();
      return await open();
    },
    // Another process sees what is acknowledged, whatever this one still has in hand.
    crash: open,
    destroy: async () => {
      await Promise.all(stores.map((store) => store.close()));
      const [connection] = connections;
      // Another test has the primary step down meanwhile.
      if (connection)
        await patiently(connection, () => connection.client.db(database).dropDatabase());
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
});
