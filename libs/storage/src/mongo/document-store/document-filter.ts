import type { DocumentQuery, Scalar } from '@unionfold/eventsourcing';
import type { Filter } from 'mongodb';
import { type CollectionShape, checkFieldName } from '../../collection-shape.ts';
import { prefixEnd } from '../../text-prefix.ts';
import { isNaturalKey, type StoredDocument } from './stored-document.ts';

type StoredFilter = Filter<StoredDocument>;

/** The sort fields of a query, `id` last: it makes every order total, so nothing can stand behind it. */
function sortFields(query: DocumentQuery): string[] {
  const fields = query.orderBy ?? [];
  const id = fields.indexOf('id');
  return [...(id < 0 ? fields : fields.slice(0, id)), 'id'];
}

/**
 * A field's place in a stored document.
 * @throws RangeError for a name that cannot be searched by
 */
export function placeOf(field: string): string {
  if (field === 'id') return '_id';
  checkFieldName(field);
  if (!isNaturalKey(field))
    throw new RangeError(`not a field name that MongoDB finds by: ${field}`);
  return `doc.${field}`;
}

/**
 * The order of a query.
 * @throws RangeError for a field that has no order
 */
export function sortOf(shape: CollectionShape, query: DocumentQuery): Record<string, 1> {
  return Object.fromEntries(sortFields(query).map((field) => [searched(shape, field), 1] as const));
}

/**
 * The filters that answer a query, one after the other until the limit is reached.
 *
 * Without `after` it is one. With it, the documents behind (a, b, id) are those with the same a and b and a greater id,
 * then those with the same a and a greater b, then those with a greater a: each is one range of an index.
 * @throws RangeError for what cannot be asked
 */
export function filtersOf(shape: CollectionShape, query: DocumentQuery): StoredFilter[] {
  const conditions = conditionsOf(shape, query);
  if (query.after === undefined) return [all(conditions)];
  const sort = sortFields(query);
  const { after } = query;
  if (after.length !== sort.length) {
    throw new RangeError(`after needs ${sort.length} values: ${sort.join(', ')}`);
  }
  return sort
    .map((field, depth) => {
      const same = sort.slice(0, depth).map((other, nth) => equals(placeOf(other), after[nth]));
      return all([...conditions, ...same, beyond(placeOf(field), after[depth] ?? null)]);
    })
    .reverse();
}

function conditionsOf(shape: CollectionShape, query: DocumentQuery): StoredFilter[] {
  const conditions: StoredFilter[] = [];
  if (query.term !== undefined) {
    if (shape.terms === undefined) throw new RangeError(`${shape.name} has no terms`);
    conditions.push(equals(placeOf(shape.terms), query.term));
  }
  for (const [field, value] of Object.entries(query.where ?? {})) {
    const place = searched(shape, field);
    conditions.push(isList(value) ? { [place]: { $in: [...value] } } : equals(place, value));
    conditions.push(...notWithin(shape, field));
  }
  for (const [field, prefix] of Object.entries(query.prefix ?? {})) {
    conditions.push(startsWith(searched(shape, field), prefix), ...notWithin(shape, field));
  }
  return conditions;
}

/** A field's place, where it is not the terms. */
function searched(shape: CollectionShape, field: string): string {
  if (field !== shape.terms) return placeOf(field);
  throw new RangeError(`${shape.name}: ${field} holds terms, it is queried by term only`);
}

/** MongoDB looks into lists; the port compares values. Indexed fields hold none. */
function notWithin(shape: CollectionShape, field: string): StoredFilter[] {
  if (field === 'id' || shape.fields.includes(field)) return [];
  return [{ [placeOf(field)]: { $not: { $type: 'array' } } }];
}

/** A string that starts with a prefix, as a range. */
export function startsWith(place: string, prefix: string): StoredFilter {
  const end = prefixEnd(prefix);
  return { [place]: end === undefined ? { $gte: prefix } : { $gte: prefix, $lt: end } };
}

/**
 * What stands behind a value in MongoDB's order: nothing, numbers, strings, booleans. As what is not before it, because
 * `$gt` finds values of the same type only, and a page would leave out the documents that have another.
 */
function beyond(place: string, value: Scalar): StoredFilter {
  // Ids are strings.
  if (place === '_id') return { _id: { $gt: String(value ?? '') } };
  const before: object[] = [{ $eq: null }];
  if (typeof value === 'string' || typeof value === 'boolean') {
    before.push({ $lte: Number.POSITIVE_INFINITY });
  }
  if (typeof value === 'boolean') before.push({ $gte: '' });
  if (value !== null) before.push({ $lte: value });
  // Of `$not`, the planner makes bounds along an index; of `$nor`, a filter over all of it.
  return all(before.map((range) => ({ [place]: { $not: range } })));
}

/** `null` finds absent fields, too. */
function equals(place: string, value: Scalar | undefined): StoredFilter {
  return { [place]: { $eq: value ?? null } };
}

/** No two conditions overwrite each other, however many concern one field. */
function all(conditions: readonly StoredFilter[]): StoredFilter {
  return conditions.length === 0 ? {} : { $and: [...conditions] };
}

function isList(value: Scalar | readonly Scalar[]): value is readonly Scalar[] {
  return Array.isArray(value);
}
