import type { CollectionSpec, IndexSpec } from '@unionfold/eventsourcing';

/** What a collection is found by, all in all: what it was defined with, ever, and what follows from that. */
export interface CollectionShape {
  readonly name: string;
  /** Fields that are indexed, in order, without `id`. */
  readonly fields: readonly string[];
  /** Those of them that are paths. */
  readonly paths: readonly string[];
  readonly terms: string | undefined;
  readonly indexes: readonly IndexSpec[];
}

/**
 * The shape of a collection.
 * @param before the collection as it stands, whose fields and indexes are all kept
 * @throws RangeError for a name that is not one, or a terms field other than before
 */
export function shapeOf(spec: CollectionSpec, before?: CollectionShape): CollectionShape {
  if (!/^[A-Za-z0-9_-]+$/.test(spec.name))
    throw new RangeError(`not a collection name: ${spec.name}`);
  if (before?.terms !== undefined && spec.terms !== undefined && before.terms !== spec.terms) {
    throw new RangeError(
      `${spec.name} has the terms field ${before.terms}: drop it to change that`,
    );
  }
  const terms = spec.terms ?? before?.terms;
  const paths = distinct([...(before?.paths ?? []), ...(spec.paths ?? [])]);
  const wanted = [...(before?.indexes ?? []), ...spec.indexes];
  // A path is moved by its range, which takes an index that begins with it.
  const bare = paths.filter((path) => !wanted.some(({ fields }) => fields[0] === path));
  const indexes = distinctIndexes([...wanted, ...bare.map((path) => ({ fields: [path] }))]);
  const fields = distinct([
    ...(before?.fields ?? []),
    ...paths,
    ...indexes.flatMap((index) => index.fields.filter((field) => field !== 'id')),
  ]);
  for (const field of [...fields, ...(terms === undefined ? [] : [terms])]) checkFieldName(field);
  if (terms !== undefined && fields.includes(terms)) {
    throw new RangeError(`${spec.name}: the terms field ${terms} cannot be indexed otherwise`);
  }
  return { name: spec.name, fields, paths, terms, indexes };
}

/** Refuses what would break out of a JSON path, or mean something to a database: quotes, dots, control characters. */
export function checkFieldName(field: string): void {
  if (!/^[\p{L}\p{N}_$-]+$/u.test(field)) throw new RangeError(`not a field name: ${field}`);
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function distinctIndexes(indexes: readonly IndexSpec[]): IndexSpec[] {
  const byMeaning = new Map(
    indexes.map((index) => [JSON.stringify([index.fields, index.unique === true]), index]),
  );
  return [...byMeaning.values()];
}
