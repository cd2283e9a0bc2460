import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
let connection: MongoConnection;

beforeAll(async () => {
  connection = await MongoConnection.open({ uri: mongodbUri() });
});
afterAll(async () => {
  await dropDatabase(connection, database);
  await connection.close();
});

it('a store whose events had their places as keys is opened with all of them, and goes on', async () => {
  const db = connection.client.db(database);
  const former = await db.createCollection<{ _id: number }>('events', {
    clusteredIndex: { key: { _id: 1 }, unique: true },
  });
  await former.createIndex({ stream: 1, version: 1 }, { unique: true });
  const event = (position: number, stream: string, version: number) => ({
    _id: position,
    stream,
    version,
    id: `id-${position}`,
    type: 'noted',
    data: `{"position":${position}}`,
    metadata: { actor: 'a', correlationId: 'c', occurredAt: '2026-01-01T00:00:00.000Z' },
    recordedAt: new Date('2026-01-02T00:00:00.000Z'),
  });
  await former.insertMany([event(1, 'one', 1), event(2, 'two', 1), event(3, 'one', 2)]);
  await db
    .collection<{ _id: number; position: number; guards: number }>('partitions')
    .insertOne({ _id: 0, position: 3, guards: 0 });
  const done = ['event-store-1', 'event-store-2-contenders'];
  const migrations = db.collection<{ _id: string }>('migrations');
  await migrations.insertMany(done.map((_id) => ({ _id })));

  // Two processes start at once.
  const open = () => MongoEventStore.open({ connection, database, partitions: 1 });
  const [store, other] = await Promise.all([open(), open()]);

  expect(await store.readStream('one')).toMatchObject([
    { id: 'id-1', version: 1, position: 1, data: { position: 1 }, type: 'noted' },
    { id: 'id-3', version: 2, position: 3, recordedAt: '2026-01-02T00:00:00.000Z' },
  ]);
  const { metadata } = event(4, 'one', 3);
  const events = [{ id: 'id-4', type: 'noted', data: {}, metadata }];
  await expect(other.append([{ stream: 'one', expectedVersion: 1, events }])).rejects.toThrow();
  await store.append([{ stream: 'one', expectedVersion: 2, events }]);
  const all = await other.readPartition(0, 0, 10);
  expect(all.map(({ stream, version, position }) => [stream, version, position])).toEqual([
    ['one', 1, 1],
    ['two', 1, 2],
    ['one', 2, 3],
    ['one', 3, 4],
  ]);
  const left = await db.listCollections({ name: 'events' }).toArray();
  expect(left).toEqual([]);
  await Promise.all([store.close(), other.close()]);
});
