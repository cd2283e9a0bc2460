import { randomUUID } from 'node:crypto';
import { relayStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { MongoRelayStore } from './mongo-relay-store.ts';

relayStoreContract('MongoRelayStore', async () => {
  const connection = await MongoConnection.open({ uri: mongodbUri() });
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  return {
    store: new MongoRelayStore(connection, database),
    close: async () => {
      await dropDatabase(connection, database);
      await connection.close();
    },
  };
});
