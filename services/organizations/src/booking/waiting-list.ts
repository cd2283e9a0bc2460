import { BookingCanceller } from '@unionfold/contracts';
import type { Aggregate, CommandSession, Refusal } from '@unionfold/eventsourcing';
import {
  type BookingSheetCommand,
  type BookingSheetEvent,
  type BookingSheetState,
  bookingSheetDecider,
} from '../booking-sheet/decider.ts';
import {
  bookingSheetsDecider,
  earliestOn,
  openSheet,
  sheetId,
  sheetsAhead,
} from '../booking-sheet/sheets.ts';
import { type ChinaTime, chinaTime } from './china-time.ts';
import { bookingDecider } from './decider.ts';

/** A sheet in the hands of one command. */
export type LoadedSheet = Aggregate<BookingSheetState, BookingSheetCommand, BookingSheetEvent>;

/** The sheet of a resource for a day, or `open`. */
export async function loadSheet(
  session: CommandSession,
  resourceId: string,
  sheet: string,
): Promise<LoadedSheet> {
  return await session.load(bookingSheetDecider, sheetId(resourceId, sheet));
}

/** Whoever the sheet has moved up in this command hears of it in their own booking. */
export async function tellMovedUp(
  session: CommandSession,
  sheet: LoadedSheet,
): Promise<Refusal | undefined> {
  for (const { type, data } of sheet.pending) {
    if (type !== 'SheetPlaceMovedUp') continue;
    const booking = await session.load(bookingDecider, data.bookingId);
    const refusal = booking.decide({ type: 'MoveUpBooking' });
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** After the capacity has grown: whoever fits now moves up, on every sheet ahead. */
export async function fillPlaces(
  session: CommandSession,
  resourceId: string,
  capacity: number,
): Promise<Refusal | undefined> {
  const now = chinaTime(session.now);
  for (const { name, sheet } of await loadSheetsAhead(session, resourceId, now)) {
    const earliest = earliestOn(name, now);
    const refusal =
      sheet.decide({ type: 'MoveUp', resourceId, sheet: name, capacity, earliest }) ??
      (await tellMovedUp(session, sheet));
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** After the resource was withdrawn: every booking that has not begun is cancelled. */
export async function cancelAhead(
  session: CommandSession,
  resourceId: string,
  reason: string,
): Promise<Refusal | undefined> {
  const now = chinaTime(session.now);
  const cancelledBy = BookingCanceller.BOOKING_CANCELLER_WITHDRAWAL;
  for (const { name, sheet } of await loadSheetsAhead(session, resourceId, now)) {
    const earliest = earliestOn(name, now);
    const refusal = sheet.decide({ type: 'ClearSheet', resourceId, sheet: name, earliest });
    if (refusal !== undefined) return refusal;
    for (const { data } of sheet.pending) {
      const booking = await session.load(bookingDecider, data.bookingId);
      const kept = booking.decide({ type: 'CancelBooking', cancelledBy, reason, now });
      if (kept !== undefined) return kept;
    }
  }
  return undefined;
}

/** Whether somebody has booked whole days that are not over. */
export async function isBookedByDays(
  session: CommandSession,
  resourceId: string,
): Promise<boolean> {
  const { state } = await loadSheet(session, resourceId, openSheet);
  const now = chinaTime(session.now);
  return state.entries.some(({ endsAt }) => endsAt > now);
}

async function loadSheetsAhead(
  session: CommandSession,
  resourceId: string,
  now: ChinaTime,
): Promise<{ readonly name: string; readonly sheet: LoadedSheet }[]> {
  const { state } = await session.load(bookingSheetsDecider, resourceId);
  return await Promise.all(
    sheetsAhead(state, now).map(async (name) => ({
      name,
      sheet: await loadSheet(session, resourceId, name),
    })),
  );
}
