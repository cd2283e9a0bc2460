import {
  type Checkpoint,
  type CollectionSpec,
  type Document,
  type DocumentChange,
  type DocumentQuery,
  type DocumentStore,
  type PathRewrite,
  StoreUnavailableError,
  type Tenure,
} from '@unionfold/eventsourcing';
import type { AnyBulkWriteOperation, ClientSession, Collection, Db, IndexDescription } from 'mongodb';
import { DocumentNotUniqueError } from '../../document-not-unique-error.ts';
import { type CollectionLayout, layoutOf } from '../../sqlite/collection-layout.ts';
import { ensureCollection, type Migration, migrate } from '../connection/migrations.ts';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { asMongoStoreError, isDuplicateKey } from '../connection/mongo-errors.ts';
import { CommitInDoubtError, inTransaction } from '../connection/transaction.ts';
import { ConsumerRecords } from './consumer-records.ts';
import { filtersOf, placeOf, sortFields, startsWith } from './document-filter.ts';
import { documentOf, type StoredDocument, storedDocument } from './stored-document.ts';

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
      for (const name of ['collections', 'tenures', 'checkpoints']) {
        await ensureCollection(database, name);
      }
      await database.collection('checkpoints').createIndex({ consumer: 1, topic: 1, partition: 1 });
    },
  },
];

/** What a change does to one collection. */
interface CollectionChange {
  readonly puts: Map<string, StoredDocument>;
  readonly deletes: Set<string>;
}

/**
 * The document store port on a MongoDB replica set, for any number of processes. Documents stand in collections named
 * `d_<collection>`, with their fields below `doc`; a change is one transaction.
 */
export class MongoDocumentStore implements DocumentStore {
  readonly #connection: MongoConnection;
  readonly #database: Db;
  readonly #records: ConsumerRecords;
  readonly #layouts = new Map<string, CollectionLayout>();
  readonly #running = new Set<Promise<unknown>>();
  #closed = false;

  /**
   * Opens or creates a document store.
   * @throws StoreUnavailableError when no primary answers
   */
  static async open({ connection, database }: MongoDocumentStoreOptions): Promise<MongoDocumentStore> {
    try {
      const db = connection.client.db(database);
      await migrate(db, migrations);
      const store = new MongoDocumentStore(connection, db);
      await store.#loadLayouts();
      return store;
    } catch (error) {
      throw asMongoStoreError(error);
    }
  }

  private constructor(connection: MongoConnection, database: Db) {
    this.#connection = connection;
    this.#database = database;
    this.#records = new ConsumerRecords(database);
  }

