import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FieldCipher, fieldContext, isSealed, UnsealError } from './field-cipher.ts';
import type { JsonValue } from './json.ts';
import { generatePersonKey } from './person-key.ts';

describe('field cipher', () => {
  const cipher = new FieldCipher();
  const key = generatePersonKey();
  const context = fieldContext('unionfold.members.v1.MemberEnrolled', 'name', 'member-1');
  const anyJson = fc.jsonValue({ depthSize: 'small' }).map((value) => plainJson(value));

  it('opens what it sealed, whatever JSON it is', () => {
    fc.assert(
      fc.property(anyJson, fc.string({ unit: 'binary' }), (value, anyContext) => {
        const text = cipher.seal(key, anyContext, value);
        expect(isSealed(text)).toBe(true);
        expect(cipher.open(key, anyContext, text)).toEqual(value);
      }),
    );
  });

  it('leaves nothing of the plaintext in the sealed text', () => {
    const readable = fc.stringMatching(/^[\w-]{6,60}$/);
    fc.assert(
      fc.property(readable, (value) => {
        const text = cipher.seal(key, context, value);
        expect(text).not.toContain(value);
        const bytes = Buffer.from(text.slice('enc1.'.length), 'base64url');
        expect(bytes.includes(value)).toBe(false);
      }),
    );
  });

  it('seals the same value differently each time', () => {
    const texts = Array.from({ length: 5_000 }, () => cipher.seal(key, context, '张三'));
    const ivs = texts.map((text) => text.slice('enc1.'.length, 'enc1.'.length + 16));
    expect(new Set(ivs).size).toBe(texts.length);
  });

  it('tells short values by their length no more than by their text', () => {
    const values = [
      'GENDER_MALE',
      'GENDER_FEMALE',
      '张三',
      '370202199001010000',
      1,
      9_999_999,
      true,
    ];
    const lengths = values.map((value) => cipher.seal(key, context, value).length);
    expect(new Set(lengths)).toEqual(new Set(['enc1.'.length + 80]));
  });

  it('refuses a text with any character changed', () => {
    const text = cipher.seal(key, context, '张三');
    for (let at = 0; at < text.length; at += 1) {
      for (const other of ['A', 'B', '!']) {
        if (text[at] === other) continue;
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        expect(() => cipher.open(key, context, changed)).toThrow(UnsealError);
      }
    }
  });

  it('refuses a text that was cut, lengthened, or written in another way', () => {
    const text = cipher.seal(key, context, 'Zhang San, with a text longer than one block');
    for (let length = 0; length < text.length; length += 1) {
      expect(() => cipher.open(key, context, text.slice(0, length))).toThrow(UnsealError);
    }
    for (const other of [
      `${text}A`,
      `${text}=`,
      `${text}\n`,
      ` ${text}`,
      `enc2.${text.slice(5)}`,
    ]) {
      expect(() => cipher.open(key, context, other)).toThrow(UnsealError);
    }
  });

  it('refuses another key', () => {
    const text = cipher.seal(key, context, '张三');
    expect(() => cipher.open(generatePersonKey(), context, text)).toThrow(UnsealError);
  });

  it('refuses another event type, field or person', () => {
    const parts = ['a.Enrolled', 'name', 'member-1'] as const;
    const text = cipher.seal(key, fieldContext(...parts), '张三');
    expect(cipher.open(key, fieldContext(...parts), text)).toBe('张三');
    const others = [
      fieldContext('a.Corrected', 'name', 'member-1'),
      fieldContext('a.Enrolled', 'mobile', 'member-1'),
      fieldContext('a.Enrolled', 'name', 'member-2'),
    ];
    for (const other of others) {
      expect(() => cipher.open(key, other, text)).toThrow(UnsealError);
    }
  });

  it('says in its error what it was about, and nothing of the value', () => {
    const text = cipher.seal(key, context, '张三');
    const failure = thrownBy(() => cipher.open(key, `${context}x`, text));
    expect(failure).toMatchObject({ reason: 'not-authentic', context: `${context}x` });
    expect(String(failure)).not.toContain('张三');
    expect(thrownBy(() => cipher.open(key, context, '张三'))).toMatchObject({
      reason: 'malformed',
    });
    expect(String(thrownBy(() => cipher.open(key, context, '张三')))).not.toContain('张三');
  });

  it.each(['', 'enc1.', '张三', 'enc1.abc', null, 5, ['enc1.'], `enc2.${'A'.repeat(80)}`])(
    'takes %j for no sealed text',
    (value) => {
      expect(isSealed(value)).toBe(false);
    },
  );
});

/** As JSON carries it: without -0 and without a prototype of its own. */
function plainJson(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
