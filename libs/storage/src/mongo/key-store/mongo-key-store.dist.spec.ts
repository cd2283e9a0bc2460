import { randomUUID } from 'node:crypto';
import { describeKeyStoreContract } from '@unionfold/privacy/contract-suites';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { mongodbUri } from '../mongodb-uri.fixture.ts';
import { MongoKeyStore } from './mongo-key-store.ts';

describeKeyStoreContract('MongoKeyStore', async () => {
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  const connection = await MongoConnection.open({ uri: mongodbUri() });
  return {
    store: new MongoKeyStore(connection, database),
    reopen: async () => new MongoKeyStore(connection, database),
    cleanUp: async () => {
      await connection.client.db(database).dropDatabase();
      await connection.close();
    },
  };
});
