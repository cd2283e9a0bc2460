import type { EventOf } from '@unionfold/contracts';
import type { Decider } from '@unionfold/eventsourcing';
import { type ChinaTime, dayOf, midnight } from '../booking/china-time.ts';

/** The sheet of a resource that is booked by whole days. */
export const openSheet = 'open';

/** Id of a sheet: the resource's, and the day or `open`. */
export function sheetId(resourceId: string, sheet: string): string {
  return `${resourceId}-${sheet}`;
}

/** Beginning of the first time on a sheet that has not begun; a whole day of today can still be had. */
export function earliestOn(sheet: string, now: ChinaTime): ChinaTime {
  return sheet === openSheet ? midnight(dayOf(now)) : now;
}

/** The list of a resource's sheets. */
export interface BookingSheetsState {
  readonly sheets: ReadonlySet<string>;
}

/**
 * The list decides nothing: a sheet's first booking adds it blindly. Who changes or withdraws the resource loads it, to
 * reach every booking in the same transaction; the resource's own version then guards that none is made in between.
 */
export const bookingSheetsDecider: Decider<
  BookingSheetsState,
  never,
  EventOf<'BookingSheetOpened'>
> = {
  aggregate: 'booking-sheets',
  initialState: { sheets: new Set() },
  decide: () => [],
  evolve: ({ sheets }, { data }) => ({ sheets: new Set(sheets).add(data.sheet) }),
};

/** The entry that adds a sheet. */
export function sheetOpened(resourceId: string, sheet: string): EventOf<'BookingSheetOpened'> {
  return { type: 'BookingSheetOpened', data: { resourceId, sheet } };
}

/** The sheets on which something lies ahead: `open`, and those of today and later. */
export function sheetsAhead({ sheets }: BookingSheetsState, now: ChinaTime): string[] {
  const today = dayOf(now);
  return [...sheets].filter((sheet) => sheet === openSheet || sheet >= today).toSorted();
}
