import { describe, expect, it } from 'vitest';
import { MasterKey } from './master-key.ts';
import {
  generatePersonKey,
  unwrapPersonKey,
  WrappedKeyError,
  wrapPersonKey,
} from './person-key.ts';

describe('a wrapped key', () => {
  const { wrappingKey } = MasterKey.generate();
  const key = generatePersonKey();
  const wrapped = wrapPersonKey(wrappingKey, 'person-1', key);

  it('opens to the same key', () => {
    expect(unwrapPersonKey(wrappingKey, 'person-1', wrapped).equals(key)).toBe(true);
  });

  it('opens when it lies within a larger buffer, as database drivers give it', () => {
    const larger = new Uint8Array(wrapped.length + 20);
    larger.set(wrapped, 7);
    const view = larger.subarray(7, 7 + wrapped.length);
    expect(unwrapPersonKey(wrappingKey, 'person-1', view).equals(key)).toBe(true);
  });

  it('does not hold the key in plain', () => {
    expect(Buffer.from(wrapped).includes(key.export())).toBe(false);
  });

  it('does not open for another person', () => {
    expect(() => unwrapPersonKey(wrappingKey, 'person-2', wrapped)).toThrow(WrappedKeyError);
  });

  it('does not open under another master key', () => {
    const other = MasterKey.generate().wrappingKey;
    expect(() => unwrapPersonKey(other, 'person-1', wrapped)).toThrow(WrappedKeyError);
  });

  it('does not open when any byte was changed, or when it was cut', () => {
    for (let at = 0; at < wrapped.length; at += 1) {
      const changed = Uint8Array.from(wrapped, (byte, n) => (n === at ? byte ^ 1 : byte));
      expect(() => unwrapPersonKey(wrappingKey, 'person-1', changed)).toThrow(WrappedKeyError);
    }
    for (const length of [0, 27, wrapped.length - 1]) {
      const cut = wrapped.slice(0, length);
      expect(() => unwrapPersonKey(wrappingKey, 'person-1', cut)).toThrow(WrappedKeyError);
    }
  });
});
