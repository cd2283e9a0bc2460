/** Stream numbers are below this, so that a number is a safe integer in JavaScript and six to eight bytes in SQLite. */
export const streamNumberLimit = 2 ** 53;

/**
 * The number where the search for a stream begins: a 53-bit hash of the name's UTF-16 code units, two 32-bit
 * multiply-xor lanes finished as in MurmurHash3. Part of the file format: never change it.
 */
export function streamNumber(stream: string): number {
  let low = 0x9e3779b1;
  let high = 0x85ebca77;
  for (let index = 0; index < stream.length; index += 1) {
    const unit = stream.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x85ebca6b);
    high = Math.imul(high ^ unit, 0xc2b2ae35);
    low ^= low >>> 15;
    high ^= high >>> 13;
  }
  low = finish(low ^ Math.imul(high, 0x27d4eb2f));
  high = finish(high ^ Math.imul(low, 0x165667b1));
  return (high & 0x1fffff) * 2 ** 32 + low;
}

/** MurmurHash3's 32-bit finalizer: every input bit reaches every output bit. */
function finish(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
