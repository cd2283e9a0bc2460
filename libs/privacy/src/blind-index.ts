import { createHmac } from 'node:crypto';
import type { MasterKey } from './master-key.ts';

/** 128 bits: among 2^32 values of one kind, two share an index with probability 2^-65. */
const INDEX_BYTES = 16;

/**
 * The keyed hash by which a personal value is found without being read: HMAC-SHA256, truncated to 128 bits.
 * The same value of the same kind gives the same index under one master key. A caller normalises first: `x` and `X`
 * are two values.
 *
 * @param kind what the value is, e.g. `citizen-number`; the same text of two kinds gives two indexes
 * @returns 22 characters of base64url
 */
export function blindIndex(masterKey: MasterKey, kind: string, value: string): string {
  return createHmac('sha256', masterKey.blindIndexKey)
    .update(`${kind.length}:${kind}${value}`, 'utf8')
    .digest()
    .toString('base64url', 0, INDEX_BYTES);
}
