import type { DatabaseSync } from 'node:sqlite';
import type {
  Checkpoint,
  CollectionSpec,
  Document,
  DocumentChange,
  DocumentQuery,
  DocumentStore,
  Tenure,
} from '@unionfold/eventsourcing';
import { DocumentNotUniqueError } from '../document-not-unique-error.ts';
import { CheckpointTable, checkpointSchema } from './checkpoint-table.ts';
import { type CollectionLayout, layoutOf, migration, removal } from './collection-layout.ts';
import { CollectionTable } from './collection-table.ts';
import type { EncodedDocument } from './document-rows.ts';
import { closedError, GroupCommit, Refused } from './group-commit.ts';
import { type DatabaseFormat, openDatabase } from './sqlite-database.ts';
import { asStoreError, isUniqueViolation } from './sqlite-errors.ts';
import { TenureTable } from './tenure-table.ts';

/** How to open a {@link SqliteDocumentStore}. */
export interface SqliteDocumentStoreOptions {
  /** The database file; made where there is none. Its folder must exist. */
  readonly file: string;
}

const format: DatabaseFormat = {
  kind: 'document store',
  applicationId: 0x5546646f, // UFdo
  schemaVersion: 1,
  schema: `
CREATE TABLE collections (name TEXT PRIMARY KEY, layout TEXT NOT NULL) STRICT, WITHOUT ROWID;
${checkpointSchema}`,
  // Read models are updated all over; the default of an event store's edges would miss too often.

  // A power loss may take the last changes away, each with its checkpoint: what is lost is applied again. A flush a
  // change would only slow the projections down.
  pragmas: 'PRAGMA synchronous = NORMAL; PRAGMA cache_size = -48000;',
};

const maxChangesPerTransaction = 256;
const maxWritesPerTransaction = 4096;

/**
 * The document store port on one SQLite file, for one process. A collection is a table with the document's JSON and a
 * column for every indexed field; concurrent changes share transactions (see GroupCommit). Strings sort by code point.
 */
export class SqliteDocumentStore implements DocumentStore {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #checkpoints: CheckpointTable;
  readonly #tenures: TenureTable;
  readonly #commits: GroupCommit;
  readonly #tables = new Map<string, CollectionTable>();
  #closing: Promise<void> | undefined;

  /**
   * Opens or creates a document store.
   * @throws StoreCorruptError when the file is not a document store of this release, or damaged; it is untouched
   * @throws StoreUnavailableError when another process has it open, or the disk does not answer
   */
  static async open(options: SqliteDocumentStoreOptions): Promise<SqliteDocumentStore> {
    const database = openDatabase(options.file, format);
    try {
      return new SqliteDocumentStore(database, options);
    } catch (error) {
      database.close();
      throw asStoreError(error, options.file);
    }
  }

