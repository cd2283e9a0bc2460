import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chinaTime, daysAfter, isChinaTime, minutesInto, weekdayOf } from './china-time.ts';
import { clockMinutes, periodFault, slotsOf } from './slots.ts';

const calendar = {
  hours: [
    { weekday: 2, opensAt: '13:00', closesAt: '17:30' },
    { weekday: 2, opensAt: '09:00', closesAt: '12:00' },
    { weekday: 6, opensAt: '22:00', closesAt: '24:00' },
  ],
  closedOn: ['2026-12-08'],
  slotMinutes: 60,
};

describe('China time', () => {
  it('is eight hours ahead of UTC, and exists or does not', () => {
    expect(chinaTime(new Date('2026-11-30T17:05:59Z'))).toBe('2026-12-01T01:05');
    expect(isChinaTime('2026-02-28T24:00')).toBe(false);
    expect(isChinaTime('2026-02-29T10:00')).toBe(false);
    expect(isChinaTime('2028-02-29T10:00')).toBe(true);
    expect(isChinaTime('2026-1-01T10:00')).toBe(false);
    expect(weekdayOf('2026-12-06')).toBe(7);
    expect(weekdayOf('2026-12-07')).toBe(1);
    expect(daysAfter('2026-12-31', 1)).toBe('2027-01-01');
  });

  it('reads the clock up to the end of the day', () => {
    expect(['00:00', '09:30', '24:00'].map(clockMinutes)).toEqual([0, 570, 1_440]);
    for (const text of ['24:01', '9:00', '12:60', '', '25:00']) {
      expect(clockMinutes(text)).toBeUndefined();
    }
  });
});

describe('The slots of a day', () => {
  it('follow the opening hours in order, without a remainder', () => {
    const day = '2026-12-01';
    const begins = slotsOf(calendar, day).map((slots) =>
      slots.map((slot) => slot.startsAt.slice(11)),
    );
    expect(begins).toEqual([
      ['09:00', '10:00', '11:00'],
      ['13:00', '14:00', '15:00', '16:00'],
    ]);
    expect(slotsOf(calendar, '2026-12-05').flat().at(-1)?.endsAt).toBe('2026-12-06T00:00');
  });

  it('are none on closed days and days without hours; without a calendar the day is one', () => {
    expect(slotsOf(calendar, '2026-12-08')).toEqual([]);
    expect(slotsOf(calendar, '2026-12-02')).toEqual([]);
    expect(slotsOf(undefined, '2026-12-31')).toEqual([
      [{ startsAt: '2026-12-31T00:00', endsAt: '2027-01-01T00:00' }],
    ]);
  });
});

describe('A period', () => {
  const fault = (from: string, to: string, day = '2026-12-01') =>
    periodFault(calendar, { startsAt: `${day}T${from}`, endsAt: `${day}T${to}` });

  it('is one or more slots of one opening', () => {
    expect(fault('09:00', '10:00')).toBeUndefined();
    expect(fault('09:00', '12:00')).toBeUndefined();
    expect(fault('11:00', '14:00')).toBe('booking-outside-hours');
    expect(fault('16:00', '17:30')).toBe('booking-outside-hours');
    expect(fault('09:30', '10:30')).toBe('booking-not-on-slots');
    expect(fault('09:00', '10:00', '2026-12-08')).toBe('booking-outside-hours');
    const overnight = { startsAt: '2026-12-05T23:00', endsAt: '2026-12-06T00:00' };
    expect(periodFault(calendar, overnight)).toBeUndefined();
  });

  it('is bookable exactly where slots begin and end', () => {
    const minute = fc.integer({ min: 0, max: 48 * 60 });
    fc.assert(
      fc.property(minute, minute, (from, length) => {
        const day = '2026-12-01';
        const period = {
          startsAt: minutesInto(day, from),
          endsAt: minutesInto(day, from + length + 1),
        };
        const isUnion = slotsOf(calendar, day).some((slots) =>
          slots.some(
            ({ startsAt }, first) =>
              startsAt === period.startsAt &&
              slots.slice(first).some(({ endsAt }) => endsAt === period.endsAt),
          ),
        );
        expect(periodFault(calendar, period) === undefined).toBe(isUnion);
      }),
      { numRuns: 2_000 },
    );
  });
});
