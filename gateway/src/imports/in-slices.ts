import { setImmediate as nextTurn } from 'node:timers/promises';

const sliceSize = 1_000;

/**
 * Items in slices, others being answered between two of them. Fifty thousand rows at once would keep them for seconds;
 * and to await a document store that has its answer at hand lets nobody in.
 */
export async function* inSlices<Item>(
  items: Iterable<Item>,
  size = sliceSize,
): AsyncGenerator<readonly Item[]> {
  let slice: Item[] = [];
  for (const item of items) {
    slice.push(item);
    if (slice.length < size) continue;
    yield slice;
    slice = [];
    await nextTurn();
  }
  if (slice.length > 0) yield slice;
}
