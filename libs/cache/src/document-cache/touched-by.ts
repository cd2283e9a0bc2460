import type { DocumentChange } from '@unionfold/eventsourcing';
import type { Touched } from './redis-document-entries.ts';

/**
 * What a change writes of the cached collections: a collection as a whole where paths are rewritten, or where more
 * documents than `mostMarks` are written, so that a large batch costs no more than a small one.
 */
export function touchedBy(
  change: DocumentChange,
  isCached: (collection: string) => boolean,
  mostMarks: number,
): Touched {
  const whole = new Set<string>();
  const single = new Map<string, Set<string>>();
  for (const { collection } of change.rewrites ?? []) {
    if (isCached(collection)) whole.add(collection);
  }
  const written = (collection: string, id: string): void => {
    if (!isCached(collection) || whole.has(collection)) return;
    const ids = single.get(collection) ?? new Set();
    single.set(collection, ids.add(id));
    if (ids.size <= mostMarks) return;
    single.delete(collection);
    whole.add(collection);
  };
  for (const { collection, document } of change.puts ?? []) written(collection, document.id);
  for (const { collection, id } of change.deletes ?? []) written(collection, id);
  const documents = [...single].flatMap(([collection, ids]) =>
    [...ids].map((id) => ({ collection, id })),
  );
  return { collections: [...whole], documents };
}
