import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { citizenNumberCheckDigit, parseCitizenNumber } from '../citizen-number.ts';
import { parseDate } from '../dates.ts';
import { divisions } from '../divisions.ts';
import { isKnownRegion, wasEverRegion } from './known-regions.ts';
import {
  abolishedOn,
  regionHistory,
  regionOn,
  regionPeriods,
  regionsToday,
} from './region-history.ts';

const today = '2025-06-01';

describe('abolished region codes', () => {
  it('know a district that was merged into its neighbour: 崇文区 into 东城区, 2010', () => {
    expect(isKnownRegion('110103')).toBe(false);
    expect(isKnownRegion('110103', '2009-06-30')).toBe(true);
    expect(isKnownRegion('110103', today)).toBe(false);
    expect(regionOn('110103', '1995-01-01')?.name).toBe('崇文区');
    expect(abolishedOn('110103')).toBe('2010-12-31');
    expect(regionsToday('110103')).toEqual(['110101']);
  });

  it('know a county that was upgraded to a district: 昌平县 to 昌平区, 1999', () => {
    expect(regionOn('110221', '1990-01-01')?.name).toBe('昌平县');
    expect(abolishedOn('110221')?.slice(0, 4)).toBe('1999');
    expect(regionsToday('110221')).toEqual(['110114']);
    expect(isKnownRegion('110114', '1990-01-01')).toBe(false);
  });

  it('know what was renamed within its code: 襄樊市 to 襄阳市, 2010', () => {
    expect(regionOn('420600', '2005-01-01')?.name).toBe('襄樊市');
    expect(regionOn('420600', '2012-01-01')?.name).toBe('襄阳市');
    expect(abolishedOn('420600')).toBeUndefined();
    expect(regionsToday('420600')).toEqual(['420600']);
  });

  it('follow a place through several codes, into a province of its own: 涪陵地区 to 重庆市', () => {
    expect(regionOn('512322', '1990-01-01')?.name).toBe('垫江县');
    expect(regionsToday('512322')).toEqual(['500231']);
  });

  it('know a city that was divided: 巢湖市 among 合肥、芜湖、马鞍山, 2011', () => {
    expect(regionsToday('341400')).toEqual(['340100', '340200', '340500']);
  });

  it('know what changed since the last of the older lists: 下城区 and 江干区, 2021', () => {
    expect(isKnownRegion('330104', '2020-06-30')).toBe(true);
    expect(isKnownRegion('330104', '2021-11-01')).toBe(false);
    expect(regionsToday('330104')).toEqual(['330102', '330114']);
  });

  it('count both as valid in the time within which a change happened', () => {
    expect(isKnownRegion('110221', '1999-06-01')).toBe(true);
    expect(isKnownRegion('110114', '1999-06-01')).toBe(true);
    const days = ['1998-12-31', '1999-01-01', '1999-12-31', '2000-01-01'];
    const valid = (code: string) => days.map((day) => isKnownRegion(code, day));
    expect(valid('110221')).toEqual([true, true, true, false]);
    expect(valid('110114')).toEqual([false, true, true, true]);
  });

  it('tell apart the places that one code stood for: 运河区 until 1983, later 任丘市', () => {
    expect(regionHistory('132903').map(({ name }) => name)).toEqual(['运河区', '任丘市']);
    expect(regionsToday('132903', '1982-06-01')).toEqual(['130903']);
    expect(regionsToday('132903')).toEqual(['130982']);
    expect(regionsToday('132903', '1985-01-01')).toEqual([]);
    expect(regionsToday('420600', '2005-01-01')).toEqual(['420600']);
  });

  it('stand in citizen numbers, which stay valid', () => {
    const first17 = '11010319850315001';
    const parsed = parseCitizenNumber(`${first17}${citizenNumberCheckDigit(first17)}`);
    expect(parsed).toMatchObject({ ok: true, region: '110103' });
    expect(wasEverRegion('110103')).toBe(true);
  });

  it('answer for codes that never were', () => {
    for (const code of ['', '3702', '370299', '999999', '37020', '3702020', 'abcdef']) {
      expect(wasEverRegion(code)).toBe(false);
      expect(isKnownRegion(code, today)).toBe(false);
      expect(regionHistory(code)).toEqual([]);
      expect(regionsToday(code)).toEqual([]);
      expect(abolishedOn(code)).toBeUndefined();
    }
    expect(wasEverRegion('110103')).toBe(true);
    expect(wasEverRegion('000000')).toBe(true);
  });
});

describe('the dated table', () => {
  it('holds every code that is valid today', () => {
    for (const { code } of divisions()) {
      expect(isKnownRegion(code)).toBe(true);
      expect(isKnownRegion(code, today), code).toBe(true);
    }
  });

  it('holds as valid today, with its name, nothing else but Hong Kong, Macao and Taiwan', () => {
    const known = new Map(divisions().map(({ code, name }) => [code, name]));
    const open = regionPeriods().filter(({ to }) => to === undefined);
    const others = open.filter(({ code, name }) => known.get(code) !== name);
    expect(others.map(({ code }) => code)).toEqual(['710000', '810000', '820000']);
  });

  it('has real dates, in order, and successors that existed when a code ended', () => {
    for (const { code, from, to, successors } of regionPeriods()) {
      for (const date of [from, to]) if (date !== undefined) expect(parseDate(date).ok).toBe(true);
      if (from !== undefined && to !== undefined) expect(from <= to).toBe(true);
      if (to === undefined) expect(successors).toEqual([]);
      for (const next of successors) {
        expect(next).not.toBe(code);
        expect(isKnownRegion(next, to), `${code} to ${next}`).toBe(true);
      }
    }
  });

  it('says the same by day and by history', () => {
    const codes = [...new Set(regionPeriods().map(({ code }) => code))];
    const days = fc
      .date({ min: new Date('1980-12-31'), max: new Date('2026-12-31'), noInvalidDate: true })
      .map((day) => day.toISOString().slice(0, 10));
    fc.assert(
      fc.property(fc.constantFrom(...codes), days, (code, day) => {
        const period = regionOn(code, day);
        expect(isKnownRegion(code, day)).toBe(period !== undefined);
        if (period !== undefined) expect(regionHistory(code)).toContain(period);
        const end = abolishedOn(code);
        if (end !== undefined && day > end) expect(period).toBeUndefined();
        expect(regionsToday(code).every((now) => abolishedOn(now) === undefined)).toBe(true);
      }),
    );
  });

  it('gives the codes of a province by prefix', () => {
    const hainan = regionPeriods('46');
    expect(hainan.length).toBeGreaterThan(20);
    expect(hainan).toEqual(regionPeriods().filter(({ code }) => code.startsWith('46')));
  });
});
