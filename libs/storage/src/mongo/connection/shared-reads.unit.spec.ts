import { describe, expect, it } from 'vitest';
import { SharedReads } from './shared-reads.ts';

describe('Shared reads', () => {
  it('send at once what nothing is waited for, and together what is asked for meanwhile', async () => {
    const questions: { keys: readonly string[]; answer: () => void }[] = [];
    const reads = new SharedReads<string, string>((keys) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      questions.push({ keys, answer: resolve });
      return promise.then(() => (key: string) => `found ${key}`);
    });
    const first = reads.get('a');
    const later = [reads.get('b'), reads.get('c'), reads.get('b')];
    expect(questions.map(({ keys }) => keys)).toEqual([['a']]);
    questions[0]?.answer();
    expect(await first).toBe('found a');
    expect(questions[1]?.keys).toEqual(['b', 'c']);
    // Not part of a question that was sent before it was asked for.
    const last = reads.get('c');
    questions[1]?.answer();
    expect(await Promise.all(later)).toEqual(['found b', 'found c', 'found b']);
    expect(questions[2]?.keys).toEqual(['c']);
    questions[2]?.answer();
    expect(await last).toBe('found c');
  });

  it('fail together, and go on', async () => {
    let fails = true;
    const reads = new SharedReads<number, number>(async (keys) => {
      if (fails) throw new Error(`no ${keys.join()}`);
      return (key) => key * 2;
    });
    await expect(Promise.allSettled([reads.get(1), reads.get(2)])).resolves.toMatchObject([
      { reason: { message: 'no 1' } },
      { reason: { message: 'no 2' } },
    ]);
    fails = false;
    expect(await Promise.all(Array.from({ length: 500 }, (_, key) => reads.get(key)))).toEqual(
      Array.from({ length: 500 }, (_, key) => key * 2),
    );
  });
});
