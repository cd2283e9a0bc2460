import { describe, expect, it } from 'vitest';
import { hashOf, IdHashes } from './id-hashes.ts';

describe('IdHashes', () => {
  it('tells the hashes of texts that are there more than once, among many', () => {
    const hashes = new IdHashes();
    for (let n = 0; n < 50_000; n++) hashes.add(`0k3w5m9x7q${n.toString(32)}`);
    for (const text of ['0k3w5m9x7qa', 'b', '0k3w5m9x7qa', 'b', 'b']) hashes.add(text);
    expect(hashes.repeated()).toEqual(new Set([hashOf('0k3w5m9x7qa'), hashOf('b')]));
  });

  it('gives texts that differ in any one place exact hashes that differ', () => {
    const text = '0k3w5m9x7qzzzzzzzzzz';
    const others = Array.from({ length: text.length }, (_, n) => {
      return `${text.slice(0, n)}-${text.slice(n + 1)}`;
    });
    const all = [text, ...others].map(hashOf);
    expect(new Set(all).size).toBe(all.length);
    expect(all.every(Number.isSafeInteger)).toBe(true);
  });
});
