import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MasterKey, parseMasterKey } from './master-key.ts';

describe('master key', () => {
  it('derives the keys that RFC 5869 says', () => {
    // Computed with an independent HKDF: Python's hmac and hashlib.
    const key = new MasterKey(Uint8Array.from({ length: 32 }, (_, n) => n));
    expect(key.wrappingKey.export().toString('hex')).toBe(
      '0db9e95bcba16261c6d9ff6e583c71cd51975c8f369e9a8ca04418dc8ca171fe',
    );
    expect(key.blindIndexKey.export().toString('hex')).toBe(
      'c93dbb1ed61e6fd4d6ee8b159c2014efabe73d2f42cf7b361b196e24086f85ae',
    );
    expect(key.fingerprint).toBe('05f2b9e9436fefcd');
  });

  it('is copied, so that a caller may wipe its bytes', () => {
    const bytes = new Uint8Array(32).fill(7);
    const key = new MasterKey(bytes);
    bytes.fill(0);
    expect(key.toText()).toBe(new MasterKey(new Uint8Array(32).fill(7)).toText());
  });

  it('refuses another length', () => {
    expect(() => new MasterKey(new Uint8Array(31))).toThrow(RangeError);
    expect(() => new MasterKey(new Uint8Array(33))).toThrow(RangeError);
  });

  it('shows itself neither in JSON nor in an inspection', () => {
    const key = MasterKey.generate();
    void key.wrappingKey;
    const shown = JSON.stringify({ key }) + inspect(key, { depth: 9, showHidden: true });
    expect(shown).not.toContain(key.toText());
    expect(shown).not.toContain(Buffer.from(key.toText(), 'base64url').toString('hex').slice(0, 8));
  });

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const key = new MasterKey(bytes);
        expect(parseMasterKey(`${key.toText()}\n`)?.toText()).toBe(key.toText());
      }),
    );
  });

  it.each([
    '',
    '\n',
    'A'.repeat(42),
    'A'.repeat(44),
    `${'A'.repeat(42)}B`,
    `${'A'.repeat(42)}=`,
    ` ${'A'.repeat(43)}`,
    `${'A'.repeat(43)}\n\n`,
    `${'A'.repeat(42)}+`,
  ])('refuses the text %j', (text) => {
    expect(parseMasterKey(text)).toBeUndefined();
  });
});
