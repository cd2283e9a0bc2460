import { BookingCanceller, ResourceKind } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import { earliestOn } from '../booking-sheet/sheets.ts';
import type { BookingCommand, BookingEvent, BookingState } from './booking.ts';

/** The rules of one booking (预约). Which place it gets is its sheet's matter. */
export const bookingDecider: Decider<BookingState, BookingCommand, BookingEvent> = {
  aggregate: 'booking',
  initialState: {
    status: 'absent',
    bookingId: '',
    resourceId: '',
    resourceName: '',
    kind: ResourceKind.RESOURCE_KIND_UNSPECIFIED,
    ownerUnionId: '',
    unionId: '',
    memberId: '',
    startsAt: '',
    endsAt: '',
    sheet: '',
    purpose: '',
    stars: 0,
  },
  decide: (command, state) => {
    if (command.type === 'BookResource') {
      const { type: _, waitingPlace, ticket, ...facts } = command;
      if (state.status !== 'absent') return refuse('id-taken', { field: 'bookingId' });
      if (waitingPlace === 0) return [{ type: 'ResourceBooked', data: facts }];
      return [{ type: 'BookingQueued', data: { ...facts, waitingPlace, ticket: BigInt(ticket) } }];
    }
    if (state.status === 'absent') return refuse('booking-unknown', { field: 'bookingId' });
    switch (command.type) {
      case 'MoveUpBooking':
        return state.status === 'waiting' ? [{ type: 'BookingMovedUp', data: core(state) }] : [];
      case 'CancelBooking':
        return cancel(command, state);
      case 'RateBooking':
        return rate(command, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ResourceBooked':
        return { ...event.data, status: 'booked', stars: 0 };
      case 'BookingQueued': {
        const { waitingPlace: _w, ticket: _t, ...facts } = event.data;
        return { ...facts, status: 'waiting', stars: 0 };
      }
      case 'BookingMovedUp':
        return { ...state, status: 'booked' };
      case 'BookingCancelled':
        return { ...state, status: 'cancelled' };
      case 'BookingRated':
        return { ...state, stars: event.data.stars };
    }
  },
};

function cancel(
  { cancelledBy, reason, now }: Extract<BookingCommand, { type: 'CancelBooking' }>,
  state: BookingState,
): Decision<BookingEvent> {
  if (state.status === 'cancelled') return [];
  if (state.startsAt < earliestOn(state.sheet, now)) {
    return refuse('booking-begun', { field: 'bookingId' });
  }
  // Who takes back what was promised says why.
  if (cancelledBy === BookingCanceller.BOOKING_CANCELLER_OWNER && reason.trim() === '') {
    return refuse('reason-missing', { field: 'reason' });
  }
  const wasWaiting = state.status === 'waiting';
  // A party's reason could tell something of a person, and nobody needs it.
  const told = cancelledBy === BookingCanceller.BOOKING_CANCELLER_PARTY ? '' : reason.trim();
  return [
    {
      type: 'BookingCancelled',
      data: { ...core(state), cancelledBy, reason: told, wasWaiting },
    },
  ];
}

function rate(
  { stars, now }: Extract<BookingCommand, { type: 'RateBooking' }>,
  state: BookingState,
): Decision<BookingEvent> {
  const { bookingId, resourceId, unionId } = state;
  if (!Number.isInteger(stars) || stars < 1 || stars > 5) {
    const params = { field: 'stars', minimum: 1, maximum: 5 };
    return refuse('field-out-of-range', { field: 'stars', params });
  }
  if (state.status !== 'booked') return refuse('booking-not-used', { field: 'bookingId' });
  if (now < state.endsAt) return refuse('booking-not-over', { field: 'bookingId' });
  if (state.stars === stars) return [];
  if (state.stars !== 0) return refuse('booking-rated', { field: 'bookingId' });
  return [{ type: 'BookingRated', data: { bookingId, resourceId, unionId, stars } }];
}

function core(state: BookingState) {
  const { bookingId, resourceId, resourceName, unionId, memberId, startsAt, endsAt } = state;
  return { bookingId, resourceId, resourceName, unionId, memberId, startsAt, endsAt };
}
