import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';

/** Length of the master key and of every key derived from it, in bytes. */
export const KEY_BYTES = 32;

/**
 * The one secret of a deployment: 32 random bytes from which all other keys are derived by HKDF-SHA256 (RFC 5869).
 * It never shows itself: neither JSON nor an inspection of the object holds the bytes.
 */
export class MasterKey {
  readonly #bytes: Buffer;
  readonly #derived = new Map<string, KeyObject>();

  /**
   * @param bytes 32 bytes; they are copied
   * @throws RangeError when the length is another
   */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw new RangeError(`a master key has ${KEY_BYTES} bytes`);
    this.#bytes = Buffer.from(bytes);
  }

  /** A new random master key. */
  static generate(): MasterKey {
    return new MasterKey(randomBytes(KEY_BYTES));
  }

  /** Encrypts the keys of persons. */
  get wrappingKey(): KeyObject {
    return this.#derive('unionfold/v1/wrapping');
  }

  /** Makes the keyed hashes by which personal values are found. */
  get blindIndexKey(): KeyObject {
    return this.#derive('unionfold/v1/blind-index');
  }

  /**
   * Tells one master key from another without telling anything about it: 16 hex digits. A data folder may keep it to
   * notice that it was opened with a foreign key.
   */
  get fingerprint(): string {
    return this.#derive('unionfold/v1/fingerprint').export().toString('hex', 0, 8);
  }

  /** The text that {@link parseMasterKey} reads. Only for writing the key file. */
  toText(): string {
    return this.#bytes.toString('base64url');
  }

  #derive(label: string): KeyObject {
    const known = this.#derived.get(label);
    if (known !== undefined) return known;
    const bytes = hkdfSync('sha256', this.#bytes, Buffer.alloc(0), label, KEY_BYTES);
    const key = createSecretKey(Buffer.from(bytes));
    this.#derived.set(label, key);
    return key;
  }
}

/**
 * Reads a master key from its text: 43 characters of base64url, one line.
 *
 * @returns undefined when the text is anything else
 */
export function parseMasterKey(text: string): MasterKey | undefined {
  const line = text.replace(/\r?\n$/, '');
  if (!/^[\w-]{43}$/.test(line)) return undefined;
  const bytes = Buffer.from(line, 'base64url');
  // 43 characters hold 258 bits: a text whose last two bits are set is not one that this program wrote.
  return bytes.toString('base64url') === line ? new MasterKey(bytes) : undefined;
}
