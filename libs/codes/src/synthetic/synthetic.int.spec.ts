import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCitizenNumber } from '../citizen-number.ts';
import { isValidCode } from '../code-tables.ts';
import { parseCreditCode } from '../credit-code.ts';
import { addYears, dateOfDayNumber, parseDate } from '../dates.ts';
import { division } from '../divisions.ts';
import { parseMobile } from '../mobile.ts';
import { isSyntheticCreditCode } from './enterprise.ts';
import { isSyntheticCitizenNumber, workingAgeDays } from './person.ts';
import { shuffledPosition } from './random.ts';
import { synthetic } from './synthetic.ts';

const TODAY = '2025-06-30';
const seeds = fc.integer();

describe('a made-up person', () => {
  const anyone = fc.tuple(seeds, fc.nat(45_000_000));

  it('has a valid number that agrees with the rest, and is marked', () => {
    fc.assert(
      fc.property(anyone, ([seed, index]) => {
        const person = synthetic(seed, { referenceDate: TODAY }).person(index);
        expect(parseCitizenNumber(person.citizenNumber, { today: TODAY })).toMatchObject({
          ok: true,
          region: person.region,
          birthDate: person.birthDate,
          gender: person.gender,
          sequence: person.gender === 'female' ? '000' : '999',
        });
        expect(isSyntheticCitizenNumber(person.citizenNumber)).toBe(true);
        expect(division(person.region)?.level).toBe('county');
        expect(parseMobile(person.mobile)).toEqual({
          ok: true,
          number: person.mobile,
          synthetic: true,
        });
        expect(person.name).toMatch(/^\p{Script=Han}{2,3}$/u);
        expect(isValidCode('ethnic-group', person.ethnicGroup, TODAY)).toBe(true);
        expect(isValidCode('education', person.education, TODAY)).toBe(true);
        expect(isValidCode('political-status', person.politicalStatus, TODAY)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is 18 to 59 years old on the reference date and was hired as an adult before it', () => {
    fc.assert(
      fc.property(anyone, fc.integer({ min: 0, max: 1500 }), ([seed, index], days) => {
        const referenceDate = synthetic(seed).date(days, '2022-01-01', '2026-12-31');
        const { birthDate, hiredOn } = synthetic(seed, { referenceDate }).person(index);
        expect(addYears(birthDate, 18) <= referenceDate).toBe(true);
        expect(addYears(birthDate, 60) > referenceDate).toBe(true);
        expect(hiredOn >= addYears(birthDate, 18) && hiredOn <= referenceDate).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('is at the youngest 18 today, at the oldest 60 tomorrow', () => {
    const { first, count } = workingAgeDays(TODAY);
    expect(dateOfDayNumber(first)).toBe('1965-07-01');
    expect(dateOfDayNumber(first + count - 1)).toBe('2007-06-30');
  });

  it('is nobody else: 60,000 numbers and mobiles without repetition, of men and women', () => {
    const source = synthetic(7);
    const numbers = new Set<string>();
    const mobiles = new Set<string>();
    let women = 0;
    for (let index = 0; index < 60_000; index++) {
      const person = source.person(index);
      numbers.add(person.citizenNumber);
      mobiles.add(person.mobile);
      if (person.gender === 'female') women++;
    }
    expect(numbers.size).toBe(60_000);
    expect(mobiles.size).toBe(60_000);
    expect(women).toBeGreaterThan(20_000);
    expect(women).toBeLessThan(27_000);
  });

  it('is the same each time, and another under another seed or index', () => {
    expect(synthetic(1).person(12)).toEqual(synthetic(1).person(12));
    expect(synthetic(1).person(12)).not.toEqual(synthetic(2).person(12));
    expect(synthetic(1).person(12)).not.toEqual(synthetic(1).person(13));
  });

  it('is told from real and from broken numbers', () => {
    // A woman and a man of ordinary sequences, a centenarian of sequence 999, no number at all.
    for (const number of [
      '11010519491231002X',
      '440308199901101512',
      '110105190001019997',
      '123',
    ]) {
      expect(isSyntheticCitizenNumber(number)).toBe(false);
    }
    expect(parseCitizenNumber('440308199901101512').ok).toBe(true);
    expect(parseCitizenNumber('110105190001019997').ok).toBe(true);
  });
});

describe('a made-up enterprise', () => {
  it('and its union have valid codes of its region, and are marked', () => {
    fc.assert(
      fc.property(
        seeds,
        fc.nat(3_999_999),
        fc.constantFrom(undefined, '370202', '370202001', '419001', '441900003'),
        (seed, index, region) => {
          const one = synthetic(seed, { referenceDate: TODAY }).enterprise(index, region);
          if (region !== undefined) expect(one.regionCode).toBe(region);
          const regionOfCode = one.regionCode.slice(0, 6);
          expect(parseCreditCode(one.creditCode)).toMatchObject({
            ok: true,
            registrar: '9',
            region: regionOfCode,
          });
          expect(parseCreditCode(one.unionCreditCode, { union: true })).toMatchObject({
            ok: true,
            class: '1',
            region: regionOfCode,
          });
          expect(isSyntheticCreditCode(one.creditCode)).toBe(true);
          expect(isSyntheticCreditCode(one.unionCreditCode)).toBe(true);
          expect(one.unionName).toBe(`${one.name}工会委员会`);
          expect(isValidCode('industry', one.industry, TODAY)).toBe(true);
          expect(isValidCode('unit-type', one.unitType, TODAY)).toBe(true);
          expect(one.staff).toBeGreaterThanOrEqual(10);
          expect(one.staff).toBeLessThanOrEqual(3000);
          expect(parseDate(one.unionFoundedOn).ok && one.unionFoundedOn < TODAY).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('carries the name of its place', () => {
    const source = synthetic(3);
    const begins = (region: string, place: string) =>
      expect(source.enterprise(5, region).name.startsWith(place)).toBe(true);
    begins('370202001', '青岛');
    begins('110101', '北京');
    begins('500229', '重庆');
    begins('419001', '济源');
    begins('422801', '恩施');
  });

  it('is no other: names and codes without repetition, past the end of the short brands too', () => {
    const source = synthetic(11);
    const names = new Set<string>();
    const codes = new Set<string>();
    const first = 47 * 47 * 38 - 10_000;
    for (let index = first; index < first + 20_000; index++) {
      const one = source.enterprise(index, '370202');
      names.add(one.name);
      codes.add(one.creditCode).add(one.unionCreditCode);
    }
    expect(names.size).toBe(20_000);
    expect(codes.size).toBe(40_000);
  });

  it('is told from real ones', () => {
    expect(isSyntheticCreditCode('91350100M000100Y43')).toBe(false);
    expect(isSyntheticCreditCode('123')).toBe(false);
  });
});

describe('the source', () => {
  it('refuses what it cannot make', () => {
    const source = synthetic(1);
    expect(() => source.person(-1)).toThrow(RangeError);
    expect(() => source.person(1.5)).toThrow(RangeError);
    expect(() => source.person(source.people)).toThrow(RangeError);
    expect(() => source.enterprise(0, '999999')).toThrow(RangeError);
    expect(() => source.date(0, '2025-01-02', '2025-01-01')).toThrow(RangeError);
    expect(() => synthetic(1, { referenceDate: '2025-02-30' })).toThrow(RangeError);
  });

  it('shuffles without repetition', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 500 }), (seed, size) => {
        const positions = new Set<number>();
        for (let i = 0; i < size; i++) positions.add(shuffledPosition(seed, 9, size, i));
        expect(positions.size).toBe(size);
        expect(Math.max(...positions)).toBe(size - 1);
      }),
    );
  });
});
