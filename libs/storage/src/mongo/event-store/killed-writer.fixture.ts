import { randomUUID } from 'node:crypto';
import { AbandonedTransactions } from '../connection/abandoned-transactions.ts';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { mongodbUri } from '../mongodb.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

/**
 * Appends for ever from many writers and prints the id of every acknowledged event on a line of its own. For the test
 * that kills it.
 */
const [, , database = '', partitions = '1'] = process.argv;
const connection = await MongoConnection.open({ uri: mongodbUri(), patienceMs: 30_000 });
const store = await MongoEventStore.open({ connection, database, partitions: Number(partitions) });

// As every process of the platform does: what a killed one has left open would hold up the others for a minute.
new AbandonedTransactions(connection, {
  onEnded: () => undefined,
  onError: (error) => process.stderr.write(`${error}\n`),
});

async function write(writer: number): Promise<never> {
  for (let version = 0; ; version += 1) {
    const id = randomUUID();
    const metadata = { actor: 'a-1', correlationId: id, occurredAt: '2026-01-01T00:00:00.000Z' };
    await store.append(
      [
        {
          stream: `union-${process.pid}-${writer}`,
          expectedVersion: version,
          events: [{ id, type: 'unionfold.test.v1.Happened', data: { writer, version }, metadata }],
        },
      ],
      { key: id, fingerprint: id, result: { version } },
    );
    // Written directly, the pipe would refuse a line when the reader is slow.
    await new Promise((written) => process.stdout.write(`${id}\n`, written));
  }
}

await Promise.all(Array.from({ length: 50 }, (_, writer) => write(writer)));
