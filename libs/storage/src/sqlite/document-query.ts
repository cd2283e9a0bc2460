import type { DocumentQuery, Scalar } from '@unionfold/eventsourcing';
import { prefixEnd } from '../text-prefix.ts';
import { bodyField, type CollectionLayout, columnOf } from './collection-layout.ts';
import { type ColumnValue, documentColumns, scalarColumn } from './document-rows.ts';
import type { QueryDriver } from './query-driver.ts';

/** SQL whose last parameter, not among these, is a limit. */
export interface LimitedSelect {
  readonly sql: string;
  readonly parameters: readonly ColumnValue[];
}

/** A part of a WHERE clause. */
interface Condition {
  readonly sql: string;
  readonly parameters: readonly ColumnValue[];
}

/**
 * The selects that answer a query, to be run one after the other until the limit is reached.
 *
 * Without `after` it is one. With it, the documents behind (a, b, id) are those with the same a and b and a greater id,
 * then those with the same a and a greater b, then those with a greater a: each is one range of an index that the
 * order follows, and absent values, which sort first, need no case of their own in SQL's three-valued logic.
 */
export function findSelects(
  layout: CollectionLayout,
  query: DocumentQuery,
  driver: QueryDriver,
): LimitedSelect[] {
  const sort = sortFields(query);
  const conditions = conditionsOf(layout, query, driver);
  const columns = documentColumns(layout, columnOf).join(', ');
  const order = sort.map((field) => expression(layout, field)).join(', ');
  const select = (all: readonly Condition[]) =>
    limited(`SELECT ${columns} ${source(layout, driver)}`, all, ` ORDER BY ${order} LIMIT ?`);
  if (query.after === undefined) return [select(conditions)];
  return rangesAfter(layout, sort, query.after).map((range) => select([...conditions, ...range]));
}

/** The select that counts a query's documents. */
export function countSelect(
  layout: CollectionLayout,
  query: DocumentQuery,
  driver: QueryDriver,
): LimitedSelect {
  const matches = `SELECT count(*) FROM (SELECT 1 ${source(layout, driver)}`;
  return limited(matches, conditionsOf(layout, query, driver), ' LIMIT ?)');
}

/** The sort fields of a query, `id` last: it makes every order total, so nothing can stand behind it. */
export function sortFields(query: DocumentQuery): string[] {
  const fields = query.orderBy ?? [];
  const id = fields.indexOf('id');
  return [...(id < 0 ? fields : fields.slice(0, id)), 'id'];
}

/** A field as an SQL expression: its column, or what the body holds. */
export function expression(layout: CollectionLayout, field: string): string {
  if (field === layout.terms) {
    throw new RangeError(`${layout.name}: ${field} holds terms, it is queried by term only`);
  }
  const hasColumn = field === 'id' || layout.fields.includes(field);
  return hasColumn ? `c.${columnOf(field)}` : bodyField(field);
}

/** The range of strings with a prefix. */
export function prefixCondition(column: string, prefix: string): Condition {
  const end = prefixEnd(prefix);
  return end === undefined
    ? { sql: `${column} >= ?`, parameters: [prefix] }
    : { sql: `${column} >= ? AND ${column} < ?`, parameters: [prefix, end] };
}

function source(layout: CollectionLayout, driver: QueryDriver): string {
  switch (driver.kind) {
    case 'term':
      // CROSS JOIN fixes the order of the loops: terms first.
      return `FROM ${layout.termsTable} AS t CROSS JOIN ${layout.table} AS c ON c.n = t.doc`;
    case 'index':
      return `FROM ${layout.table} AS c INDEXED BY ${driver.index}`;
    case 'planner':
      return `FROM ${layout.table} AS c`;
  }
}

function limited(head: string, conditions: readonly Condition[], tail: string): LimitedSelect {
  const where = conditions.map(({ sql }) => sql).join(' AND ');
  return {
    sql: `${head}${where === '' ? '' : ` WHERE ${where}`}${tail}`,
    parameters: conditions.flatMap(({ parameters }) => parameters),
  };
}

function conditionsOf(
  layout: CollectionLayout,
  query: DocumentQuery,
  driver: QueryDriver,
): Condition[] {
  const conditions: Condition[] = [];
  if (query.term !== undefined) {
    conditions.push({ sql: termCondition(layout, driver), parameters: [query.term] });
  }
  for (const [field, value] of Object.entries(query.where ?? {})) {
    conditions.push(valueCondition(expression(layout, field), value));
  }
  for (const [field, prefix] of Object.entries(query.prefix ?? {})) {
    conditions.push(prefixCondition(expression(layout, field), prefix));
  }
  return conditions;
}

function termCondition(layout: CollectionLayout, driver: QueryDriver): string {
  if (layout.terms === undefined) throw new RangeError(`${layout.name} has no terms`);
  if (driver.kind === 'term') return 't.term = ?';
  return `EXISTS (SELECT 1 FROM ${layout.termsTable} AS t WHERE t.term = ? AND t.doc = c.n)`;
}

function valueCondition(column: string, value: Scalar | readonly Scalar[]): Condition {
  if (!isList(value)) return equality(column, scalarColumn(value));
  const values = [...new Set(value.map(scalarColumn))];
  const [only] = values;
  if (only === undefined) return { sql: 'FALSE', parameters: [] };
  if (values.length === 1) return equality(column, only);
  const present = values.filter((candidate) => candidate !== null);
  // One parameter for any number of values, so that the statement is the same.
  const list = `${column} IN (SELECT value FROM json_each(?))`;
  return {
    sql: present.length === values.length ? list : `(${list} OR ${column} IS NULL)`,
    parameters: [JSON.stringify(present)],
  };
}

function equality(column: string, value: ColumnValue): Condition {
  return value === null
    ? { sql: `${column} IS NULL`, parameters: [] }
    : { sql: `${column} = ?`, parameters: [value] };
}

function rangesAfter(
  layout: CollectionLayout,
  sort: readonly string[],
  after: readonly Scalar[],
): Condition[][] {
  if (after.length !== sort.length) {
    throw new RangeError(`after needs ${sort.length} values: ${sort.join(', ')}`);
  }
  const keys = sort.map((field, index) => ({
    column: expression(layout, field),
    value: scalarColumn(after[index]),
  }));
  return keys
    .map(({ column, value }, depth) => [
      ...keys.slice(0, depth).map((key) => equality(key.column, key.value)),
      value === null
        ? { sql: `${column} IS NOT NULL`, parameters: [] }
        : { sql: `${column} > ?`, parameters: [value] },
    ])
    .reverse();
}

function isList(value: Scalar | readonly Scalar[]): value is readonly Scalar[] {
  return Array.isArray(value);
}
