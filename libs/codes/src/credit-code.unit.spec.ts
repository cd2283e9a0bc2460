import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  creditCodeCheckDigit,
  organizationCodeCheckDigit,
  parseCreditCode,
} from './credit-code.ts';

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const COMPANY = '91350100M000100Y43';
const UNION = '81370200MC1234566U';

const character = fc.constantFrom(...ALPHABET);
const digit = fc.constantFrom(...'0123456789');
const text = (unit: fc.Arbitrary<string>, length: number) =>
  fc.string({ unit, minLength: length, maxLength: length });

const valid = fc
  .tuple(
    fc.constantFrom('1', '5', '8', '9', 'A', 'N', 'Y'),
    character,
    text(digit, 6),
    text(character, 8),
  )
  .map(([registrar, kind, region, first8]) => {
    const first17 = `${registrar}${kind}${region}${first8}${organizationCodeCheckDigit(first8)}`;
    return `${first17}${creditCodeCheckDigit(first17)}`;
  });

describe('a unified social credit code', () => {
  it('is taken apart', () => {
    expect(parseCreditCode(UNION, { union: true })).toEqual({
      ok: true,
      code: UNION,
      registrar: '8',
      class: '1',
      region: '370200',
      organizationCode: 'MC1234566',
      isUnion: true,
    });
    expect(parseCreditCode(COMPANY)).toMatchObject({ ok: true, registrar: '9', isUnion: false });
  });

  it('is read as people paste it', () => {
    expect(parseCreditCode(' ８1370200mc1234566u　')).toMatchObject({ ok: true, code: UNION });
  });

  it.each([
    ['', 'credit-code-invalid-length'],
    ['81370200MC1234566', 'credit-code-invalid-length'],
    ['81370200MC1234566UU', 'credit-code-invalid-length'],
    ['81370200MC123456IU', 'credit-code-invalid-characters'],
    ['8137O200MC1234566U', 'credit-code-invalid-characters'],
    ['B1370200MC1234566U', 'credit-code-invalid-characters'],
    ['81370200MC12345665', 'credit-code-invalid-check-digit'],
  ])('%s is refused as %s', (code, reason) => {
    expect(parseCreditCode(code)).toEqual({ ok: false, reason });
  });

  it('is refused when only the organization code inside is wrong', () => {
    const first17 = '81370200MC1234567';
    expect(parseCreditCode(`${first17}${creditCodeCheckDigit(first17)}`)).toEqual({
      ok: false,
      reason: 'credit-code-invalid-check-digit',
    });
  });

  it('has the organization check character of the formula in GB 11714', () => {
    const unit = fc.constantFrom(...'0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
    fc.assert(
      fc.property(text(unit, 8), (first8) => {
        const weights = [3, 7, 9, 10, 5, 8, 4, 2];
        const sum = weights.reduce((s, w, i) => s + w * Number.parseInt(first8.charAt(i), 36), 0);
        const check = 11 - (sum % 11);
        const expected = check === 10 ? 'X' : check === 11 ? '0' : String(check);
        expect(organizationCodeCheckDigit(first8)).toBe(expected);
      }),
    );
  });

  it('of another registrar is refused where a union is asked for', () => {
    expect(parseCreditCode(COMPANY, { union: true })).toEqual({
      ok: false,
      reason: 'credit-code-not-a-union',
    });
  });

  it('has the check characters of the standards', () => {
    expect(creditCodeCheckDigit(COMPANY.slice(0, 17))).toBe('3');
    expect(organizationCodeCheckDigit('D2143569')).toBe('X');
    expect(creditCodeCheckDigit('81370200MC123456I')).toBeUndefined();
    expect(organizationCodeCheckDigit('D214356')).toBeUndefined();
    expect(organizationCodeCheckDigit('d2143569')).toBeUndefined();
  });

  it('is accepted with its check characters and refused with one character changed or two neighbours swapped', () => {
    fc.assert(
      fc.property(valid, fc.nat(17), character, (code, at, other) => {
        expect(parseCreditCode(code)).toMatchObject({ ok: true, code });
        fc.pre(code.charAt(at) !== other);
        expect(parseCreditCode(code.slice(0, at) + other + code.slice(at + 1)).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(valid, fc.nat(16), (code, at) => {
        fc.pre(code.charAt(at) !== code.charAt(at + 1));
        const swapped =
          code.slice(0, at) + code.charAt(at + 1) + code.charAt(at) + code.slice(at + 2);
        expect(parseCreditCode(swapped).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (anything) => {
        expect(typeof parseCreditCode(anything, { union: true }).ok).toBe('boolean');
      }),
    );
  });
});
