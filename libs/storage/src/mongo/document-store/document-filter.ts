import type { DocumentQuery, Scalar } from '@unionfold/eventsourcing';
import type { Filter } from 'mongodb';
import { type CollectionLayout, checkFieldName } from '../../sqlite/collection-layout.ts';
import { prefixEnd } from '../../text-prefix.ts';
import type { StoredDocument } from './stored-document.ts';

type StoredFilter = Filter<StoredDocument>;

/** The sort fields of a query, `id` last: it makes every order total, so nothing can stand behind it. */
export function sortFields(query: DocumentQuery): string[] {
  const fields = query.orderBy ?? [];
  const id = fields.indexOf('id');
  return [...(id < 0 ? fields : fields.slice(0, id)), 'id'];
}

/** A field's place in a stored document. */
export function placeOf(field: string): string {
  if (field === 'id') return '_id';
  checkFieldName(field);
  return `doc.${field}`;
}

/**
 * The filters that answer a query, one after the other until the limit is reached.
 *
 * Without `after` it is one. With it, the documents behind (a, b, id) are those with the same a and b and a greater id,
 * then those with the same a and a greater b, then those with a greater a: each is one range of an index.
 * @throws RangeError for what cannot be asked
 */
export function filtersOf(layout: CollectionLayout, query: DocumentQuery): StoredFilter[] {
  const conditions = conditionsOf(layout, query);
  if (query.after === undefined) return [all(conditions)];
  const sort = sortFields(query);
  const { after } = query;
  if (after.length !== sort.length) {
    throw new RangeError(`after needs ${sort.length} values: ${sort.join(', ')}`);
  }
  return sort
    .map((field, depth) => {
      const same = sort.slice(0, depth).map((other, nth) => equals(placeOf(other), after[nth]));
      const value = after[depth] ?? null;
      const beyond = { [placeOf(field)]: value === null ? { $ne: null } : { $gt: value } };
      return all([...conditions, ...same, beyond]);
    })
    .reverse();
}

function conditionsOf(layout: CollectionLayout, query: DocumentQuery): StoredFilter[] {
  const conditions: StoredFilter[] = [];
  if (query.term !== undefined) {
    if (layout.terms === undefined) throw new RangeError(`${layout.name} has no terms`);
    conditions.push({ [placeOf(layout.terms)]: query.term });
  }
  for (const [field, value] of Object.entries(query.where ?? {})) {
    if (field === layout.terms) throw new RangeError(`${layout.name}: ${field} is found by term only`);
    const place = placeOf(field);
    conditions.push(isList(value) ? { [place]: { $in: [...value] } } : equals(place, value));
  }
  for (const [field, prefix] of Object.entries(query.prefix ?? {})) {
    conditions.push(startsWith(placeOf(field), prefix));
  }
  return conditions;
}

/** A string that starts with a prefix, as a range. */
export function startsWith(place: string, prefix: string): StoredFilter {
  const end = prefixEnd(prefix);
  return { [place]: end === undefined ? { $gte: prefix } : { $gte: prefix, $lt: end } };
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
