import type { DocumentChange, PathRewrite } from '@unionfold/eventsourcing';
import type { ClientSession } from 'mongodb';
import type { CollectionRegistry } from './collection-registry.ts';
import { placeOf, startsWith } from './document-filter.ts';
import { type DocumentToWrite, storedDocument } from './stored-document.ts';

type Puts = NonNullable<DocumentChange['puts']>;
type Deletes = NonNullable<DocumentChange['deletes']>;

/** What becomes of one collection: the last word about each document. */
export interface CollectionChange {
  readonly puts: Map<string, DocumentToWrite>;
  readonly deletes: Set<string>;
}

/**
 * Takes puts and then deletes as they are now, by collection.
 * @throws RangeError for a document that cannot be stored
 */
export function collectChanges(
  registry: CollectionRegistry,
  puts: Puts,
  deletes: Deletes,
): Map<string, CollectionChange> {
  const changes = new Map<string, CollectionChange>();
  const of = (name: string): CollectionChange => {
    const before = changes.get(name);
    if (before !== undefined) return before;
    const change = { puts: new Map(), deletes: new Set<string>() };
    changes.set(name, change);
    return change;
  };
  for (const { collection, document } of puts) {
    const stored = storedDocument(registry.shape(collection), document);
    of(collection).puts.set(document.id, stored);
  }
  for (const { collection, id } of deletes) {
    const change = of(collection);
    change.puts.delete(id);
    change.deletes.add(id);
  }
  return changes;
}

/** @throws RangeError for a field that is no path */
export function checkRewrite(
  registry: CollectionRegistry,
  { collection, field }: PathRewrite,
): void {
  if (!registry.shape(collection).paths.includes(field)) {
    throw new RangeError(`${collection}: ${field} is not declared as a path`);
  }
}

/** Moves subtrees of one collection, one after the other. */
export async function rewritePaths(
  registry: CollectionRegistry,
  collection: string,
  rewrites: readonly PathRewrite[],
  session: ClientSession,
): Promise<void> {
  const updates = rewrites.map(({ field, from, to }) => {
    const place = placeOf(field);
    // What starts with it has it there first.
    const moved = {
      $replaceOne: { input: `$${place}`, find: { $literal: from }, replacement: { $literal: to } },
    };
    const u = [{ $set: { [place]: moved } }];
    return {
      operation: { q: startsWith(place, from), u, multi: true },
      bytes: 3 * (from.length + to.length),
    };
  });
  await registry.write(collection, 'update', updates, session);
}

/** From so many documents on it pays to ask which of them are new: an insert takes a quarter less than an upsert. */
const worthAsking = 200;

/** Writes what becomes of one collection. */
export async function writeChange(
  registry: CollectionRegistry,
  collection: string,
  { puts, deletes }: CollectionChange,
  session: ClientSession,
): Promise<void> {
  const ids = [...puts.keys()];
  const isMany = ids.length >= worthAsking;
  const there = isMany ? await registry.existing(collection, ids, session) : new Set(ids);
  const updates = ids.flatMap((_id) => {
    const put = there.has(_id) ? puts.get(_id) : undefined;
    if (put === undefined) return [];
    const { _id: _, ...u } = put.stored;
    return [{ operation: { q: { _id }, u, upsert: true }, bytes: put.bytes + 3 * _id.length }];
  });
  const inserts = ids.flatMap((_id) => {
    const put = there.has(_id) ? undefined : puts.get(_id);
    return put === undefined ? [] : [{ operation: put.stored, bytes: put.bytes }];
  });
  const removals = Array.from(deletes, (_id) => ({
    operation: { q: { _id }, limit: 1 },
    bytes: 3 * _id.length,
  }));
  await registry.write(collection, 'update', updates, session);
  await registry.write(collection, 'insert', inserts, session);
  await registry.write(collection, 'delete', removals, session);
}
