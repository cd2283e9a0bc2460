import { describe, expect, it } from 'vitest';
import { partitionOf } from './event.ts';

// FNV-1a, 32 bit, of the published test vectors: http://www.isthe.com/chongo/src/fnv/test_fnv.c
const vectors: readonly (readonly [string, number])[] = [
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
  ['chongo was here!\n', 0xd49930d5],
];

describe('partitionOf', () => {
  it.each(vectors)('is FNV-1a of the UTF-8 bytes: %j', (stream, hash) => {
    expect(partitionOf(stream, 2 ** 32)).toBe(hash);
    for (const partitions of [1, 2, 3, 16, 1024]) {
      expect(partitionOf(stream, partitions)).toBe(hash % partitions);
    }
  });

  it('never moves a stream that exists', () => {
    expect(
      ['union-cn-37', 'member-01j', '工会-甲'].map((stream) => partitionOf(stream, 16)),
    ).toEqual([7, 5, 8]);
  });

  it('spreads streams', () => {
    const counts = new Array<number>(16).fill(0);
    for (let i = 0; i < 16_000; i++) {
      const partition = partitionOf(`member-${i}`, 16);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(800);
    expect(Math.max(...counts)).toBeLessThan(1_200);
  });
});
