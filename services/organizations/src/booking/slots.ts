import type { ResourceCalendar } from '@unionfold/contracts';
import {
  type ChinaTime,
  dayOf,
  daysAfter,
  midnight,
  minutesInto,
  weekdayOf,
} from './china-time.ts';

/** A time that is booked as a whole: from the beginning of one minute to that of another, which is not part of it. */
export interface Period {
  readonly startsAt: ChinaTime;
  readonly endsAt: ChinaTime;
}

/** Whether two periods have a minute in common. */
export function overlap(one: Period, other: Period): boolean {
  return one.startsAt < other.endsAt && other.startsAt < one.endsAt;
}

/** Minutes from midnight of `HH:mm`, up to 24:00; undefined for any other text. */
export function clockMinutes(text: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  return total <= 24 * 60 ? total : undefined;
}

/**
 * The slots (时段) of a day, one list for each time that it is open; a remainder shorter than a slot is not one.
 * Without a calendar the whole day is one slot.
 */
export function slotsOf(calendar: ResourceCalendar | undefined, day: string): Period[][] {
  if (calendar === undefined) {
    return [[{ startsAt: midnight(day), endsAt: midnight(daysAfter(day, 1)) }]];
  }
  if (calendar.closedOn.includes(day)) return [];
  const { slotMinutes } = calendar;
  return calendar.hours
    .filter(({ weekday }) => weekday === weekdayOf(day))
    .map(({ opensAt, closesAt }) => ({
      opens: clockMinutes(opensAt) ?? 0,
      closes: clockMinutes(closesAt) ?? 0,
    }))
    .toSorted((one, other) => one.opens - other.opens)
    .map(({ opens, closes }) =>
      Array.from({ length: Math.floor((closes - opens) / slotMinutes) }, (_, index) => ({
        startsAt: minutesInto(day, opens + index * slotMinutes),
        endsAt: minutesInto(day, opens + (index + 1) * slotMinutes),
      })),
    );
}

/** Why a period cannot be booked by the calendar. */
export type PeriodFault = 'booking-outside-hours' | 'booking-not-on-slots';

/**
 * Whether a period is one or more slots in a row, all of one time that the resource is open. Without a calendar: one or
 * more whole days.
 */
export function periodFault(
  calendar: ResourceCalendar | undefined,
  { startsAt, endsAt }: Period,
): PeriodFault | undefined {
  if (calendar === undefined) {
    const isWhole = startsAt.endsWith('T00:00') && endsAt.endsWith('T00:00');
    return isWhole ? undefined : 'booking-not-on-slots';
  }
  const open = slotsOf(calendar, dayOf(startsAt)).find((slots) => {
    const [first, last] = [slots[0], slots.at(-1)];
    return first !== undefined && last !== undefined
      ? first.startsAt <= startsAt && endsAt <= last.endsAt
      : false;
  });
  if (open === undefined) return 'booking-outside-hours';
  const isBounded =
    open.some((slot) => slot.startsAt === startsAt) && open.some((slot) => slot.endsAt === endsAt);
  return isBounded ? undefined : 'booking-not-on-slots';
}
