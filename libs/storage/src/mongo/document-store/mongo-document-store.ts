import {
  type Checkpoint,
  type CollectionSpec,
  type Document,
  type DocumentChange,
  type DocumentQuery,
  type DocumentStore,
  StoreUnavailableError,
  type Tenure,
} from '@unionfold/eventsourcing';
import type { Db } from 'mongodb';
import { ensureCollection, type Migration, migrate } from '../connection/migrations.ts';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { asMongoStoreError } from '../connection/mongo-errors.ts';
import { atOneMoment, patiently } from '../connection/patience.ts';
import { SharedReads } from '../connection/shared-reads.ts';
import { CommitInDoubtError, inTransaction } from '../connection/transaction.ts';
import {
  type CollectionChange,
  checkRewrite,
  collectChanges,
  rewritePaths,
  writeChange,
} from './change-writer.ts';
import { CollectionRegistry } from './collection-registry.ts';
import { ConsumerRecords, consumersCollection } from './consumer-records.ts';
import { filtersOf, sortOf } from './document-filter.ts';
import { HolderQueue } from './holder-queue.ts';
import { documentOf } from './stored-document.ts';

/** How to open a {@link MongoDocumentStore}. */
export interface MongoDocumentStoreOptions {
  readonly connection: MongoConnection;
  /** The database; a service's documents may share it with its events. */
  readonly database: string;
}

const migrations: readonly Migration[] = [
  {
    name: 'document-store-1',
    run: async (database) => {
      for (const name of ['collections', consumersCollection]) {
        await ensureCollection(database, name);
      }
      const consumers = database.collection(consumersCollection);
      await consumers.createIndex({ consumer: 1, topic: 1, partition: 1 });
    },
  },
];

/**
 * The document store port on a MongoDB replica set, for any number of processes. Documents stand in collections named
 * `d_<collection>`, with their fields below `doc`; a change is one transaction, acknowledged when a majority has it in
 * its journal.
 */
export class MongoDocumentStore implements DocumentStore {
  readonly #connection: MongoConnection;
  readonly #database: Db;
  readonly #registry: CollectionRegistry;
  readonly #records: ConsumerRecords;
  readonly #holders = new HolderQueue();
  readonly #running = new Set<Promise<unknown>>();
  readonly #reads = new Map<string, SharedReads<string, Document | undefined>>();
  #closed = false;

  /**
   * Opens or creates a document store.
   * @throws StoreUnavailableError when no primary answers
   */
  static async open({
    connection,
    database,
  }: MongoDocumentStoreOptions): Promise<MongoDocumentStore> {
    const db = connection.client.db(database);
    const store = new MongoDocumentStore(connection, db);
    await patiently(connection, async () => {
      await migrate(db, migrations);
      await store.#registry.load();
    });
    return store;
  }

  private constructor(connection: MongoConnection, database: Db) {
    this.#connection = connection;
    this.#database = database;
    this.#registry = new CollectionRegistry(database);
    this.#records = new ConsumerRecords(database);
  }

  /**
   * Creates what is missing; what is there and no longer named stays. An index on a large collection takes its time.
   * @throws RangeError for names that cannot be, or when the terms field would change
   * @throws DocumentNotUniqueError when documents contradict a new unique index
   */
  async define(collections: readonly CollectionSpec[]): Promise<void> {
    await this.#patiently(() => this.#registry.define(collections));
  }

  async drop(collections: readonly string[]): Promise<void> {
    await this.#patiently(() => this.#registry.drop(collections));
  }

  async collections(): Promise<readonly string[]> {
    return await this.#patiently(() => this.#registry.names());
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    return await this.#do(() => this.#readsOf(collection).get(id));
  }

