import { BookingCanceller, ResourceAudience } from '@unionfold/contracts';
import {
  type Booking,
  BookingServiceService,
  BookingStatus,
  type BookResourceRequest,
  type ListSlotsResponse,
  type Resource,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import { type CommandSession, isRefusal, type Refusal } from '@unionfold/eventsourcing';
import { type RpcService, rpcService, type ServiceContext } from '@unionfold/service-kit';
import { bookingSheetDecider, occupancy, waitingPlace } from '../booking-sheet/decider.ts';
import { earliestOn, openSheet, sheetId, sheetOpened } from '../booking-sheet/sheets.ts';
import { resourceDecider } from '../resource/decider.ts';
import { reaches } from '../resource/reach-policy.ts';
import type { ResourceState } from '../resource/resource.ts';
import { unionDecider } from '../union/decider.ts';
import { uppersFrom } from '../union/hierarchy.ts';
import { cancelBooking } from './cancelling.ts';
import { chinaTime, dayOf, daysAfter, isChinaTime, midnight } from './china-time.ts';
import { bookingDecider } from './decider.ts';
import { dissolvedParties } from './dissolved-parties.ts';
import { isEligible } from './eligibility-policy.ts';
import { overlap, periodFault, slotsOf } from './slots.ts';
import { unionBookingNoted } from './union-bookings.ts';
import { fillPlaces, isBookedByDays, loadSheet } from './waiting-list.ts';

/** Days of slots that are listed at once. */
const mostDays = 31;

/** Cancellers that a caller can be; the others are reactions of the platform. */
const ofPeople: ReadonlySet<BookingCanceller> = new Set([
  BookingCanceller.BOOKING_CANCELLER_PARTY,
  BookingCanceller.BOOKING_CANCELLER_OWNER,
]);

/** Booking shared resources (共享资源预约). */
export function bookingService(context: ServiceContext): RpcService {
  const { commands, answer, clock } = context;
  context.reaction(dissolvedParties({ commands }));
  return rpcService(BookingServiceService, {
    correctResource: async ({ expectedVersion, ...request }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { resourceId } = request;
          const resource = await session.load(resourceDecider, resourceId);
          const { capacity } = resource.state.terms;
          const refusal =
            resource.expectVersion(Number(expectedVersion)) ??
            resource.decide({
              ...request,
              type: 'CorrectResource',
              bookedByDays:
                request.calendar !== undefined && (await isBookedByDays(session, resourceId)),
            });
          if (refusal !== undefined) return refusal;
          const grown = resource.state.terms.capacity;
          if (grown <= capacity) return resourceId;
          return (await fillPlaces(session, resourceId, grown)) ?? resourceId;
        }),
      ),

    bookResource: async (request, call) => {
      const outcome = answer(
        await commands.execute(call, async (session) => await book(session, request)),
      );
      if (isRefusal(outcome)) return outcome;
      const booking = await readBooking(context, outcome.id);
      return isRefusal(booking) ? booking : { accepted: outcome, booking };
    },

    cancelBooking: async ({ bookingId, cancelledBy, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const booking = await session.load(bookingDecider, bookingId);
          return (
            booking.expectVersion(Number(expectedVersion)) ??
            (ofPeople.has(cancelledBy)
              ? await cancelBooking(session, bookingId, { cancelledBy, reason })
              : refuse('field-value-not-allowed', { field: 'cancelledBy' }))
          );
        }),
      ),

    rateBooking: async ({ bookingId, stars }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const booking = await session.load(bookingDecider, bookingId);
          const now = chinaTime(session.now);
          return booking.decide({ type: 'RateBooking', stars, now }) ?? bookingId;
        }),
      ),

    getBooking: async ({ bookingId }) => await readBooking(context, bookingId),

    getResource: async ({ resourceId }) => await readResource(context, resourceId),

    listSlots: async ({ resourceId, fromDay, toDay }) => {
      const { state } = await commands.read(resourceDecider, resourceId);
      if (state.status === 'absent') return refuse('resource-unknown', { field: 'resourceId' });
      const now = chinaTime(clock());
      const days = Array.from({ length: mostDays }, (_, index) => daysAfter(fromDay, index));
      const listed = state.status === 'withdrawn' ? [] : days.filter((day) => day <= toDay);
      const slots = await Promise.all(
        listed.map((day) => slotsWithPlaces(context, resourceId, state, day, now)),
      );
      return { slots: slots.flat() } satisfies ListSlotsResponse;
    },
  });
}

