import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type CollectionLayout, columnOf } from './collection-layout.ts';
import { type ColumnValue, type EncodedDocument, termSet } from './document-rows.ts';

/** A stored document's row number, terms and columns. */
type StoredRow = readonly [n: number, terms: string | null, ...columns: ColumnValue[]];

/**
 * Writes the documents of one collection, with their terms, within a transaction.
 *
 * SQLite's UPDATE rewrites every index over the columns it sets, changed or not. Most updates of a read model change a
 * figure and no indexed field, so the stored columns are compared first.
 */
export class DocumentWriter {
  readonly #stored: StatementSync;
  readonly #insert: StatementSync;
  readonly #updateBody: StatementSync;
  readonly #updateAll: StatementSync;
  readonly #delete: StatementSync;
  readonly #insertTerm: StatementSync | undefined;
  readonly #deleteTerm: StatementSync | undefined;

  constructor(database: DatabaseSync, { table, termsTable, fields, terms }: CollectionLayout) {
    const columns = fields.map(columnOf);
    const all = ['body', 'terms', ...columns];
    this.#stored = database.prepare(
      `SELECT ${['n', 'terms', ...columns].join(', ')} FROM ${table} WHERE id = ?`,
    );
    this.#stored.setReturnArrays(true);
    this.#insert = database.prepare(
      `INSERT INTO ${table} (id, ${all.join(', ')}) VALUES (?${', ?'.repeat(all.length)})`,
    );
    this.#updateBody = database.prepare(`UPDATE ${table} SET body = ? WHERE n = ?`);
    this.#updateAll = database.prepare(
      `UPDATE ${table} SET ${all.map((column) => `${column} = ?`).join(', ')} WHERE n = ?`,
    );
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE n = ?`);
    if (terms !== undefined) {
      this.#insertTerm = database.prepare(`INSERT INTO ${termsTable} (term, doc) VALUES (?, ?)`);
      this.#deleteTerm = database.prepare(`DELETE FROM ${termsTable} WHERE term = ? AND doc = ?`);
    }
  }

  /** Inserts or replaces a document. */
  put({ id, body, terms, columns }: EncodedDocument): void {
    const stored = this.#find(id);
    if (stored === undefined) {
      const { lastInsertRowid } = this.#insert.run(id, body, terms, ...columns);
      if (terms !== null) this.#replaceTerms(Number(lastInsertRowid), null, terms);
      return;
    }
    const [n, storedTerms] = stored;
    const unchanged = columns.every((value, index) => value === stored[index + 2]);
    if (unchanged && terms === storedTerms) {
      this.#updateBody.run(body, n);
    } else {
      this.#updateAll.run(body, terms, ...columns, n);
      this.#replaceTerms(n, storedTerms, terms);
    }
  }

  /** Deletes a document, if it is there. */
  delete(id: string): void {
    const stored = this.#find(id);
    if (stored === undefined) return;
    const [n, terms] = stored;
    this.#replaceTerms(n, terms, null);
    this.#delete.run(n);
  }

  #find(id: string): StoredRow | undefined {
    return this.#stored.get(id) as unknown as StoredRow | undefined;
  }

  #replaceTerms(n: number, before: string | null, after: string | null): void {
    if (before === after) return;
    const old = termSet(before);
    const next = termSet(after);
    for (const term of old) if (!next.has(term)) this.#deleteTerm?.run(term, n);
    for (const term of next) if (!old.has(term)) this.#insertTerm?.run(term, n);
  }
}
