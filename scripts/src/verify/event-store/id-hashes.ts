/**
 * Finds what may be there twice among many texts, with eight bytes each: what shares its hash with another one. Equal
 * texts always do; different ones hardly ever, and are told apart by looking again.
 */
export class IdHashes {
  #hashes = new Float64Array(4_096);
  #count = 0;

  add(text: string): void {
    if (this.#count === this.#hashes.length) {
      const larger = new Float64Array(this.#count * 2);
      larger.set(this.#hashes);
      this.#hashes = larger;
    }
    this.#hashes[this.#count] = hashOf(text);
    this.#count += 1;
  }

  /** The hashes that were met more than once. */
  repeated(): ReadonlySet<number> {
    const sorted = this.#hashes.subarray(0, this.#count).sort();
    const repeated = new Set<number>();
    for (let i = 1; i < sorted.length; i++) {
      const hash = sorted[i];
      if (hash !== undefined && hash === sorted[i - 1]) repeated.add(hash);
    }
    return repeated;
  }
}

/** 53 bits: two 32-bit FNV-1a hashes of different beginnings, as far as a double is exact. */
export function hashOf(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
