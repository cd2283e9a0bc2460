import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Document, DocumentQuery, PathRewrite } from '@unionfold/eventsourcing';
import { type CollectionLayout, columnOf } from './collection-layout.ts';
import { countSelect, findSelects, type LimitedSelect, prefixCondition } from './document-query.ts';
import {
  decodeDocument,
  documentColumns,
  type EncodedDocument,
  encodeDocument,
} from './document-rows.ts';
import { DocumentWriter } from './document-writer.ts';
import { chooseDriver, type QueryDriver } from './query-driver.ts';

/** So many shapes of queries keep their prepared statement; a program has a few dozen. */
const maxCachedSelects = 256;

/** One collection: reads and writes its tables, synchronously, inside or outside of a transaction. */
export class CollectionTable {
  readonly layout: CollectionLayout;
  readonly #database: DatabaseSync;
  readonly #selects = new Map<string, StatementSync>();
  readonly #get: StatementSync;
  readonly #writer: DocumentWriter;

  constructor(database: DatabaseSync, layout: CollectionLayout) {
    const { table } = layout;
    this.layout = layout;
    this.#database = database;
    this.#get = database.prepare(
      `SELECT ${documentColumns(layout, columnOf).join(', ')} FROM ${table} AS c WHERE c.id = ?`,
    );
    this.#get.setReturnArrays(true);
    this.#writer = new DocumentWriter(database, layout);
  }

  get(id: string): Document | undefined {
    const row = this.#get.get(id) as unknown as readonly unknown[] | undefined;
    return row === undefined ? undefined : decodeDocument(this.layout, row);
  }

  find(query: DocumentQuery): Document[] {
    const documents: Document[] = [];
    for (const { sql, parameters } of findSelects(this.layout, query, this.#driver(query))) {
      const rows = this.#select(sql).all(...parameters, rowLimit(query.limit - documents.length));
      for (const row of rows as unknown as (readonly unknown[])[]) {
        documents.push(decodeDocument(this.layout, row));
      }
      if (documents.length >= query.limit) break;
    }
    return documents;
  }

  count(query: DocumentQuery): number {
    return this.#count(countSelect(this.layout, query, this.#driver(query)), query.limit);
  }

  /** SQLite's plan for each select of a query, one line a step. */
  explain(query: DocumentQuery): string[] {
    return findSelects(this.layout, query, this.#driver(query)).flatMap(({ sql, parameters }) =>
      this.#database
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all(...parameters, rowLimit(query.limit))
        .map((step) => String(step['detail'])),
    );
  }

  /** @throws RangeError when an indexed field holds what it cannot */
  encode(document: Document): EncodedDocument {
    return encodeDocument(this.layout, document);
  }

  put(documents: readonly EncodedDocument[]): void {
    this.#writer.put(documents);
  }

  delete(id: string): void {
    this.#writer.delete(id);
  }

  /** Refuses a field that is not declared as a path. */
  checkRewrite({ field }: PathRewrite): void {
    if (!this.layout.paths.includes(field)) {
      throw new RangeError(`${this.layout.name}: ${field} is not declared as a path`);
    }
  }

  rewrite({ field, from, to }: PathRewrite): void {
    const column = columnOf(field);
    const range = prefixCondition(column, from);
    const tail = Array.from(from).length + 1;
    this.#select(
      `UPDATE ${this.layout.table} SET ${column} = ? || substr(${column}, ?) WHERE ${range.sql}`,
    ).run(to, tail, ...range.parameters);
  }

  #driver(query: DocumentQuery): QueryDriver {
    return chooseDriver(this.layout, query, (select, limit) => this.#count(select, limit));
  }

  #count({ sql, parameters }: LimitedSelect, limit: number): number {
    const row = this.#select(sql).get(...parameters, rowLimit(limit)) as unknown as readonly [
      number,
    ];
    return row[0];
  }

  #select(sql: string): StatementSync {
    const cached = this.#selects.get(sql);
    if (cached !== undefined) return cached;
    if (this.#selects.size >= maxCachedSelects) this.#selects.clear();
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    this.#selects.set(sql, statement);
    return statement;
  }
}

/** SQLite takes no Infinity. */
function rowLimit(limit: number): number {
  return Math.min(limit, Number.MAX_SAFE_INTEGER);
}