  /**
   * Creates what is missing; what is there and no longer named stays. An index on a large collection takes its time.
   * @throws RangeError for names that cannot be, or when the terms field would change
   * @throws DocumentNotUniqueError when documents contradict a new unique index
   */
  async define(collections: readonly CollectionSpec[]): Promise<void> {
    await this.#do(async () => {
      await this.#loadLayouts();
      // Nothing is made before all of it is known to be possible.
      const layouts = new Map<string, CollectionLayout>();
      for (const spec of collections) {
        const before = layouts.get(spec.name) ?? this.#layouts.get(spec.name);
        layouts.set(spec.name, layoutOf(spec, before));
      }
      for (const [name, layout] of layouts) {
        if (JSON.stringify(layout) === JSON.stringify(this.#layouts.get(name))) continue;
        await ensureCollection(this.#database, physical(name));
        const indexes = indexesOf(layout);
        try {
          if (indexes.length > 0) {
            await this.#database.collection(physical(name)).createIndexes(indexes);
          }
        } catch (error) {
          throw isDuplicateKey(error) ? new DocumentNotUniqueError({ cause: error }) : error;
        }
        await this.#specs.replaceOne({ _id: name }, { layout }, { upsert: true, ignoreUndefined: true });
        this.#layouts.set(name, layout);
      }
    });
  }

  async drop(collections: readonly string[]): Promise<void> {
    await this.#do(async () => {
      for (const name of new Set(collections)) {
        this.#layouts.delete(name);
        await this.#database.collection(physical(name)).drop();
        await this.#specs.deleteOne({ _id: name });
      }
    });
  }

  async collections(): Promise<readonly string[]> {
    return await this.#do(async () => {
      const specs = await this.#specs.find({}, { projection: { _id: 1 } }).toArray();
      return specs.map(({ _id }) => _id).sort();
    });
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    return await this.#do(async () => {
      await this.#layout(collection);
      const found = await this.#documents(collection).findOne({ _id: id });
      return found === null ? undefined : documentOf(found);
    });
  }

  async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Document>> {
    return await this.#do(async () => {
      await this.#layout(collection);
      if (ids.length === 0) return new Map();
      const found = await this.#documents(collection)
        .find({ _id: { $in: [...new Set(ids)] } })
        .toArray();
      return new Map(found.map((document) => [document._id, documentOf(document)]));
    });
  }

  async find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    return await this.#do(async () => {
      const layout = await this.#layout(collection);
      const sort = Object.fromEntries(sortFields(query).map((field) => [placeOf(field), 1] as const));
      const documents: Document[] = [];
      for (const filter of filtersOf(layout, query)) {
        const limit = query.limit - documents.length;
        if (limit <= 0) break;
        const found = await this.#documents(collection)
          .find(filter)
          .sort(sort)
          .limit(asLimit(limit))
          .toArray();
        documents.push(...found.map(documentOf));
      }
      return documents;
    });
  }

  async count(collection: string, query: DocumentQuery): Promise<number> {
    return await this.#do(async () => {
      const layout = await this.#layout(collection);
      if (query.limit <= 0) return 0;
      const { after: _, ...unpaged } = query;
      const [filter = {}] = filtersOf(layout, unpaged);
      const limit = asLimit(query.limit);
      return await this.#documents(collection).countDocuments(filter, limit === 0 ? {} : { limit });
    });
  }

  /** The stages of MongoDB's plan for a query: tells whether an index serves it. */
  async explain(collection: string, query: DocumentQuery): Promise<readonly string[]> {
    return await this.#do(async () => {
      const layout = await this.#layout(collection);
      const sort = Object.fromEntries(sortFields(query).map((field) => [placeOf(field), 1] as const));
      const stages: string[] = [];
      for (const filter of filtersOf(layout, query)) {
        const plan = await this.#documents(collection)
          .find(filter)
          .sort(sort)
          .limit(asLimit(query.limit))
          .explain('queryPlanner');
        for (const [, stage] of JSON.stringify(plan['queryPlanner'].winningPlan).matchAll(
          /"stage":"(\w+)"/g,
        )) {
          if (stage !== undefined) stages.push(stage);
        }
      }
      return stages;
    });
  }

  /**
   * Beyond the port:
   * @throws DocumentNotUniqueError when a unique index has the document's values already; nothing was written
   * @throws RangeError for an unknown collection, a rewrite of a field that is no path, or an indexed list or object
   */
  async commit(change: DocumentChange): Promise<void> {
    const { tenure, rewrites = [], puts = [], deletes = [], checkpoints = [] } = change;
    this.#assertOpen();
    // Taken as they are now, before anything is waited for.
    const known = puts.every(({ collection }) => this.#layouts.has(collection));
    const early = known ? this.#collect(puts, deletes) : undefined;
    await this.#do(async () => {
      for (const { collection } of [...puts, ...deletes]) await this.#layout(collection);
      for (const rewrite of rewrites) checkRewrite(await this.#layout(rewrite.collection), rewrite);
      const changes = early ?? this.#collect(puts, deletes);
      const isNothing =
        tenure === undefined && changes.size + rewrites.length + checkpoints.length === 0;
      if (isNothing) return;
      try {
        await inTransaction(this.#connection, async (session) => {
          if (tenure !== undefined) await this.#records.assertHolder(tenure, session);
          for (const advance of checkpoints) await this.#records.advance(advance, session);
          for (const rewrite of rewrites) await this.#rewrite(rewrite, session);
          for (const [name, one] of changes) await this.#write(name, one, session);
        });
      } catch (error) {
        if (!(error instanceof CommitInDoubtError)) throw error;
        // A checkpoint that has moved tells that all of the change is there.
        const [advance] = checkpoints.filter((one) => one.position !== one.expectedPosition);
        if (advance !== undefined && (await this.#records.hasAdvanced(advance))) return;
        throw new StoreUnavailableError(error.message, { cause: error });
      }
    });
  }

  async takeOver(consumer: string): Promise<Tenure> {
    return await this.#do(() => this.#records.takeOver(consumer));
  }

  async checkpoints(consumer: string): Promise<readonly Checkpoint[]> {
    return await this.#do(() => this.#records.of(consumer));
  }

  async dropCheckpoints(consumer: string): Promise<void> {
    await this.#do(() => this.#records.drop(consumer));
  }

  /** Waits for what is under way. The connection stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#running);
  }

  get #specs(): Collection<{ _id: string; layout: CollectionLayout }> {
    return this.#database.collection('collections');
  }

  #documents(collection: string): Collection<StoredDocument> {
    return this.#database.collection(physical(collection));
  }

  /** Another process may have made the collection since. */
  async #layout(collection: string): Promise<CollectionLayout> {
    if (!this.#layouts.has(collection)) await this.#loadLayouts();
    const layout = this.#layouts.get(collection);
    if (layout === undefined) throw new RangeError(`collection ${collection} is not defined`);
    return layout;
  }

  async #loadLayouts(): Promise<void> {
    const specs = await this.#specs.find().toArray();
    this.#layouts.clear();
    for (const { _id, layout } of specs) this.#layouts.set(_id, layout);
  }

  #collect(
    puts: NonNullable<DocumentChange['puts']>,
    deletes: NonNullable<DocumentChange['deletes']>,
  ): Map<string, CollectionChange> {
    const changes = new Map<string, CollectionChange>();
    const of = (name: string): CollectionChange => {
      const before = changes.get(name);
      if (before !== undefined) return before;
      const change = { puts: new Map(), deletes: new Set<string>() };
      changes.set(name, change);
      return change;
    };
    for (const { collection, document } of puts) {
      const layout = this.#layouts.get(collection);
      if (layout === undefined) throw new RangeError(`collection ${collection} is not defined`);
      of(collection).puts.set(document.id, storedDocument(layout, document));
    }
    for (const { collection, id } of deletes) {
      const change = of(collection);
      change.puts.delete(id);
      change.deletes.add(id);
    }
    return changes;
  }

  async #rewrite({ collection, field, from, to }: PathRewrite, session: ClientSession): Promise<void> {
    const place = placeOf(field);
    // What starts with it has it there first.
    const moved = {
      $replaceOne: { input: `$${place}`, find: { $literal: from }, replacement: { $literal: to } },
    };
    await this.#documents(collection).updateMany(
      startsWith(place, from),
      [{ $set: { [place]: moved } }],
      { session },
    );
  }

  async #write(
    name: string,
    { puts, deletes }: CollectionChange,
    session: ClientSession,
  ): Promise<void> {
    const operations: AnyBulkWriteOperation<StoredDocument>[] = [];
    for (const { _id, ...replacement } of puts.values()) {
      operations.push({ replaceOne: { filter: { _id }, replacement, upsert: true } });
    }
    if (deletes.size > 0) operations.push({ deleteMany: { filter: { _id: { $in: [...deletes] } } } });
    if (operations.length === 0) return;
    try {
      await this.#documents(name).bulkWrite(operations, { session, ordered: false });
    } catch (error) {
      throw isDuplicateKey(error) ? new DocumentNotUniqueError({ cause: error }) : error;
    }
  }

  async #do<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#assertOpen();
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

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new StoreUnavailableError(`${this.#database.databaseName} is closed`);
  }
}

/** MongoDB's name of a collection. */
function physical(name: string): string {
  return `d_${name}`;
}

/** The indexes of a layout. The id makes every order along an index total, so that a page is read off it. */
function indexesOf(layout: CollectionLayout): IndexDescription[] {
  const indexes = layout.indexes.map(({ fields, unique = false }) => {
    const ordered = unique || fields.includes('id') ? fields : [...fields, 'id'];
    const key = Object.fromEntries(ordered.map((field) => [placeOf(field), 1] as const));
    // Absent values are not equal to each other.
    const present = Object.fromEntries(
      fields.map((field) => [placeOf(field), { $exists: true }] as const),
    );
    return unique ? { key, unique, partialFilterExpression: present } : { key };
  });
  const { terms } = layout;
  return terms === undefined ? indexes : [...indexes, { key: { [placeOf(terms)]: 1, _id: 1 } }];
}

function checkRewrite(layout: CollectionLayout, { field }: PathRewrite): void {
  if (!layout.paths.includes(field)) {
    throw new RangeError(`${layout.name}: ${field} is not declared as a path`);
  }
}

/** MongoDB takes 0 for no limit. */
function asLimit(limit: number): number {
  return limit < 2 ** 31 ? limit : 0;
}
