import type { DocumentChange, PathRewrite } from '@unionfold/eventsourcing';
import type { AnyBulkWriteOperation, ClientSession } from 'mongodb';
import { DocumentNotUniqueError } from '../../document-not-unique-error.ts';
import { isDuplicateKey } from '../connection/mongo-errors.ts';
import type { CollectionRegistry } from './collection-registry.ts';
import { placeOf, startsWith } from './document-filter.ts';
import { type StoredDocument, storedDocument } from './stored-document.ts';

type Puts = NonNullable<DocumentChange['puts']>;
type Deletes = NonNullable<DocumentChange['deletes']>;

/** What becomes of one collection: the last word about each document. */
export interface CollectionChange {
  readonly puts: Map<string, StoredDocument>;
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

/** Moves a subtree. */
export async function rewritePaths(
  registry: CollectionRegistry,
  { collection, field, from, to }: PathRewrite,
  session: ClientSession,
): Promise<void> {
  const place = placeOf(field);
  // What starts with it has it there first.
  const moved = {
    $replaceOne: { input: `$${place}`, find: { $literal: from }, replacement: { $literal: to } },
  };
  await asUnique(
    registry
      .documents(collection)
      .updateMany(startsWith(place, from), [{ $set: { [place]: moved } }], { session }),
  );
}

/** Writes what becomes of one collection. */
export async function writeChange(
  registry: CollectionRegistry,
  collection: string,
  { puts, deletes }: CollectionChange,
  session: ClientSession,
): Promise<void> {
  const operations: AnyBulkWriteOperation<StoredDocument>[] = [];
  for (const { _id, ...replacement } of puts.values()) {
    operations.push({ replaceOne: { filter: { _id }, replacement, upsert: true } });
  }
  if (deletes.size > 0) operations.push({ deleteMany: { filter: { _id: { $in: [...deletes] } } } });
  if (operations.length === 0) return;
  await asUnique(registry.documents(collection).bulkWrite(operations, { session, ordered: true }));
}

async function asUnique(writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    throw isDuplicateKey(error) ? new DocumentNotUniqueError({ cause: error }) : error;
  }
}
