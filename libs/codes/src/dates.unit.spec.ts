import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMonths, addYears, dateOfDayNumber, dayNumber, parseDate } from './dates.ts';

describe('a date', () => {
  it('is taken apart', () => {
    expect(parseDate('2024-02-29')).toEqual({
      ok: true,
      date: '2024-02-29',
      year: 2024,
      month: 2,
      day: 29,
    });
  });

  it.each([
    '',
    '2023-02-29',
    '1900-02-29',
    '2024-13-01',
    '2024-00-01',
    '2024-04-31',
    '2024-01-00',
    '0000-01-01',
    '2024-1-1',
    '2024/01/01',
    '20240101',
    ' 2024-01-01',
    '2024-01-01T00:00:00Z',
  ])('%s is refused', (text) => {
    expect(parseDate(text)).toEqual({ ok: false, reason: 'date-invalid' });
  });

  it('29 February is in 2000 and 2024, not in 2100', () => {
    const dates = ['2000-02-29', '2024-02-29', '2100-02-29'];
    expect(dates.map((date) => parseDate(date).ok)).toEqual([true, true, false]);
  });

  it('is accepted exactly when the calendar of the runtime has it', () => {
    const part = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, '0'));
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 9999 }), part(13), part(32), (year, month, day) => {
        const text = `${year}-${month}-${day}`;
        const time = Date.parse(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
        expect(parseDate(text).ok).toBe(exists);
      }),
      { numRuns: 2000 },
    );
  });

  it('survives the way through its day number', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40_000, max: 60_000 }), (days) => {
        const date = dateOfDayNumber(days);
        expect(parseDate(date).ok).toBe(true);
        expect(dayNumber(date)).toBe(days);
      }),
    );
  });

  it('some years on keeps its day, but for 29 February', () => {
    expect(addYears('2024-02-29', 1)).toBe('2025-02-28');
    expect(addYears('2024-02-29', -4)).toBe('2020-02-29');
    expect(addYears('1999-12-31', 60)).toBe('2059-12-31');
  });
});

describe('months later', () => {
  it.each([
    ['2026-05-31', 1, '2026-06-30'],
    ['2024-01-31', 1, '2024-02-29'],
    ['2026-05-01', -6, '2025-11-01'],
    ['2026-12-15', 1, '2027-01-15'],
    ['2026-01-31', -3, '2025-10-31'],
    ['2026-05-01', 0, '2026-05-01'],
  ])('%s and %i months is %s', (date, months, expected) => {
    expect(addMonths(date, months)).toBe(expected);
  });
});
