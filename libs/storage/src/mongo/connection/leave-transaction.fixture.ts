import { MongoConnection } from './mongo-connection.ts';

// Writes a document in a transaction, says so, and never commits: it is meant to be killed.
const [, , uri = '', database = ''] = process.argv;
const { client } = await MongoConnection.open({ uri });
const session = client.startSession();
session.startTransaction();
await client
  .db(database)
  .collection<{ _id: string }>('documents')
  .updateOne({ _id: 'one' }, { $set: { by: 'the killed one' } }, { session });
process.stdout.write('written\n');
setInterval(() => undefined, 60_000);
