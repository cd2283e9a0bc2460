import { randomUUID } from 'node:crypto';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { MongoDocumentStore } from './mongo-document-store.ts';

/** A database of a test's own, with as many stores as it likes, each as if in a process of its own. */
export class DocumentsDatabase {
  readonly name = `unionfold_test_${randomUUID().slice(0, 8)}`;
  readonly #connections: MongoConnection[] = [];
  readonly #stores: MongoDocumentStore[] = [];

  async connect(patienceMs = 30_000): Promise<MongoConnection> {
    const connection = await MongoConnection.open({ uri: mongodbUri(), patienceMs });
    this.#connections.push(connection);
    return connection;
  }

  /** Opens a store with a connection of its own. */
  async open(): Promise<MongoDocumentStore> {
    const connection = await this.connect();
    const store = await MongoDocumentStore.open({ connection, database: this.name });
    this.#stores.push(store);
    return store;
  }

  async destroy(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    await dropDatabase(this.#connections[0], this.name);
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}
