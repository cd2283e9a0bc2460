import type { DocumentQuery, IndexSpec } from '@unionfold/eventsourcing';
import { type CollectionLayout, columnOf, indexName } from './collection-layout.ts';
import { type LimitedSelect, prefixCondition, sortFields } from './document-query.ts';

/** What a query starts from: the terms, an index of our choice, or whatever SQLite's planner chooses. */
export type QueryDriver =
  | { readonly kind: 'term' }
  | { readonly kind: 'index'; readonly index: string }
  | { readonly kind: 'planner' };

/**
 * From this many matches on, a sorted page is read along the order and filtered, instead of collecting and sorting all
 * matches. Following the order costs about (documents × limit / matches) rows: at a million documents and pages of 50
 * both ways cost the same at some 7,000 matches.
 */
export const manyMatches = 4096;

/**
 * Chooses what a query starts from. SQLite's planner does not know how many documents a term or a path prefix matches
 * (a workplace or the whole nation), so that is probed, up to {@link manyMatches}.
 * @param count runs a counting select with a limit
 */
export function chooseDriver(
  layout: CollectionLayout,
  query: DocumentQuery,
  count: (select: LimitedSelect, limit: number) => number,
): QueryDriver {
  if (query.term !== undefined && layout.terms !== undefined) {
    const matches = count(
      {
        sql: `SELECT count(*) FROM (SELECT 1 FROM ${layout.termsTable} WHERE term = ? LIMIT ?)`,
        parameters: [query.term],
      },
      manyMatches,
    );
    if (matches < manyMatches) return { kind: 'term' };
  }
  const [prefixed] = Object.entries(query.prefix ?? {});
  if (prefixed === undefined || query.orderBy === undefined) return { kind: 'planner' };
  const [field, prefix] = prefixed;
  const equal = equalFields(layout, query);
  const order = layout.indexes.find((index) => follows(index, equal, sortFields(query)));
  const range = layout.indexes.find((index) => behind(index, equal)[0] === field);
  if (order === undefined || range === undefined || order === range) return { kind: 'planner' };
  const condition = prefixCondition(columnOf(field), prefix);
  const matches = count(
    {
      sql: `SELECT count(*) FROM (SELECT 1 FROM ${layout.table} WHERE ${condition.sql} LIMIT ?)`,
      parameters: condition.parameters,
    },
    manyMatches,
  );
  const index = matches < manyMatches ? range : order;
  return { kind: 'index', index: indexName(layout.name, index) };
}

/** Columns that the query pins to one value. */
function equalFields(layout: CollectionLayout, query: DocumentQuery): Set<string> {
  const pinned = Object.entries(query.where ?? {}).filter(([, value]) => !Array.isArray(value));
  return new Set(pinned.map(([field]) => field).filter((field) => layout.fields.includes(field)));
}

/** Whether reading along the index, with the pinned fields fixed, gives the order. */
function follows(index: IndexSpec, equal: Set<string>, sort: readonly string[]): boolean {
  const rest = behind(index, equal);
  // A non-unique index has the id behind its fields.
  if (index.unique !== true && !rest.includes('id')) rest.push('id');
  const open = sort.filter((field) => !equal.has(field));
  return open.length <= rest.length && open.every((field, place) => rest[place] === field);
}

/** An index's fields behind its leading pinned ones. */
function behind(index: IndexSpec, equal: Set<string>): string[] {
  const first = index.fields.findIndex((field) => !equal.has(field));
  return first < 0 ? [] : index.fields.slice(first);
}
