import { randomUUID } from 'node:crypto';
import { documentStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { mongodbUri } from '../mongodb-uri.fixture.ts';
import { MongoDocumentStore } from './mongo-document-store.ts';

documentStoreContract('MongoDocumentStore', async () => {
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  const connections: MongoConnection[] = [];
  const stores: MongoDocumentStore[] = [];
  const open = async () => {
    const connection = await MongoConnection.open({ uri: mongodbUri() });
    connections.push(connection);
    const store = await MongoDocumentStore.open({ connection, database });
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
      await connections[0]?.client.db(database).dropDatabase();
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
});
