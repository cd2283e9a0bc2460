import { BookingCanceller, type EventOf } from '@unionfold/contracts';
import { type AddressedNotice, toMember, toUnion } from './addressing.ts';

/** The events of bookings that concern somebody who did not cause them. */
export type BookingChange = EventOf<'BookingMovedUp' | 'BookingCancelled'>;

/** Who moved up from the waiting list. */
export function onMovedUp({ data }: EventOf<'BookingMovedUp'>): AddressedNotice[] {
  return [toParty(data, 'booking-moved-up', {})];
}

/** Whose booking was cancelled by others; a party that cancels knows. */
export function onCancelled({ data }: EventOf<'BookingCancelled'>): AddressedNotice[] {
  switch (data.cancelledBy) {
    case BookingCanceller.BOOKING_CANCELLER_OWNER:
      return [toParty(data, 'booking-cancelled-by-owner', { reason: data.reason })];
    case BookingCanceller.BOOKING_CANCELLER_WITHDRAWAL:
      return [toParty(data, 'booking-cancelled-by-withdrawal', {})];
    default:
      return [];
  }
}

function toParty(
  { bookingId, resourceId, resourceName, unionId, memberId, startsAt }: BookingChange['data'],
  template: 'booking-moved-up' | 'booking-cancelled-by-owner' | 'booking-cancelled-by-withdrawal',
  params: Readonly<Record<string, string>>,
): AddressedNotice {
  const content = {
    template,
    aboutType: 'booking',
    aboutId: bookingId,
    params: { resourceId, resourceName, startsAt: startsAt.replace('T', ' '), ...params },
  } as const;
  return memberId === '' ? toUnion(unionId, content) : toMember(memberId, content);
}
