import { BookingCanceller, ResourceKind } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import type { BookingEvent, BookingFacts } from './booking.ts';
import { bookingDecider } from './decider.ts';

const { given } = specificationFor(bookingDecider);
const facts: BookingFacts = {
  bookingId: 'b1',
  resourceId: 'hall',
  resourceName: '报告厅',
  kind: ResourceKind.RESOURCE_KIND_VENUE,
  ownerUnionId: 'qd',
  unionId: 'works',
  memberId: '',
  startsAt: '2026-12-02T09:00',
  endsAt: '2026-12-02T11:00',
  sheet: '2026-12-02',
  purpose: '技能竞赛',
};
const { resourceName, startsAt, endsAt } = facts;
const core = {
  bookingId: 'b1',
  resourceId: 'hall',
  resourceName,
  unionId: 'works',
  memberId: '',
  startsAt,
  endsAt,
};
const booked: BookingEvent = { type: 'ResourceBooked', data: facts };
const queued: BookingEvent = {
  type: 'BookingQueued',
  data: { ...facts, waitingPlace: 2, ticket: 7n },
};
const movedUp: BookingEvent = { type: 'BookingMovedUp', data: core };
const cancelled = (
  cancelledBy: BookingCanceller,
  reason: string,
  wasWaiting = false,
): BookingEvent => ({
  type: 'BookingCancelled',
  data: { ...core, cancelledBy, reason, wasWaiting },
});
const { BOOKING_CANCELLER_PARTY: party, BOOKING_CANCELLER_OWNER: owner } = BookingCanceller;
const cancel = (cancelledBy: BookingCanceller, reason: string, now: string) =>
  ({ type: 'CancelBooking', cancelledBy, reason, now }) as const;
const rate = (stars: number, now: string) => ({ type: 'RateBooking', stars, now }) as const;

describe('A booking', () => {
  it('has a place, or waits with its place in line', () => {
    const command = { type: 'BookResource', ...facts, ticket: 7 } as const;
    given([])
      .when({ ...command, waitingPlace: 0 })
      .then([booked]);
    given([])
      .when({ ...command, waitingPlace: 2 })
      .then([queued]);
    given([booked])
      .when({ ...command, waitingPlace: 0 })
      .thenRefused('id-taken');
  });

  it('moves up once', () => {
    given([queued]).when({ type: 'MoveUpBooking' }).then([movedUp]);
    given([queued, movedUp]).when({ type: 'MoveUpBooking' }).thenNothing();
    given([]).when({ type: 'MoveUpBooking' }).thenRefused('booking-unknown');
  });

  it('is cancelled before it begins; what a party says about it is not kept', () => {
    const before = '2026-12-02T08:59';
    given([booked])
      .when(cancel(party, '张三住院', before))
      .then([cancelled(party, '')]);
    given([queued])
      .when(cancel(party, '', before))
      .then([cancelled(party, '', true)]);
    given([queued, movedUp])
      .when(cancel(party, '', before))
      .then([cancelled(party, '')]);
    given([booked])
      .when(cancel(party, '', '2026-12-02T09:01'))
      .thenRefused('booking-begun');
    given([booked, cancelled(party, '')])
      .when(cancel(party, '', before))
      .thenNothing();
  });

  it('is cancelled by the owner with a reason only', () => {
    given([booked])
      .when(cancel(owner, ' ', '2026-12-01T08:00'))
      .thenRefused('reason-missing');
    given([booked])
      .when(cancel(owner, '停电', '2026-12-01T08:00'))
      .then([cancelled(owner, '停电')]);
  });

  it('of whole days can still be cancelled on its first day', () => {
    const days = {
      ...facts,
      sheet: 'open',
      startsAt: '2026-12-02T00:00',
      endsAt: '2026-12-04T00:00',
    };
    const past: BookingEvent[] = [{ type: 'ResourceBooked', data: days }];
    given(past)
      .when(cancel(party, '', '2026-12-02T12:00'))
      .then([
        {
          type: 'BookingCancelled',
          data: {
            ...core,
            startsAt: days.startsAt,
            endsAt: days.endsAt,
            cancelledBy: party,
            reason: '',
            wasWaiting: false,
          },
        },
      ]);
    given(past)
      .when(cancel(party, '', '2026-12-03T00:00'))
      .thenRefused('booking-begun');
  });

  it('is rated once, when it is over, by stars from one to five', () => {
    const after = '2026-12-02T11:00';
    const data = { bookingId: 'b1', resourceId: 'hall', unionId: 'works', stars: 4 };
    const rated: BookingEvent = { type: 'BookingRated', data };
    given([booked]).when(rate(4, after)).then([rated]);
    given([booked]).when(rate(4, '2026-12-02T10:59')).thenRefused('booking-not-over');
    given([booked, rated]).when(rate(4, after)).thenNothing();
    given([booked, rated]).when(rate(5, after)).thenRefused('booking-rated');
    given([queued]).when(rate(4, after)).thenRefused('booking-not-used');
    for (const stars of [0, 6, 2.5]) {
      given([booked]).when(rate(stars, after)).thenRefused('field-out-of-range', 'stars');
    }
  });
});
