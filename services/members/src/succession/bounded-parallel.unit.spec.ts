import { expect, it } from 'vitest';
import { inParallel } from './bounded-parallel.ts';

it('does all of the work, never more than the width at once', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  const failures = await inParallel(
    Array.from({ length: 100 }, (_, i) => i),
    8,
    async (item) => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
      done.push(item);
    },
  );
  expect(failures).toEqual([]);
  expect(most).toBe(8);
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

it('goes on after a failure and tells of every one', async () => {
  const done: number[] = [];
  const failures = await inParallel([1, 2, 3, 4], 2, async (item) => {
    if (item % 2 === 0) throw new Error(String(item));
    done.push(item);
  });
  expect(failures).toEqual([new Error('2'), new Error('4')]);
  expect(done).toEqual([1, 3]);
});

it('has nothing to do for nothing', async () => {
  expect(await inParallel([], 4, () => Promise.reject(new Error('called')))).toEqual([]);
});
