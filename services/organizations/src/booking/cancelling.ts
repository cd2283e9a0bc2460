import type { BookingCanceller } from '@unionfold/contracts';
import type { CommandSession, Refusal } from '@unionfold/eventsourcing';
import { earliestOn } from '../booking-sheet/sheets.ts';
import { resourceDecider } from '../resource/decider.ts';
import { chinaTime } from './china-time.ts';
import { bookingDecider } from './decider.ts';
import { loadSheet, tellMovedUp } from './waiting-list.ts';

/**
 * Cancels one booking that has not begun: its place becomes free, and who waits for it moves up.
 * @returns the booking's id
 */
export async function cancelBooking(
  session: CommandSession,
  bookingId: string,
  how: { readonly cancelledBy: BookingCanceller; readonly reason: string },
): Promise<string | Refusal> {
  const booking = await session.load(bookingDecider, bookingId);
  const now = chinaTime(session.now);
  const refusal = booking.decide({ ...how, type: 'CancelBooking', now });
  if (refusal !== undefined) return refusal;
  if (booking.pending.length === 0) return bookingId;
  const { resourceId, sheet: name } = booking.state;
  const resource = await session.load(resourceDecider, resourceId);
  const sheet = await loadSheet(session, resourceId, name);
  return (
    sheet.decide({
      type: 'ReleasePlace',
      resourceId,
      sheet: name,
      bookingId,
      capacity: resource.state.terms.capacity,
      earliest: earliestOn(name, now),
    }) ??
    (await tellMovedUp(session, sheet)) ??
    bookingId
  );
}
