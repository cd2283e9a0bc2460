import type { CollectionSpec, IndexSpec } from '@unionfold/eventsourcing';
import { type CollectionShape, checkFieldName, shapeOf } from '../collection-shape.ts';

/** How a collection lies in tables: every indexed field has a column of its own, a path stands in its column only. */
export interface CollectionLayout extends CollectionShape {
  /** Quoted table name. */
  readonly table: string;
  /** Quoted name of the table (term, doc), used where there is a terms field. */
  readonly termsTable: string;
}

/**
 * Lays out a collection.
 * @param before the collection as it stands, whose columns and indexes are all kept
 * @throws RangeError for a name that is not one, or a terms field other than before
 */
export function layoutOf(spec: CollectionSpec, before?: CollectionLayout): CollectionLayout {
  const name = mangled(spec.name);
  return { ...shapeOf(spec, before), table: `"c_${name}"`, termsTable: `"t_${name}"` };
}

/** Statements that turn the tables of one layout into those of the next, with what is in them. */
export function migration(layout: CollectionLayout, before?: CollectionLayout): string[] {
  const { table, termsTable } = layout;
  const statements: string[] = [];
  if (before === undefined) {
    const columns = layout.fields.map((field) => `, ${columnOf(field)} ANY`);
    statements.push(
      `CREATE TABLE ${table} (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL, terms TEXT${columns.join('')}) STRICT`,
    );
  } else {
    for (const field of layout.fields.filter((name) => !before.fields.includes(name))) {
      statements.push(
        `ALTER TABLE ${table} ADD COLUMN ${columnOf(field)} ANY`,
        `UPDATE ${table} SET ${columnOf(field)} = ${bodyField(field)}
         WHERE json_type(body, ${jsonPath(field)}) IN ('text', 'integer', 'real', 'true', 'false')`,
      );
    }
    for (const path of layout.paths.filter((name) => !before.paths.includes(name))) {
      statements.push(
        `UPDATE ${table} SET body = json_remove(body, ${jsonPath(path)})
         WHERE json_type(body, ${jsonPath(path)}) = 'text'`,
      );
    }
  }
  if (layout.terms !== undefined && before?.terms === undefined) {
    const path = jsonPath(layout.terms);
    statements.push(
      `CREATE TABLE ${termsTable} (term TEXT NOT NULL, doc INTEGER NOT NULL, PRIMARY KEY (term, doc)) STRICT, WITHOUT ROWID`,
      `UPDATE ${table} SET terms = json_extract(body, ${path}), body = json_remove(body, ${path})
       WHERE json_type(body, ${path}) = 'array'`,
      `INSERT OR IGNORE INTO ${termsTable} (term, doc)
       SELECT each.value, n FROM ${table}, json_each(terms) AS each WHERE terms IS NOT NULL`,
    );
  }
  const known = new Set(before?.indexes.map((index) => indexName(layout.name, index)));
  for (const index of layout.indexes) {
    const name = indexName(layout.name, index);
    if (!known.has(name)) statements.push(indexDefinition(layout, index, name));
  }
  return statements;
}

/** Statements that remove a collection's tables. */
export function removal(layout: CollectionLayout): string[] {
  return [`DROP TABLE ${layout.table}`, `DROP TABLE IF EXISTS ${layout.termsTable}`];
}

/** Quoted name of the index. */
export function indexName(collection: string, index: IndexSpec): string {
  const fields = index.fields.map(mangled).join('.');
  return `"${index.unique === true ? 'u' : 'i'}_${mangled(collection)}.${fields}"`;
}

/** Quoted name of a field's column. */
export function columnOf(field: string): string {
  return field === 'id' ? 'id' : `"f_${mangled(field)}"`;
}

/** A field that has no column, as an expression. */
export function bodyField(field: string): string {
  checkFieldName(field);
  return `json_extract(body, ${jsonPath(field)})`;
}

function indexDefinition(layout: CollectionLayout, index: IndexSpec, name: string): string {
  const columns = index.fields.map(columnOf);
  // The id makes every order along an index total, so that a page is read off it without sorting.
  if (index.unique !== true && !index.fields.includes('id')) columns.push('id');
  const unique = index.unique === true ? 'UNIQUE ' : '';
  return `CREATE ${unique}INDEX ${name} ON ${layout.table} (${columns.join(', ')})`;
}

function jsonPath(field: string): string {
  return `'$."${field}"'`;
}

/** SQLite's names ignore case: everything but small letters, digits and `_` is written as its code point. */
function mangled(name: string): string {
  return name.replaceAll(
    /[^a-z0-9_]/gu,
    (character) => `$${character.codePointAt(0)?.toString(16)}$`,
  );
}
