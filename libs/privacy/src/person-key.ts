import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { KEY_BYTES } from './master-key.ts';
import { openBytes, sealBytes } from './sealed-bytes.ts';

/**
 * The key of one person. A key object instead of bytes: Node makes a cipher from it four times as fast, and it shows
 * its bytes to nobody who does not ask.
 */
export type PersonKey = KeyObject;

/** A new random key. */
export function generatePersonKey(): PersonKey {
  return createSecretKey(randomBytes(KEY_BYTES));
}

/**
 * Encrypts a person's key for the key store: AES-256-GCM with the subject as additional data.
 *
 * AES-KW (RFC 3394) would be shorter and need no IV, but it has no additional data: whoever can write to the store
 * could put one person's key in another's place. The random 96-bit IV is safe for 2^32 keys under one master key.
 */
export function wrapPersonKey(wrapping: KeyObject, subject: string, key: PersonKey): Uint8Array {
  return sealBytes(wrapping, subject, key.export());
}

/**
 * @throws WrappedKeyError when the master key is another one, or the stored key was changed or belongs to another
 * subject
 */
export function unwrapPersonKey(
  wrapping: KeyObject,
  subject: string,
  wrapped: Uint8Array,
): PersonKey {
  const view = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
  const bytes = openBytes(wrapping, subject, view);
  if (bytes?.length !== KEY_BYTES) throw new WrappedKeyError(subject);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

/**
 * A stored key does not open. It does not mean that the person was forgotten: then there would be no stored key.
 */
export class WrappedKeyError extends Error {
  override readonly name = 'WrappedKeyError';

  /** @param subject the person's pseudonym */
  constructor(readonly subject: string) {
    super(`the key of ${subject} does not open: foreign master key, or a damaged key store`);
  }
}
