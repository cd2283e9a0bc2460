import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { AbandonedTransactions } from './abandoned-transactions.ts';
import { MongoConnection } from './mongo-connection.ts';

describe('The transaction of a process that was killed', () => {
  const database = `abandoned_${randomBytes(4).toString('hex')}`;
  let uri: string;
  let connection: MongoConnection;
  let abandoned: AbandonedTransactions | undefined;

  beforeEach(async () => {
    uri = mongodbUri();
    connection = await MongoConnection.open({ uri });
    await documents().insertOne({ _id: 'one', by: 'nobody' });
  });
  afterEach(async () => {
    await abandoned?.stop();
    await dropDatabase(connection, database);
    await connection.close();
  });

  const documents = () =>
    connection.client.db(database).collection<{ _id: string; by: string }>('documents');

  it('is ended, and others can write what it wrote', async () => {
    const script = join(import.meta.dirname, 'leave-transaction.fixture.ts');
    const child = spawn(process.execPath, [script, uri, database], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    // Whether this one ends it is not told: a platform of another test may be as fast, or a step-down.
    abandoned = new AbandonedTransactions(connection, {
      onEnded: () => undefined,
      onError: () => undefined,
    });
    await documents().updateOne({ _id: 'one' }, { $set: { by: 'the next' } });
    expect(await documents().findOne({ _id: 'one' })).toEqual({ _id: 'one', by: 'the next' });
    // The server would let it wait for 60 s.
  }, 30_000);
});
