import { randomBytes, randomUUID } from 'node:crypto';
import { describeKeyStoreContract } from '@unionfold/privacy/contract-suites';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { MongoKeyStore } from './mongo-key-store.ts';

describeKeyStoreContract('MongoKeyStore', async () => {
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  const connection = await MongoConnection.open({ uri: mongodbUri() });
  return {
    store: new MongoKeyStore(connection, database),
    reopen: async () => new MongoKeyStore(connection, database),
    cleanUp: async () => {
      await dropDatabase(connection, database);
      await connection.close();
    },
  };
});

describe('MongoKeyStore in several processes', () => {
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  let connections: MongoConnection[] = [];
  let stores: MongoKeyStore[] = [];
  beforeEach(async () => {
    connections = await Promise.all(
      Array.from({ length: 4 }, () => MongoConnection.open({ uri: mongodbUri() })),
    );
    stores = connections.map((connection) => new MongoKeyStore(connection, database));
  });
  afterEach(async () => {
    await dropDatabase(connections[0], database);
    await Promise.all(connections.map((connection) => connection.close()));
  });

  const keysOf = (subjects: readonly string[]) =>
    new Map(subjects.map((subject) => [subject, Uint8Array.from(randomBytes(32))]));

  it("agree on one key for each person when all of them make the same people's keys at once", async () => {
    for (let round = 0; round < 10; round += 1) {
      const subjects = Array.from({ length: 50 }, (_, nth) => `person-${round}-${nth}`);
      const offered = stores.map(() => keysOf(subjects));
      const answers = await Promise.all(
        stores.map((store, nth) => store.insertIfAbsent(offered[nth] ?? new Map())),
      );
      const [first] = answers;
      expect(first?.size).toBe(50);
      for (const answer of answers) expect(new Map(answer)).toEqual(new Map(first));
      for (const subject of subjects) {
        expect(offered.map((keys) => keys.get(subject))).toContainEqual(first?.get(subject));
      }
    }
  });

  it('never bring a key back that one of them destroys while others make it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const subject = `gone-${round}`;
      await Promise.all(
        stores.map((store, nth) =>
          nth === 0 ? store.destroy(subject) : store.insertIfAbsent(keysOf([subject])),
        ),
      );
      for (const store of stores) {
        expect((await store.insertIfAbsent(keysOf([subject]))).size).toBe(0);
        expect((await store.load([subject])).size).toBe(0);
      }
    }
  });
});
