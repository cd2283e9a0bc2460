import { randomUUID } from 'node:crypto';
import { MongoConnection } from './connection/mongo-connection.ts';
import { patiently } from './connection/patience.ts';

/** Where the tests' MongoDB answers. */
export function mongodbUri(): string {
  const uri = process.env['MONGODB_URI'];
  if (uri === undefined) throw new Error('MONGODB_URI is not set: run npm run test:distributed');
  return uri;
}

/** Removes a test's database; another test may have the primary step down meanwhile. */
export async function dropDatabase(
  connection: MongoConnection | undefined,
  database: string,
): Promise<void> {
  if (connection === undefined) return;
  await patiently(connection, () => connection.client.db(database).dropDatabase());
}

/** What opens a store, on a connection of its own as another process has it. */
type OpenStore<Store> = (options: {
  readonly connection: MongoConnection;
  readonly database: string;
}) => Promise<Store>;

/** The fixture of a contract suite: a store in a database of its own. */
export function storeInDatabase<Store extends { close(): Promise<void> }>(
  openStore: OpenStore<Store>,
) {
  const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
  const connections: MongoConnection[] = [];
  const stores: Store[] = [];
  const open = async () => {
    const connection = await MongoConnection.open({ uri: mongodbUri() });
    connections.push(connection);
    const store = await openStore({ connection, database });
    stores.push(store);
    return store;
  };
  return {
    open,
    reopen: async () => {
      await stores.at(-1)?.close();
      return await open();
    },
    // Another process sees what is acknowledged, whatever this one still has in hand.
    crash: open,
    destroy: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await dropDatabase(connections[0], database);
      await Promise.all(connections.map((connection) => connection.close()));
    },
  };
}
