import { appendForEver } from '../../append-for-ever.fixture.ts';
import { AbandonedTransactions } from '../connection/abandoned-transactions.ts';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { mongodbUri } from '../mongodb.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

/** Appends to the store of a database until it is killed. */
const [, , database = '', partitions = '1'] = process.argv;
const connection = await MongoConnection.open({ uri: mongodbUri(), patienceMs: 30_000 });
const store = await MongoEventStore.open({ connection, database, partitions: Number(partitions) });

// As every process of the platform does: what a killed one has left open would hold up the others for a minute.
new AbandonedTransactions(connection, {
  onEnded: () => undefined,
  onError: (error) => process.stderr.write(`${error}\n`),
});

await appendForEver(store);