/** Books, or refuses in the order in which somebody at a counter would be told. */
async function book(
  session: CommandSession,
  request: BookResourceRequest,
): Promise<string | Refusal> {
  const { resourceId, unionId, memberId, startsAt, endsAt, purpose } = request;
  const bookingId = session.newId();
  const booking = await session.load(bookingDecider, bookingId);
  const { state: resource } = await session.load(resourceDecider, resourceId);
  const { state: union } = await session.load(unionDecider, unionId);
  const reached = await isReached(session, resource, unionId);
  if (!reached) return refuse('resource-unknown', { field: 'resourceId' });
  if (resource.status === 'withdrawn') return refuse('resource-withdrawn', { field: 'resourceId' });
  if (union.status !== 'active') return refuse('union-not-live', { field: 'unionId' });
  const { calendar, eligibility, capacity, bookableDays } = resource.terms;
  if (!isEligible(eligibility, { unionId, unionType: union.type, memberId })) {
    return refuse('booking-not-eligible', { field: 'resourceId' });
  }
  if (memberId !== '' && purpose.trim() !== '') {
    return refuse('booking-purpose-not-taken', { field: 'purpose' });
  }
  const period = { startsAt, endsAt };
  if (!isChinaTime(startsAt) || !isChinaTime(endsAt) || endsAt <= startsAt) {
    return refuse('booking-period-invalid', { field: 'to' });
  }
  const now = chinaTime(session.now);
  const name = calendar === undefined ? openSheet : dayOf(startsAt);
  if (startsAt < earliestOn(name, now)) return refuse('booking-in-the-past', { field: 'from' });
  // The last day counts as a whole, whenever on it the booking ends.
  if (endsAt > midnight(daysAfter(dayOf(now), bookableDays + 1))) {
    return refuse('booking-too-far-ahead', { field: 'to', params: { days: bookableDays } });
  }
  const fault = periodFault(calendar, period);
  if (fault !== undefined) return refuse(fault, { field: 'from' });
  const sheet = await loadSheet(session, resourceId, name);
  const party = memberId === '' ? `union ${unionId}` : `member ${memberId}`;
  const place = { resourceId, sheet: name, bookingId, party, ...period };
  const refusal = sheet.decide({ type: 'TakePlace', ...place, capacity, now });
  if (refusal !== undefined) return refusal;
  if (sheet.loadedVersion === 0) {
    session.append('booking-sheets', resourceId, [sheetOpened(resourceId, name)]);
  }
  if (memberId === '') {
    const noted = unionBookingNoted({ unionId, bookingId, endsAt }, now);
    session.append('union-bookings', unionId, [noted]);
  }
  const { entries, tickets } = sheet.state;
  return (
    booking.decide({
      type: 'BookResource',
      bookingId,
      resourceId,
      resourceName: resource.name,
      kind: resource.kind,
      ownerUnionId: resource.ownerUnionId,
      unionId,
      memberId,
      ...period,
      sheet: name,
      purpose: purpose.trim(),
      waitingPlace: waitingPlace(entries, bookingId),
      ticket: tickets,
    }) ?? bookingId
  );
}

/** Whether the offer reaches the union, by where both stand now; both lines are guarded until the append. */
async function isReached(
  session: CommandSession,
  resource: ResourceState,
  unionId: string,
): Promise<boolean> {
  const { status, ownerUnionId, audience, terms } = resource;
  if (status === 'absent') return false;
  const owner = await session.load(unionDecider, ownerUnionId);
  const union = await session.load(unionDecider, unionId);
  const isForAll = audience === ResourceAudience.RESOURCE_AUDIENCE_ALL;
  return reaches(
    {
      audience,
      ownerUnionId,
      ownerParentId: owner.state.territorialParentId,
      levelUnionType: terms.levelUnionType,
    },
    {
      unionId,
      type: union.state.type,
      lineIds: isForAll ? [] : await uppersFrom(session, unionId),
    },
  );
}

async function slotsWithPlaces(
  { commands }: ServiceContext,
  resourceId: string,
  { terms }: ResourceState,
  day: string,
  now: string,
): Promise<ListSlotsResponse['slots']> {
  const name = terms.calendar === undefined ? openSheet : day;
  const slots = slotsOf(terms.calendar, day).flat();
  const ahead = slots.filter(({ startsAt }) => startsAt >= earliestOn(name, now));
  if (ahead.length === 0) return [];
  const { state } = await commands.read(bookingSheetDecider, sheetId(resourceId, name));
  return ahead.map((slot) => ({
    ...slot,
    free: Math.max(0, terms.capacity - occupancy(state.entries, slot)),
    waiting: state.entries.filter((entry) => !entry.hasPlace && overlap(entry, slot)).length,
  }));
}

const statuses = {
  absent: BookingStatus.BOOKING_STATUS_UNSPECIFIED,
  booked: BookingStatus.BOOKING_STATUS_BOOKED,
  waiting: BookingStatus.BOOKING_STATUS_WAITING,
  cancelled: BookingStatus.BOOKING_STATUS_CANCELLED,
} as const;

async function readBooking(
  { commands }: ServiceContext,
  bookingId: string,
): Promise<Booking | Refusal> {
  const { state, version } = await commands.read(bookingDecider, bookingId);
  if (state.status === 'absent') return refuse('booking-unknown', { field: 'bookingId' });
  const { resourceName: _n, kind: _k, sheet, status, ...facts } = state;
  const { state: written } = await commands.read(
    bookingSheetDecider,
    sheetId(state.resourceId, sheet),
  );
  return {
    ...facts,
    status: statuses[status],
    waitingPlace: status === 'waiting' ? waitingPlace(written.entries, bookingId) : 0,
    version: BigInt(version),
  };
}

async function readResource(
  { commands }: ServiceContext,
  resourceId: string,
): Promise<Resource | Refusal> {
  const { state, version } = await commands.read(resourceDecider, resourceId);
  if (state.status === 'absent') return refuse('resource-unknown', { field: 'resourceId' });
  const { status, formerOwnerId: _, ...facts } = state;
  return { resourceId, ...facts, withdrawn: status === 'withdrawn', version: BigInt(version) };
}
