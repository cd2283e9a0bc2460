/** Reproducible numbers: the same seed gives the same sequence on every machine. Not for anything secret. */
export interface Random {
  /** In [0, 1). */
  fraction(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  /** One of the items, each as likely. Throws for an empty list. */
  pick<T>(items: readonly T[]): T;
  /** One of the values, as likely as its weight. Throws for an empty list. */
  weighted<T>(choices: readonly (readonly [value: T, weight: number])[]): T;
}

/**
 * The sequence that belongs to a seed, a stream's number and an index: mulberry32 (Tommy Ettinger, public domain) whose
 * start is the three numbers mixed. Item 1,000 is made without items 0 to 999, and a further draw in one item leaves
 * the others as they were.
 */
export function randomFor(seed: number, stream: number, index: number): Random {
  let state = mix(mix(mix(seed | 0) ^ stream) ^ index);
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    pick: (items) => present(items[below(items.length)]),
    weighted: (choices) => {
      let rest = fraction() * choices.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of choices) {
        rest -= weight;
        if (rest < 0) return value;
      }
      return present(choices.at(-1))[0];
    },
  };
}

/**
 * A shuffle of 0 … size - 1 that needs no memory: index -> (index * step + offset) mod size, with a step that has no
 * factor in common with the size, so that no two indexes meet. `size` up to 2^30, index below 2^22 or below `size`
 * when that is at most 10^8: the product must stay an exact integer.
 */
export function shuffledPosition(
  seed: number,
  stream: number,
  size: number,
  index: number,
): number {
  const random = randomFor(seed, stream, 0);
  let step = Math.floor(size * (0.35 + 0.3 * random.fraction())) || 1;
  while (greatestCommonDivisor(step, size) !== 1) step++;
  return (index * step + random.below(size)) % size;
}

/** MurmurHash3's finaliser: every bit of the input changes about half of the output's. */
function mix(value: number): number {
  let h = value + 0x9e3779b9;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function present<T>(item: T | undefined): T {
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
