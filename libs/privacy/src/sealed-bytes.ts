import { createCipheriv, createDecipheriv, type KeyObject, randomFillSync } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

// Random bytes are drawn for many seals at once: one draw costs as much as half a seal.
const pool = Buffer.alloc(IV_BYTES * 1024);
let drawn = pool.length;

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV.
 *
 * @param context additional data: what the ciphertext belongs to; it opens only under the same
 * @returns iv (12 bytes), ciphertext (as long as the plaintext), tag (16 bytes)
 */
export function sealBytes(key: KeyObject, context: string, plaintext: Uint8Array): Buffer {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  const iv = pool.subarray(drawn, drawn + IV_BYTES);
  drawn += IV_BYTES;
  const cipher = createCipheriv(ALGORITHM, key, iv);
  cipher.setAAD(Buffer.from(context, 'utf8'));
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return Buffer.concat([iv, ciphertext, cipher.getAuthTag()]);
}

/**
 * Opens what {@link sealBytes} made.
 *
 * @returns undefined when it was changed, or sealed under another key or context
 */
export function openBytes(key: KeyObject, context: string, sealed: Buffer): Buffer | undefined {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.from(context, 'utf8'));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return plaintext;
}
