import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Document, DocumentQuery, ReadModel, Scalar } from '@unionfold/eventsourcing';
import Type, { type TSchema } from 'typebox';
import { refused } from './refused.ts';

/** Items on a page at most, and when nothing is said. */
export const pageLimits = { most: 200, usual: 50 } as const;

/** What asks for a page, in a query or a body. */
export const pageFields = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: pageLimits.most,
      description: `每页条数,默认 ${pageLimits.usual} | Items a page, default ${pageLimits.usual}.`,
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      maxLength: 2_048,
      description: '上一页返回的 next | The `next` of the page before.',
    }),
  ),
};

/** A page asked for. */
export interface PageRequest {
  readonly limit?: number;
  readonly cursor?: string;
}

/** A page of items; without `next` it is the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** The schema of a page. */
export function pageOf<Item extends TSchema>(item: Item) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Optional(
      Type.String({ description: '下一页的 cursor | The cursor of the page after.' }),
    ),
  });
}

/** Where a list goes on: after the values of the sort fields (with `id`) of the last item. */
export type After = readonly Scalar[];

/**
 * A cursor. It is bound to the list it was made for; whoever makes one up sees no more than the list itself shows.
 * @param list everything that makes the list: its name and conditions
 */
export function encodeCursor(list: readonly unknown[], after: After): string {
  return Buffer.from(JSON.stringify([fingerprint(list), ...after])).toString('base64url');
}

/**
 * Reads a cursor.
 * @throws Refused `page-token-invalid` when it is no cursor of this list
 */
export function decodeCursor(list: readonly unknown[], cursor: string): After {
  const [mark, ...after] = parseArray(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (mark !== fingerprint(list) || after.length === 0 || !after.every(isScalar)) {
    throw refused('page-token-invalid', { field: 'cursor' });
  }
  return after;
}

/** One list of documents, read a page at a time along an index. */
export interface DocumentList extends Omit<DocumentQuery, 'after' | 'limit'> {
  readonly collection: string;
  /** Leaves out documents that the query cannot. */
  readonly keep?: (document: Document) => boolean;
  /** Where the list begins, by the values of its sort fields with `id`; by default at its first document. */
  readonly from?: After;
  /** Whether the list ended before this document. */
  readonly ends?: (document: Document) => boolean;
  /** What makes the list another one beside the query itself. */
  readonly mark?: string;
}

/** Documents looked at for one page at most, where most are left out: the page then ends early and has a `next`. */
const mostLookedAt = 4_000;

/**
 * Reads a page. With a list that leaves documents out, a page may hold fewer items than asked for and still not be the
 * last: `next` tells.
 */
export async function readPage(
  model: ReadModel,
  list: DocumentList,
  request: PageRequest,
): Promise<Page<Document>> {
  const { collection, keep = () => true, mark = '', from, ends, ...query } = list;
  const limit = request.limit ?? pageLimits.usual;
  const conditions = [collection, mark, query.where, query.prefix, query.term, query.orderBy];
  const sortFields = [...(query.orderBy ?? []).filter((field) => field !== 'id'), 'id'];
  const afterOf = (document: Document): After =>
    sortFields.map((field) => (document[field] ?? null) as Scalar);
  let after = request.cursor === undefined ? from : decodeCursor(conditions, request.cursor);
  if (after !== undefined && after.length !== sortFields.length) {
    throw refused('page-token-invalid', { field: 'cursor' });
  }
  const items: Document[] = [];
  for (let lookedAt = 0; lookedAt < mostLookedAt; ) {
    // One more than wanted tells whether there is a page after this one.
    const missing = limit - items.length + 1;
    const asked = list.keep === undefined ? missing : Math.max(missing, pageLimits.most);
    const found = await model.find(collection, {
      ...query,
      limit: asked,
      ...(after === undefined ? {} : { after }),
    });
    for (const document of found) {
      if (ends?.(document) === true) return { items };
      if (!keep(document)) continue;
      if (items.length === limit) return pageAfter(conditions, items, afterOf);
      items.push(document);
    }
    const last = found.at(-1);
    if (last === undefined || found.length < asked) return { items };
    after = afterOf(last);
    lookedAt += found.length;
    // Looking through thousands is work for the processor alone: others get their turn in between.
    await nextTurn();
  }
  return { items, ...(after === undefined ? {} : { next: encodeCursor(conditions, after) }) };
}

/**
 * A page of a list that is there as a whole, in order of its ids.
 * @param list everything that makes the list
 */
export function pageOfList<Item extends { readonly id: string }>(
  list: readonly unknown[],
  items: readonly Item[],
  request: PageRequest,
): Page<Item> {
  const limit = request.limit ?? pageLimits.usual;
  const [after] = request.cursor === undefined ? [] : decodeCursor(list, request.cursor);
  const from = after === undefined ? 0 : items.findIndex(({ id }) => id > String(after));
  const page = from < 0 ? [] : items.slice(from, from + limit);
  const last = page.at(-1);
  const isLast = from < 0 || from + limit >= items.length || last === undefined;
  return isLast ? { items: page } : { items: page, next: encodeCursor(list, [last.id]) };
}

function pageAfter(
  conditions: readonly unknown[],
  items: readonly Document[],
  afterOf: (document: Document) => After,
): Page<Document> {
  const last = items.at(-1);
  return last === undefined ? { items } : { items, next: encodeCursor(conditions, afterOf(last)) };
}

function fingerprint(list: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12);
}

function parseArray(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
