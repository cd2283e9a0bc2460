import type { EventOf } from '@unionfold/contracts';
import type { Decider } from '@unionfold/eventsourcing';
import type { BookingFacts } from './booking.ts';
import type { ChinaTime } from './china-time.ts';

/** When each booking of a union ends, by its id. */
export interface UnionBookingsState {
  readonly ends: Readonly<Record<string, ChinaTime>>;
}

/**
 * The register of what a union has booked for itself (工会预约登记). It decides nothing: entries are appended blindly with
 * the booking, which guards the union's version. So it is complete when the union's dissolution is heard of. Entries stay
 * when a booking is cancelled; what is over drops out with the next entry.
 */
export const unionBookings: Decider<UnionBookingsState, never, EventOf<'UnionBookingNoted'>> = {
  aggregate: 'union-bookings',
  initialState: { ends: {} },
  decide: () => [],
  evolve: ({ ends }, { data: { bookingId, endsAt, at } }) => {
    const ahead = Object.entries(ends).filter(([, end]) => end > at);
    return { ends: Object.fromEntries([...ahead, [bookingId, endsAt]]) };
  },
  snapshot: {
    schema: 1,
    every: 100,
    toJson: ({ ends }) => ({ ends }),
    fromJson: (json) => json as unknown as UnionBookingsState,
  },
};

/** The entry of a booking. */
export function unionBookingNoted(
  { unionId, bookingId, endsAt }: Pick<BookingFacts, 'unionId' | 'bookingId' | 'endsAt'>,
  at: ChinaTime,
): EventOf<'UnionBookingNoted'> {
  return { type: 'UnionBookingNoted', data: { unionId, bookingId, endsAt, at } };
}
