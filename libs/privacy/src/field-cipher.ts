import type { JsonValue } from './json.ts';
import type { PersonKey } from './person-key.ts';
import { openBytes, sealBytes } from './sealed-bytes.ts';

const PREFIX = 'enc1.';
const SEALED_TEXT = /^enc1\.[\w-]{80,}$/;

/**
 * Plaintexts are filled up with spaces, which JSON ignores, to a multiple of this many bytes. Without it the length
 * alone would tell GENDER_MALE from GENDER_FEMALE, and how many digits an income has.
 */
const PADDING_BYTES = 32;

/** A sealed text does not open. The message holds the context, never anything of the value. */
export class UnsealError extends Error {
  override readonly name = 'UnsealError';

  /**
   * @param reason `malformed`: it is no sealed text; `not-authentic`: it was changed, or sealed under another key or
   * for another context
   */
  constructor(
    readonly reason: 'malformed' | 'not-authentic',
    readonly context: string,
  ) {
    super(`sealed text of ${context} does not open: ${reason}`);
  }
}

/**
 * Seals single JSON values with a person's key: `enc1.` and base64url of IV (12 bytes), ciphertext, tag (16 bytes);
 * AES-256-GCM.
 */
export class FieldCipher {
  /**
   * @param context what the value belongs to; the text opens only under the same. See {@link fieldContext}.
   * @returns text of ASCII letters, digits, `.`, `-` and `_`, different each time
   */
  seal(key: PersonKey, context: string, value: JsonValue): string {
    return PREFIX + sealBytes(key, context, padded(JSON.stringify(value))).toString('base64url');
  }

  /** @throws UnsealError when the text does not open under the key and the context */
  open(key: PersonKey, context: string, text: string): JsonValue {
    if (!text.startsWith(PREFIX)) throw new UnsealError('malformed', context);
    const encoded = text.slice(PREFIX.length);
    const bytes = Buffer.from(encoded, 'base64url');
    // Node skips what is not base64url: only the text that was sealed is taken, not others that decode to the same.
    if (bytes.toString('base64url') !== encoded) throw new UnsealError('malformed', context);
    const plaintext = openBytes(key, context, bytes);
    if (plaintext === undefined) throw new UnsealError('not-authentic', context);
    return JSON.parse(plaintext.toString('utf8'));
  }
}

/** Whether a value has the form of a sealed text. It tells nothing about whether it opens. */
export function isSealed(value: unknown): value is string {
  return typeof value === 'string' && SEALED_TEXT.test(value);
}

/**
 * The context of a personal field: its event type, its name and its person, so that a ciphertext can be moved neither
 * to another event type, nor to another field, nor to another person. Type and field never hold `|`.
 */
export function fieldContext(type: string, field: string, subject: string): string {
  return `${type}|${field}|${subject}`;
}

function padded(json: string): Buffer {
  const length = Buffer.byteLength(json, 'utf8');
  const bytes = Buffer.alloc(Math.ceil(length / PADDING_BYTES) * PADDING_BYTES, ' ');
  bytes.write(json, 'utf8');
  return bytes;
}
