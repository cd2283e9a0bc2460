import type { EventOf } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider } from '@unionfold/eventsourcing';
import type { ChinaTime } from '../booking/china-time.ts';
import { overlap, type Period } from '../booking/slots.ts';

/** The events of a sheet (预约簿). */
export type BookingSheetEvent = EventOf<
  'SheetPlaceTaken' | 'SheetPlaceQueued' | 'SheetPlaceMovedUp' | 'SheetPlaceReleased'
>;

/** One booking as its sheet knows it. */
export interface SheetEntry extends Period {
  readonly bookingId: string;
  readonly party: string;
  readonly hasPlace: boolean;
  /** Order of arrival. */
  readonly ticket: number;
}

/** Who has a place and who waits, in the order of their arrival. */
export interface BookingSheetState {
  readonly entries: readonly SheetEntry[];
  readonly tickets: number;
}

/** What can be asked of a sheet. */
export type BookingSheetCommand =
  | (Period & {
      readonly type: 'TakePlace';
      readonly resourceId: string;
      readonly sheet: string;
      readonly bookingId: string;
      readonly party: string;
      readonly capacity: number;
      readonly now: ChinaTime;
    })
  | (MoveUp & { readonly type: 'ReleasePlace'; readonly bookingId: string })
  | (MoveUp & { readonly type: 'MoveUp' })
  | {
      readonly type: 'ClearSheet';
      readonly resourceId: string;
      readonly sheet: string;
      readonly earliest: ChinaTime;
    };

interface MoveUp {
  readonly resourceId: string;
  readonly sheet: string;
  readonly capacity: number;
  /** Nobody moves up to a time before this one: it has begun. */
  readonly earliest: ChinaTime;
}

/**
 * A sheet decides who gets a place: never more at a time than the resource has, the others wait in the order of their
 * arrival. When a place becomes free, the first of those who fit moves up.
 *
 * A resource with a calendar has one sheet a day, so that the stream of the most popular one ends with its day and
 * bookings of different days do not meet; its bookings lie within one day. A resource that is booked by whole days
 * (lawyer, equipment, fund) has one sheet, `open`, because its bookings span days: few and slow, it is kept short by
 * snapshots and by forgetting what is over.
 */
export const bookingSheetDecider: Decider<
  BookingSheetState,
  BookingSheetCommand,
  BookingSheetEvent
> = {
  aggregate: 'booking-sheet',
  initialState: { entries: [], tickets: 0 },
  decide: (command, { entries }) => {
    switch (command.type) {
      case 'TakePlace': {
        const { type: _, capacity, now: at, ...place } = command;
        if (entries.some((entry) => entry.party === place.party && overlap(entry, place))) {
          return refuse('booking-duplicate', { field: 'from' });
        }
        const isFree = fits(entries.filter(hasPlace), place, capacity);
        return [{ type: isFree ? 'SheetPlaceTaken' : 'SheetPlaceQueued', data: { ...place, at } }];
      }
      case 'ReleasePlace': {
        const { resourceId, sheet, bookingId } = command;
        if (!entries.some((entry) => entry.bookingId === bookingId)) return [];
        const others = entries.filter((entry) => entry.bookingId !== bookingId);
        return [
          { type: 'SheetPlaceReleased', data: { resourceId, sheet, bookingId } },
          ...movedUp(others, command),
        ];
      }
      case 'MoveUp':
        return movedUp(entries, command);
      case 'ClearSheet': {
        const { resourceId, sheet, earliest } = command;
        return entries
          .filter(({ startsAt }) => startsAt >= earliest)
          .map(({ bookingId }) => ({
            type: 'SheetPlaceReleased',
            data: { resourceId, sheet, bookingId },
          }));
      }
    }
  },
  evolve: ({ entries, tickets }, { type, data }) => {
    switch (type) {
      case 'SheetPlaceTaken':
      case 'SheetPlaceQueued': {
        const { bookingId, party, startsAt, endsAt, at } = data;
        const ticket = tickets + 1;
        const entry = {
          bookingId,
          party,
          startsAt,
          endsAt,
          ticket,
          hasPlace: type === 'SheetPlaceTaken',
        };
        return { entries: [...entries.filter((old) => old.endsAt > at), entry], tickets: ticket };
      }
      case 'SheetPlaceMovedUp':
        return {
          tickets,
          entries: entries.map((entry) =>
            entry.bookingId === data.bookingId ? { ...entry, hasPlace: true } : entry,
          ),
        };
      case 'SheetPlaceReleased':
        return { tickets, entries: entries.filter((entry) => entry.bookingId !== data.bookingId) };
    }
  },
  snapshot: {
    schema: 1,
    every: 100,
    toJson: ({ entries, tickets }) => ({
      tickets,
      entries: entries.map((entry) => ({ ...entry })),
    }),
    fromJson: (json) => json as unknown as BookingSheetState,
  },
};

/** Bookings that have a place at any time of a period, at the fullest moment of it. */
export function occupancy(entries: readonly SheetEntry[], period: Period): number {
  const present = entries.filter((entry) => entry.hasPlace && overlap(entry, period));
  // The count grows only where a booking begins, so the fullest moment is the beginning of one, or of the period.
  const counts = [period, ...present].map(
    ({ startsAt }) =>
      present.filter((one) => one.startsAt <= startsAt && startsAt < one.endsAt).length,
  );
  return Math.max(...counts);
}

/** Place of a booking in the waiting list, from 1, among those who want some of the same time; 0 for who does not wait. */
export function waitingPlace(entries: readonly SheetEntry[], bookingId: string): number {
  const mine = entries.find((entry) => entry.bookingId === bookingId);
  if (mine === undefined || mine.hasPlace) return 0;
  return entries.filter(
    (entry) => !entry.hasPlace && entry.ticket <= mine.ticket && overlap(entry, mine),
  ).length;
}

function hasPlace(entry: SheetEntry): boolean {
  return entry.hasPlace;
}

function fits(placed: readonly SheetEntry[], period: Period, capacity: number): boolean {
  return occupancy(placed, period) < capacity;
}

function movedUp(
  entries: readonly SheetEntry[],
  { resourceId, sheet, capacity, earliest }: MoveUp,
): BookingSheetEvent[] {
  const placed = entries.filter(hasPlace);
  const events: BookingSheetEvent[] = [];
  for (const entry of entries) {
    if (entry.hasPlace || entry.startsAt < earliest || !fits(placed, entry, capacity)) continue;
    placed.push({ ...entry, hasPlace: true });
    events.push({
      type: 'SheetPlaceMovedUp',
      data: { resourceId, sheet, bookingId: entry.bookingId },
    });
  }
  return events;
}
