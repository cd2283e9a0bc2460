import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Document, DocumentChange, PathRewrite } from '@unionfold/eventsourcing';

/** What a rebuilt collection needs to be known of. */
export interface ScratchCollection {
  readonly name: string;
  readonly paths?: readonly string[];
}

interface Table {
  readonly name: string;
  readonly paths: readonly string[];
  readonly put: StatementSync;
  readonly get: StatementSync;
  readonly delete: StatementSync;
}

/**
 * Where a read model is rebuilt: a file of this process that is gone at its end, so that checking loads no server with
 * writes. A collection is a table of ids and JSON; paths stand beside it, to be rewritten in bulk.
 */
export class ScratchStore {
  readonly #folder: string;
  readonly #database: DatabaseSync;
  readonly #tables = new Map<string, Table>();

  constructor(collections: readonly ScratchCollection[]) {
    this.#folder = mkdtempSync(join(tmpdir(), 'unionfold-verify-'));
    this.#database = new DatabaseSync(join(this.#folder, 'scratch.db'));
    // Nothing here has to survive anything.
    this.#database.exec(
      'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536',
    );
    for (const [index, { name, paths = [] }] of collections.entries()) {
      this.#tables.set(name, this.#makeTable(`c${index}`, paths));
    }
  }

  async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Document>> {
    const table = this.#table(collection);
    const found = new Map<string, Document>();
    for (const id of ids) {
      const row = table.get.get(id);
      if (row !== undefined) found.set(id, documentOf(row, table.paths));
    }
    return found;
  }

  /** Writes in the order of the port: rewrites, puts, deletes. */
  write({ rewrites = [], puts = [], deletes = [] }: DocumentChange): void {
    this.#database.exec('BEGIN');
    for (const rewrite of rewrites) this.#rewrite(rewrite);
    for (const { collection, document } of puts) {
      const { put, paths } = this.#table(collection);
      const values = paths.map((path): SQLInputValue => {
        const value = document[path];
        return typeof value === 'string' ? value : null;
      });
      put.run(document.id, JSON.stringify(document), ...values);
    }
    for (const { collection, id } of deletes) this.#table(collection).delete.run(id);
    this.#database.exec('COMMIT');
  }

  /** A collection in the order of ids as UTF-8 bytes. */
  *documents(collection: string): Generator<Document> {
    const { name, paths } = this.#table(collection);
    const rows = this.#database.prepare(`SELECT * FROM ${name} ORDER BY id`).iterate();
    for (const row of rows) yield documentOf(row, paths);
  }

  /** Removes all documents. */
  clear(): void {
    for (const { name } of this.#tables.values()) this.#database.exec(`DELETE FROM ${name}`);
  }

  /** Removes the file. */
  close(): void {
    this.#database.close();
    rmSync(this.#folder, { recursive: true });
  }

  #makeTable(name: string, paths: readonly string[]): Table {
    const columns = paths.map((_, index) => `p${index}`);
    this.#database.exec(
      `CREATE TABLE ${name} (id TEXT PRIMARY KEY, json TEXT NOT NULL${columns.map((column) => `, ${column} TEXT`).join('')}) WITHOUT ROWID`,
    );
    for (const column of columns) {
      this.#database.exec(`CREATE INDEX ${name}_${column} ON ${name} (${column})`);
    }
    const marks = ['?', '?', ...columns.map(() => '?')].join(', ');
    return {
      name,
      paths,
      put: this.#database.prepare(`INSERT OR REPLACE INTO ${name} VALUES (${marks})`),
      get: this.#database.prepare(`SELECT * FROM ${name} WHERE id = ?`),
      delete: this.#database.prepare(`DELETE FROM ${name} WHERE id = ?`),
    };
  }

  #rewrite({ collection, field, from, to }: PathRewrite): void {
    const { name, paths } = this.#table(collection);
    const index = paths.indexOf(field);
    if (index < 0) throw new RangeError(`${collection}: ${field} is not declared as a path`);
    const column = `p${index}`;
    this.#database
      .prepare(
        `UPDATE ${name} SET ${column} = ?1 || substr(${column}, length(?2) + 1)
         WHERE ${column} >= ?2 AND ${column} < ?2 || char(0x10FFFF)`,
      )
      .run(to, from);
  }

  #table(collection: string): Table {
    const table = this.#tables.get(collection);
    if (table === undefined) throw new RangeError(`collection ${collection} is not declared`);
    return table;
  }
}

function documentOf(row: Readonly<Record<string, unknown>>, paths: readonly string[]): Document {
  const document = JSON.parse(String(row['json'])) as Document & Record<string, string>;
  for (const [index, path] of paths.entries()) {
    const value = row[`p${index}`];
    if (typeof value === 'string') document[path] = value;
  }
  return document;
}
