import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import type { PartitionDocument } from './event-documents.ts';
import { PartitionBell } from './partition-bell.ts';

const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
let connection: MongoConnection;

beforeAll(async () => {
  connection = await MongoConnection.open({ uri: mongodbUri(), patienceMs: 20_000 });
});
afterAll(async () => {
  await dropDatabase(connection, database);
  await connection.close();
});

it('rings for what other writers append, not for its own writer and not for guards', async () => {
  const partitions = connection.client.db(database).collection<PartitionDocument>('partitions');
  await partitions.insertMany([0, 1, 2].map((_id) => ({ _id, position: 0, guards: 0 })));
  const rung: (number | undefined)[] = [];
  const bell = new PartitionBell(
    partitions,
    'self',
    (partition) => rung.push(partition),
    () => undefined,
  );
  bell.open();
  const append = (partition: number, by: string) =>
    partitions.updateOne({ _id: partition }, { $inc: { position: 1 }, $set: { by } });
  // Once it rings, it listens.
  let n = 0;
  await vi.waitFor(
    async () => {
      await append(2, `other/${++n}`);
      expect(rung).toContain(2);
    },
    { timeout: 20_000 },
  );
  await append(0, 'self/1');
  await partitions.updateOne({ _id: 0 }, { $inc: { guards: 1 } });
  await append(0, 'self/2');
  await append(1, 'selfish/1');
  await vi.waitFor(() => expect(rung).toContain(1), { timeout: 20_000 });
  expect(rung).not.toContain(0);
  await bell.close();
});