  private constructor(database: DatabaseSync, options: SqliteDocumentStoreOptions) {
    this.#database = database;
    this.#file = options.file;
    this.#checkpoints = new CheckpointTable(database);
    this.#tenures = new TenureTable(database);
    for (const row of database.prepare('SELECT name, layout FROM collections').all()) {
      const layout = JSON.parse(String(row['layout'])) as CollectionLayout;
      this.#tables.set(layout.name, new CollectionTable(database, layout));
    }
    this.#commits = new GroupCommit({
      database,
      file: options.file,
      maxUnits: maxChangesPerTransaction,
      maxWeight: maxWritesPerTransaction,
    });
  }

  /**
   * Creates what is missing; what is there and no longer named stays. Runs at once, and on a large collection with new
   * indexes for a while: meant for the start.
   * @throws RangeError for names that cannot be, or when the terms field would change
   * @throws DocumentNotUniqueError when documents contradict a new unique index
   */
  async define(collections: readonly CollectionSpec[]): Promise<void> {
    this.#alter(() => {
      const changed: CollectionLayout[] = [];
      for (const spec of collections) {
        const before =
          changed.findLast(({ name }) => name === spec.name) ?? this.#tables.get(spec.name)?.layout;
        const layout = layoutOf(spec, before);
        const json = JSON.stringify(layout);
        if (json === JSON.stringify(before)) continue;
        for (const statement of migration(layout, before)) this.#database.exec(statement);
        this.#database
          .prepare('INSERT OR REPLACE INTO collections (name, layout) VALUES (?, ?)')
          .run(spec.name, json);
        changed.push(layout);
      }
      return () => {
        for (const layout of changed) {
          this.#tables.set(layout.name, new CollectionTable(this.#database, layout));
        }
      };
    });
  }

  async drop(collections: readonly string[]): Promise<void> {
    this.#alter(() => {
      for (const name of new Set(collections)) {
        const layout = this.#tables.get(name)?.layout;
        if (layout === undefined) continue;
        for (const statement of removal(layout)) this.#database.exec(statement);
        this.#database.prepare('DELETE FROM collections WHERE name = ?').run(name);
      }
      return () => {
        for (const name of collections) this.#tables.delete(name);
      };
    });
  }

  async collections(): Promise<readonly string[]> {
    return this.#read(() => [...this.#tables.keys()].sort());
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    return this.#read(() => this.#table(collection).get(id));
  }

  async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Document>> {
    return this.#read(() => {
      const table = this.#table(collection);
      const found = new Map<string, Document>();
      for (const id of ids) {
        const document = table.get(id);
        if (document !== undefined) found.set(id, document);
      }
      return found;
    });
  }

  async find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    return this.#read(() => this.#table(collection).find(query));
  }

  async count(collection: string, query: DocumentQuery): Promise<number> {
    return this.#read(() => this.#table(collection).count(query));
  }

  /** SQLite's plan for a query, one line a step: tells whether an index serves it. */
  async explain(collection: string, query: DocumentQuery): Promise<readonly string[]> {
    return this.#read(() => this.#table(collection).explain(query));
  }

  /**
   * Beyond the port:
   * @throws DocumentNotUniqueError when a unique index has the document's values already; nothing was written
   * @throws RangeError for an unknown collection, a rewrite of a field that is no path, or an indexed list or object
   */
  async commit(change: DocumentChange): Promise<void> {
    const { tenure, rewrites = [], puts = [], deletes = [], checkpoints = [] } = change;
    for (const rewrite of rewrites) this.#table(rewrite.collection).checkRewrite(rewrite);
    const encoded = new Map<CollectionTable, EncodedDocument[]>();
    for (const { collection, document } of puts) {
      const table = this.#table(collection);
      const documents = encoded.get(table);
      if (documents === undefined) encoded.set(table, [table.encode(document)]);
      else documents.push(table.encode(document));
    }
    for (const { collection } of deletes) this.#table(collection);
    const weight = rewrites.length + puts.length + deletes.length + checkpoints.length;
    await this.#commits
      .submit(weight, () => {
        const refusal = tenure && this.#tenures.refusal(tenure);
        if (refusal !== undefined) return new Refused(refusal);
        for (const advance of checkpoints) {
          const conflict = this.#checkpoints.conflict(advance);
          if (conflict !== undefined) return new Refused(conflict);
        }
        for (const rewrite of rewrites) this.#table(rewrite.collection).rewrite(rewrite);
        for (const [table, documents] of encoded) table.put(documents);
        for (const { collection, id } of deletes) this.#table(collection).delete(id);
        for (const checkpoint of checkpoints) this.#checkpoints.set(checkpoint);
        return undefined;
      })
      .catch(rethrowNotUnique);
  }

  async takeOver(consumer: string): Promise<Tenure> {
    return await this.#commits.submit(1, () => this.#tenures.takeOver(consumer));
  }

  async checkpoints(consumer: string): Promise<readonly Checkpoint[]> {
    return this.#read(() => this.#checkpoints.list(consumer));
  }

  async dropCheckpoints(consumer: string): Promise<void> {
    await this.#commits.submit(1, () => this.#checkpoints.drop(consumer));
  }

  close(): Promise<void> {
    this.#closing ??= this.#commits.close().then(() => this.#database.close());
    return this.#closing;
  }

  #table(collection: string): CollectionTable {
    const table = this.#tables.get(collection);
    if (table === undefined) throw new RangeError(`collection ${collection} is not defined`);
    return table;
  }

  /** Changes tables in a transaction of its own, after all changes that were handed in before. */
  #alter(change: () => () => void): void {
    this.#read(() => {
      this.#commits.flush();
      this.#database.exec('BEGIN IMMEDIATE');
      let publish: () => void;
      try {
        publish = change();
        this.#database.exec('COMMIT');
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
        if (isUniqueViolation(error)) throw new DocumentNotUniqueError({ cause: error });
        throw error;
      }
      publish();
    });
  }

  #read<Result>(read: () => Result): Result {
    if (this.#closing !== undefined) throw closedError(this.#file);
    try {
      return read();
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
  }
}

function rethrowNotUnique(error: unknown): never {
  throw isUniqueViolation(error) ? new DocumentNotUniqueError({ cause: error }) : error;
}
