import { createHash } from 'node:crypto';
import { refused } from './refused.ts';

/** Longest `Idempotency-Key`, in characters. */
const longestKey = 255;
const keyShape = /^[\x20-\x7e]{1,255}$/;
const versionShape = /^"([1-9]\d{0,14})"$/;

/**
 * The key under which the services remember a command: the caller's own, so that two callers with the same key do not
 * get each other's results; hashed, because nobody knows what clients write into it.
 * @returns undefined without the header
 * @throws Refused `idempotency-key-invalid`
 */
export function idempotencyKey(caller: string, header: unknown): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !keyShape.test(header)) {
    throw refused('idempotency-key-invalid', {
      field: 'Idempotency-Key',
      params: { maximum: longestKey },
    });
  }
  return `${caller}:${createHash('sha256').update(header).digest('base64url')}`;
}

/**
 * The version that the caller saw, from `If-Match: "<version>"` or the body; 0 when the caller does not care.
 * @throws Refused when the header is anything else
 */
export function expectedVersion(ifMatch: unknown, inBody: number | undefined): bigint {
  if (ifMatch === undefined || ifMatch === '*') return BigInt(inBody ?? 0);
  const [, version] = versionShape.exec(String(ifMatch)) ?? [];
  if (version === undefined) {
    throw refused('field-format-wrong', { field: 'If-Match', params: { expected: '"<version>"' } });
  }
  return BigInt(version);
}