  async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Document>> {
    return await this.#do(async () => {
      const shape = await this.#known(collection);
      if (ids.length === 0) return new Map();
      const [only, ...others] = new Set(ids);
      if (only !== undefined && others.length === 0) {
        const found = await this.#readsOf(collection).get(only);
        return new Map(found === undefined ? [] : [[only, found]]);
      }
      const filter = { _id: { $in: [...new Set(ids)] } };
      const found = await atOneMoment(this.#connection, (moment) =>
        this.#registry
          .documents(collection)
          .find(filter, { ...moment })
          .toArray(),
      );
      return new Map(found.map((document) => [document._id, documentOf(shape, document)]));
    });
  }

  async find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    return await this.#do(async () => {
      const shape = await this.#known(collection);
      const filters = filtersOf(shape, query);
      const sort = sortOf(shape, query);
      return await atOneMoment(this.#connection, async (moment) => {
        const documents: Document[] = [];
        for (const filter of filters) {
          const limit = query.limit - documents.length;
          if (limit <= 0) break;
          const found = await this.#registry
            .documents(collection)
            .find(filter, { ...moment, sort, limit: asLimit(limit) })
            .toArray();
          documents.push(...found.map((document) => documentOf(shape, document)));
        }
        return documents;
      });
    });
  }

  async count(collection: string, query: DocumentQuery): Promise<number> {
    return await this.#do(async () => {
      const shape = await this.#known(collection);
      if (query.limit <= 0) return 0;
      const { after: _, ...unpaged } = query;
      const [filter = {}] = filtersOf(shape, unpaged);
      const limit = asLimit(query.limit);
      return await atOneMoment(this.#connection, (moment) =>
        this.#registry
          .documents(collection)
          .countDocuments(filter, limit === 0 ? moment : { ...moment, limit }),
      );
    });
  }

  /** MongoDB's plan for each of the reads that a query takes, as its command `explain` tells it. */
  async explain(collection: string, query: DocumentQuery): Promise<readonly object[]> {
    return await this.#patiently(async () => {
      const shape = await this.#registry.find(collection);
      const sort = sortOf(shape, query);
      const plans: object[] = [];
      for (const filter of filtersOf(shape, query)) {
        const options = { sort, limit: asLimit(query.limit) };
        const plan = await this.#registry
          .documents(collection)
          .find(filter, options)
          .explain('queryPlanner');
        plans.push(plan['queryPlanner'].winningPlan);
      }
      return plans;
    });
  }

  /**
   * Beyond the port:
   * @throws DocumentNotUniqueError when a unique index has the document's values already; nothing was written
   * @throws RangeError for an unknown collection, a rewrite of a field that is no path, an indexed list or object, or a
   *   document too large for MongoDB
   */
  async commit(change: DocumentChange): Promise<void> {
    await this.#do(async () => {
      const { tenure, rewrites = [], puts = [], deletes = [], checkpoints = [] } = change;
      const collections = new Set([...rewrites, ...puts, ...deletes].map((one) => one.collection));
      // Where all is known, the documents are taken as they are now, before anything is waited for.
      const isKnown = this.#registry.isKnown(collections);
      const early = isKnown ? collectChanges(this.#registry, puts, deletes) : undefined;
      for (const collection of isKnown ? [] : collections) await this.#known(collection);
      const changes = early ?? collectChanges(this.#registry, puts, deletes);
      for (const rewrite of rewrites) checkRewrite(this.#registry, rewrite);
      if (tenure === undefined && collections.size + checkpoints.length === 0) return;
      await this.#holders.take(tenure?.consumer, () =>
        this.#write({ ...change, rewrites, checkpoints }, changes, [...collections]),
      );
    });
  }

  async takeOver(consumer: string): Promise<Tenure> {
    return await this.#patiently(() => this.#records.takeOver(consumer));
  }

  async checkpoints(consumer: string): Promise<readonly Checkpoint[]> {
    return await this.#do(() =>
      atOneMoment(this.#connection, (moment) => this.#records.of(consumer, moment)),
    );
  }

  async dropCheckpoints(consumer: string): Promise<void> {
    await this.#patiently(() => this.#records.drop(consumer));
  }

  /** Waits for what is under way. The connection stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  async #write(
    {
      tenure,
      rewrites,
      checkpoints,
    }: DocumentChange & Required<Pick<DocumentChange, 'rewrites' | 'checkpoints'>>,
    changes: ReadonlyMap<string, CollectionChange>,
    collections: readonly string[],
  ): Promise<void> {
    try {
      await inTransaction(this.#connection, async (session) => {
        await this.#records.advance(tenure, checkpoints, session);
        await this.#registry.assertDefined(collections, session);
        for (const [name, moves] of Map.groupBy(rewrites, ({ collection }) => collection)) {
          await rewritePaths(this.#registry, name, moves, session);
        }
        for (const [name, one] of changes) await writeChange(this.#registry, name, one, session);
      });
    } catch (error) {
      if (!(error instanceof CommitInDoubtError)) throw error;
      // A checkpoint that has moved tells that all of the change is there.
      const advance = checkpoints.find((one) => one.position !== one.expectedPosition);
      if (advance !== undefined && (await this.#records.hasAdvanced(advance))) return;
      throw new StoreUnavailableError(error.message, { cause: error });
    }
  }

  /** Reads of single documents: none has to go with another. */
  #readsOf(collection: string): SharedReads<string, Document | undefined> {
    const known = this.#reads.get(collection);
    if (known !== undefined) return known;
    const reads = new SharedReads((ids: readonly string[]) =>
      patiently(this.#connection, async () => {
        const shape = await this.#registry.find(collection);
        const found = await this.#registry
          .documents(collection)
          .find({ _id: { $in: [...ids] } })
          .toArray();
        const documents = new Map(found.map((one) => [one._id, documentOf(shape, one)]));
        return (id: string) => documents.get(id);
      }),
    );
    this.#reads.set(collection, reads);
    return reads;
  }

  async #known(collection: string) {
    return await patiently(this.#connection, () => this.#registry.find(collection));
  }

  async #patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    return await this.#do(() => patiently(this.#connection, work));
  }

  async #do<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closed) {
      throw new StoreUnavailableError(`${this.#database.databaseName} is closed`);
    }
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      throw asMongoStoreError(error);
    } finally {
      this.#running.delete(running);
    }
  }
}

/** MongoDB takes 0 for no limit. */
function asLimit(limit: number): number {
  return limit < 2 ** 31 ? limit : 0;
}
