import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blindIndex } from './blind-index.ts';
import { MasterKey } from './master-key.ts';

describe('blind index', () => {
  const masterKey = new MasterKey(Uint8Array.from({ length: 32 }, (_, n) => n));

  it('stays what it is for ever: stored indexes depend on it', () => {
    // Computed with an independent HKDF and HMAC: Python's hmac and hashlib.
    expect(blindIndex(masterKey, 'citizen-number', '370202199001010000')).toBe(
      'dcgZKHcwAaaxRHdy3pGXqQ',
    );
  });

  it('is 22 characters of base64url, whatever the value', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (kind, value) => {
        expect(blindIndex(masterKey, kind, value)).toMatch(/^[\w-]{22}$/);
      }),
    );
  });

  it('differs by value, kind and master key, also where kind and value run together', () => {
    const indexes = [
      blindIndex(masterKey, 'mobile', '13812345678'),
      blindIndex(masterKey, 'mobile', '13812345679'),
      blindIndex(masterKey, 'mobile1', '3812345678'),
      blindIndex(masterKey, 'citizen-number', '13812345678'),
      blindIndex(MasterKey.generate(), 'mobile', '13812345678'),
    ];
    expect(new Set(indexes).size).toBe(indexes.length);
  });
});
