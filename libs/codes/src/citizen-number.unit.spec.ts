import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citizenNumberCheckDigit, parseCitizenNumber } from './citizen-number.ts';

const EXAMPLE = '11010519491231002X';

/** ISO 7064 MOD 11-2 as the standard's recursive method gives it, independent of the table of weights. */
function iso7064(digits: string): string {
  let p = 0;
  for (const digit of digits) p = ((p + Number(digit)) * 2) % 11;
  const check = (12 - p) % 11;
  return check === 10 ? 'X' : String(check);
}

const pad = (value: number, length: number) => String(value).padStart(length, '0');

const first17 = fc
  .tuple(
    fc.constantFrom('110105', '370202', '659004', '469001', '512301', '830000'),
    fc.integer({ min: 1850, max: 2024 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 28 }),
    fc.integer({ min: 0, max: 999 }),
  )
  .map(
    ([region, year, month, day, sequence]) =>
      region + pad(year, 4) + pad(month, 2) + pad(day, 2) + pad(sequence, 3),
  );
const valid = first17.map((digits) => digits + iso7064(digits));

describe('a citizen number', () => {
  it('is taken apart', () => {
    expect(parseCitizenNumber(EXAMPLE)).toEqual({
      ok: true,
      number: EXAMPLE,
      region: '110105',
      birthDate: '1949-12-31',
      gender: 'female',
      sequence: '002',
    });
  });

  it('is read as people paste it', () => {
    for (const typed of [
      '11010519491231002x',
      ' 11010519491231002X\n',
      '　１１０１０５１９４９１２３１００２Ｘ　',
    ]) {
      expect(parseCitizenNumber(typed)).toMatchObject({ ok: true, number: EXAMPLE });
    }
  });

  it('may carry a county code that has been abolished', () => {
    // 512301 涪陵市, before Chongqing became a municipality.
    expect(parseCitizenNumber(`51230119700101001${iso7064('51230119700101001')}`)).toMatchObject({
      ok: true,
      gender: 'male',
    });
  });

  it.each([
    ['', 'citizen-number-invalid-length'],
    ['110105491231002', 'citizen-number-invalid-length'],
    ['11010519491231002', 'citizen-number-invalid-length'],
    ['11010519491231002X0', 'citizen-number-invalid-length'],
    ['1101051949123100２Y', 'citizen-number-invalid-characters'],
    ['X1010519491231002X', 'citizen-number-invalid-characters'],
    ['11010519491231①02X', 'citizen-number-invalid-characters'],
    ['01010519491231002X', 'citizen-number-unknown-region'],
    ['66010519491231002X', 'citizen-number-unknown-region'],
    ['110105194913310023', 'citizen-number-invalid-birth-date'],
    ['110105190002290020', 'citizen-number-invalid-birth-date'],
    ['110105184912310020', 'citizen-number-invalid-birth-date'],
    ['110105194912310021', 'citizen-number-invalid-check-digit'],
  ])('%s is refused as %s', (text, reason) => {
    expect(parseCitizenNumber(text)).toEqual({ ok: false, reason });
  });

  it('is not of someone born after today', () => {
    expect(parseCitizenNumber(EXAMPLE, { today: '1949-12-31' }).ok).toBe(true);
    expect(parseCitizenNumber(EXAMPLE, { today: '1949-12-30' })).toEqual({
      ok: false,
      reason: 'citizen-number-invalid-birth-date',
    });
  });

  it('is accepted with the check digit of ISO 7064 and refused with any other', () => {
    fc.assert(
      fc.property(first17, fc.constantFrom(...'0123456789X'), (digits, check) => {
        expect(citizenNumberCheckDigit(digits)).toBe(iso7064(digits));
        expect(parseCitizenNumber(digits + check).ok).toBe(check === iso7064(digits));
      }),
    );
  });

  it('is refused with one character changed, or two neighbours swapped', () => {
    fc.assert(
      fc.property(valid, fc.nat(17), fc.constantFrom(...'0123456789X'), (number, at, other) => {
        fc.pre(number.charAt(at) !== other);
        expect(parseCitizenNumber(number.slice(0, at) + other + number.slice(at + 1)).ok).toBe(
          false,
        );
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(valid, fc.nat(16), (number, at) => {
        fc.pre(number.charAt(at) !== number.charAt(at + 1));
        const swapped =
          number.slice(0, at) + number.charAt(at + 1) + number.charAt(at) + number.slice(at + 2);
        expect(parseCitizenNumber(swapped).ok).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(typeof parseCitizenNumber(text).ok).toBe('boolean');
      }),
    );
  });

  it('has no check digit for what are not 17 digits', () => {
    expect(citizenNumberCheckDigit('1101051949123100')).toBeUndefined();
    expect(citizenNumberCheckDigit('1101051949123100A')).toBeUndefined();
  });
});
