import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type CollectionLayout, columnOf } from './collection-layout.ts';
import { type ColumnValue, type EncodedDocument, termSet } from './document-rows.ts';

/** A stored document's row number, terms and columns. */
type StoredRow = readonly [n: number, terms: string | null, ...columns: ColumnValue[]];

/** Half a surrogate pair, which only JSON can carry through SQLite, and what else JSON writes by its number. */
const escapeMark = '\\u';

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
  readonly #insertNewTerms: StatementSync | undefined;
  readonly #deleteTerm: StatementSync | undefined;
  /** Neighbours are alike: a rebuild fills a collection, and later on most of it is updated. */
  #newExpected = false;

  constructor(database: DatabaseSync, { table, termsTable, fields, terms }: CollectionLayout) {
    const columns = fields.map(columnOf);
    const all = ['body', 'terms', ...columns];
    this.#stored = database.prepare(
      `SELECT ${['n', 'terms', ...columns].join(', ')} FROM ${table} WHERE id = ?`,
    );
    this.#stored.setReturnArrays(true);
    this.#insert = database.prepare(
      `INSERT INTO ${table} (id, ${all.join(', ')}) VALUES (?${', ?'.repeat(all.length)})
       ON CONFLICT (id) DO NOTHING`,
    );
    this.#updateBody = database.prepare(`UPDATE ${table} SET body = ? WHERE n = ?`);
    this.#updateAll = database.prepare(
      `UPDATE ${table} SET ${all.map((column) => `${column} = ?`).join(', ')} WHERE n = ?`,
    );
    this.#delete = database.prepare(`DELETE FROM ${table} WHERE n = ?`);
    if (terms !== undefined) {
      const insert = `INSERT OR IGNORE INTO ${termsTable} (term, doc)`;
      this.#insertTerm = database.prepare(`${insert} VALUES (?, ?)`);
      // In the order of the table: scattered over it one by one, they cost twice as much.
      this.#insertNewTerms = database.prepare(
        `${insert} SELECT each.value, n FROM ${table}, json_each(terms) AS each
         WHERE n >= ? AND instr(terms, '${escapeMark}') = 0 ORDER BY 1, 2`,
      );
      this.#deleteTerm = database.prepare(`DELETE FROM ${termsTable} WHERE term = ? AND doc = ?`);
    }
  }

  /** Inserts or replaces documents, in their order. */
  put(documents: readonly EncodedDocument[]): void {
    // New rows are numbered upwards from the last one.
    let firstNew: number | undefined;
    for (const document of documents) {
      const inserted = this.#put(document);
      firstNew ??= inserted;
    }
    if (firstNew !== undefined) this.#insertNewTerms?.run(firstNew);
  }

  /** @returns the number of the row, if it is new; then its terms have yet to be inserted */
  #put(document: EncodedDocument): number | undefined {
    if (this.#newExpected) {
      const inserted = this.#tryInsert(document);
      if (inserted !== undefined) return inserted;
    }
    const { id, body, terms, columns } = document;
    const stored = this.#find(id);
    this.#newExpected = stored === undefined;
    if (stored === undefined) return this.#tryInsert(document);
    const [n, storedTerms] = stored;
    const unchanged = columns.every((value, index) => value === stored[index + 2]);
    if (unchanged && terms === storedTerms) {
      this.#updateBody.run(body, n);
    } else {
      this.#updateAll.run(body, terms, ...columns, n);
      this.#replaceTerms(n, storedTerms, terms);
    }
    return undefined;
  }

  #tryInsert({ id, body, terms, columns }: EncodedDocument): number | undefined {
    const { changes, lastInsertRowid } = this.#insert.run(id, body, terms, ...columns);
    if (changes === 0) return undefined;
    const n = Number(lastInsertRowid);
    if (terms?.includes(escapeMark)) this.#replaceTerms(n, null, terms);
    return n;
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
