import type { Document, JsonValue, Scalar } from '@unionfold/eventsourcing';
import type { CollectionLayout } from './collection-layout.ts';

/** What a column of an indexed field holds. */
export type ColumnValue = string | number | null;

/** A document as it is written. */
export interface EncodedDocument {
  readonly id: string;
  /** JSON of the fields that live in no column alone. */
  readonly body: string;
  /** JSON array of the search terms. */
  readonly terms: string | null;
  /** Values of the layout's fields, in their order. */
  readonly columns: readonly ColumnValue[];
}

/**
 * Writes a document out. Paths and terms are left out of the body: they have their own columns, so that a path is
 * rewritten without touching JSON.
 * @throws RangeError when an indexed field or the terms field holds what it cannot
 */
export function encodeDocument(layout: CollectionLayout, document: Document): EncodedDocument {
  const body: Record<string, JsonValue | undefined> = { ...document, ['id']: undefined };
  const columns: ColumnValue[] = [];
  for (const field of layout.fields) {
    columns.push(columnValue(layout.name, field, document[field]));
  }
  for (const path of layout.paths) {
    if (typeof document[path] === 'string') body[path] = undefined;
  }
  let terms: string | null = null;
  if (layout.terms !== undefined) {
    const value = document[layout.terms];
    if (value !== undefined && value !== null) {
      if (!isTermList(value)) {
        throw new RangeError(`${layout.name}: ${layout.terms} must be an array of strings`);
      }
      terms = JSON.stringify(value);
      body[layout.terms] = undefined;
    }
  }
  return { id: document.id, body: JSON.stringify(body), terms, columns };
}

/** The columns that {@link decodeDocument} takes, in its order. */
export function documentColumns(layout: CollectionLayout, columnOf: (field: string) => string) {
  return ['c.id', 'c.body', 'c.terms', ...layout.paths.map((path) => `c.${columnOf(path)}`)];
}

/** A document from its {@link documentColumns}. */
export function decodeDocument(layout: CollectionLayout, row: readonly unknown[]): Document {
  const [id, body, terms, ...paths] = row;
  const document = JSON.parse(String(body)) as Record<string, JsonValue> & { id: string };
  document.id = String(id);
  for (const [index, path] of layout.paths.entries()) {
    const value = paths[index];
    if (typeof value === 'string') document[path] = value;
  }
  if (layout.terms !== undefined && typeof terms === 'string') {
    document[layout.terms] = JSON.parse(terms) as string[];
  }
  return document;
}

/** A queried value as columns hold it. */
export function scalarColumn(value: Scalar | undefined): ColumnValue {
  if (value === undefined || value === null) return null;
  return typeof value === 'boolean' ? Number(value) : value;
}

/** The distinct terms of an encoded document or a stored one. */
export function termSet(terms: string | null): Set<string> {
  return new Set(terms === null ? [] : (JSON.parse(terms) as string[]));
}

function columnValue(collection: string, field: string, value: JsonValue | undefined): ColumnValue {
  if (typeof value === 'object' && value !== null) {
    throw new RangeError(`${collection}: ${field} is indexed and cannot hold a list or an object`);
  }
  return scalarColumn(value);
}

function isTermList(value: JsonValue): value is readonly string[] {
  return Array.isArray(value) && value.every((term) => typeof term === 'string');
}
