import { randomUUID } from 'node:crypto';
import {
  type ClientSession,
  MongoClient,
  MongoNetworkError,
  type MongoServerSelectionError,
} from 'mongodb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

/** As the driver throws them when the network breaks and when there is no primary, without a label. */
const lostAnswers = {
  'the network breaks': new MongoNetworkError('connection closed'),
  'no primary is found': await selectionError(),
};

/** Nothing listens there. */
async function selectionError(): Promise<Error> {
  const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 1 });
  return await client.connect().then(
    () => Promise.reject(new Error('something listens on port 1')),
    (error: unknown) => error as MongoServerSelectionError,
  );
}

describe('an append whose commit is not answered', () => {
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  let connection: MongoConnection;
  let store: MongoEventStore;

  beforeEach(async () => {
    connection = await MongoConnection.open({ uri: mongodbUri(), patienceMs: 2_000 });
    store = await MongoEventStore.open({ connection, database, partitions: 1 });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await store.close();
    await dropDatabase(connection, database);
    await connection.close();
  });

  /** In the next session, a commit does what is given and its answer is lost, however often it is asked for. */
  function loseAnswers(lost: Error, reaches: 'the server' | 'nobody', sessions = 1): void {
    const start = connection.client.startSession.bind(connection.client);
    let left = sessions;
    vi.spyOn(connection.client, 'startSession').mockImplementation((options): ClientSession => {
      const session = start(options);
      if (options !== undefined || left === 0) return session;
      left -= 1;
      const commit = session.commitTransaction.bind(session);
      vi.spyOn(session, 'commitTransaction').mockImplementation(async () => {
        if (reaches === 'the server') await commit();
        throw lost;
      });
      return session;
    });
  }

  const event = () => ({
    id: randomUUID(),
    type: 'unionfold.test.v1.Happened',
    data: {},
    metadata: { actor: 'a', correlationId: 'c', occurredAt: '2026-01-01T00:00:00.000Z' },
  });

  for (const [what, lost] of Object.entries(lostAnswers)) {
    it(`is acknowledged and there once, because it has happened when ${what}`, async () => {
      const given = event();
      loseAnswers(lost, 'the server');
      const result = await store.append([{ stream: 's', expectedVersion: 'any', events: [given] }]);
      expect(result).toEqual([{ stream: 's', version: 1, partition: 0, position: 1 }]);
      expect((await store.readPartition(0, 0, 10)).map(({ id }) => id)).toEqual([given.id]);
    });

    it(`is written by another transaction and there once, if it has not happened when ${what}`, async () => {
      const given = event();
      loseAnswers(lost, 'nobody');
      await store.append([{ stream: 's', expectedVersion: 'any', events: [given] }]);
      expect((await store.readPartition(0, 0, 10)).map(({ id }) => id)).toEqual([given.id]);
    });
  }

  it('is told to be unavailable when no answer ever comes, and later ones are taken', async () => {
    loseAnswers(lostAnswers['the network breaks'], 'nobody', 3);
    await expect(
      store.append([{ stream: 's', expectedVersion: 0, events: [event()] }]),
    ).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    vi.restoreAllMocks();
    await store.append([{ stream: 's', expectedVersion: 0, events: [event()] }]);
    expect(await store.heads()).toEqual([1]);
  });
});
