import { isRefusal } from '@unionfold/eventsourcing';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type BookingSheetCommand,
  type BookingSheetEvent,
  type BookingSheetState,
  bookingSheetDecider,
  occupancy,
  waitingPlace,
} from './decider.ts';

const { given } = specificationFor(bookingSheetDecider);
const now = '2026-12-01T08:00';
const at = (hour: number) => `2026-12-02T${String(hour).padStart(2, '0')}:00`;
const where = { resourceId: 'hall', sheet: '2026-12-02' };

function take(
  bookingId: string,
  from: number,
  to: number,
  { capacity = 1, party = bookingId } = {},
): BookingSheetCommand {
  const period = { startsAt: at(from), endsAt: at(to) };
  return { type: 'TakePlace', ...where, bookingId, party, ...period, capacity, now };
}

function release(bookingId: string, capacity = 1, earliest = now): BookingSheetCommand {
  return { type: 'ReleasePlace', ...where, bookingId, capacity, earliest };
}

function entered(
  type: 'SheetPlaceTaken' | 'SheetPlaceQueued',
  bookingId: string,
  from: number,
  to: number,
  party = bookingId,
): BookingSheetEvent {
  const period = { startsAt: at(from), endsAt: at(to) };
  return { type, data: { ...where, bookingId, party, ...period, at: now } };
}

const movedUp = (bookingId: string): BookingSheetEvent => ({
  type: 'SheetPlaceMovedUp',
  data: { ...where, bookingId },
});
const released = (bookingId: string): BookingSheetEvent => ({
  type: 'SheetPlaceReleased',
  data: { ...where, bookingId },
});

describe('A sheet', () => {
  it('gives a place while there is one, and puts who comes later on the waiting list', () => {
    given([])
      .when(take('a', 9, 11))
      .then([entered('SheetPlaceTaken', 'a', 9, 11)]);
    const taken = [entered('SheetPlaceTaken', 'a', 9, 11)];
    given(taken)
      .when(take('b', 10, 12))
      .then([entered('SheetPlaceQueued', 'b', 10, 12)]);
    given(taken)
      .when(take('b', 10, 12, { capacity: 2 }))
      .then([entered('SheetPlaceTaken', 'b', 10, 12)]);
  });

  it('counts the fullest moment of a period, not all that touch it', () => {
    const past = [entered('SheetPlaceTaken', 'a', 9, 10), entered('SheetPlaceTaken', 'b', 10, 11)];
    given(past)
      .when(take('c', 9, 11, { capacity: 2 }))
      .then([entered('SheetPlaceTaken', 'c', 9, 11)]);
    given(past)
      .when(take('c', 11, 12))
      .then([entered('SheetPlaceTaken', 'c', 11, 12)]);
  });

  it('lets nobody stand in line twice for the same time', () => {
    const past = [entered('SheetPlaceTaken', 'a', 9, 11)];
    given(past)
      .when(take('b', 10, 12, { party: 'a' }))
      .thenRefused('booking-duplicate', 'from');
    given(past)
      .when(take('b', 11, 12, { party: 'a' }))
      .then([entered('SheetPlaceTaken', 'b', 11, 12, 'a')]);
  });

  it('moves up the first who fits when a place becomes free', () => {
    const past = [
      entered('SheetPlaceTaken', 'a', 9, 10),
      entered('SheetPlaceTaken', 'b', 10, 11),
      entered('SheetPlaceQueued', 'long', 9, 11),
      entered('SheetPlaceQueued', 'short', 9, 10),
      entered('SheetPlaceQueued', 'late', 9, 10),
    ];
    given(past)
      .when(release('a'))
      .then([released('a'), movedUp('short')]);
    given(past).when(release('nobody')).thenNothing();
  });

  it('moves nobody up to a time that has begun', () => {
    const past = [entered('SheetPlaceTaken', 'a', 9, 10), entered('SheetPlaceQueued', 'b', 9, 10)];
    given(past)
      .when(release('a', 1, at(9)))
      .then([released('a'), movedUp('b')]);
    given(past)
      .when(release('a', 1, '2026-12-02T09:01'))
      .then([released('a')]);
  });

  it('moves up as many as there are new places, and none while there are too many already', () => {
    const past = [
      entered('SheetPlaceTaken', 'a', 9, 10),
      entered('SheetPlaceQueued', 'b', 9, 10),
      entered('SheetPlaceQueued', 'c', 9, 10),
      entered('SheetPlaceQueued', 'd', 9, 10),
    ];
    given(past)
      .when({ type: 'MoveUp', ...where, capacity: 3, earliest: now })
      .then([movedUp('b'), movedUp('c')]);
    const full = [...past, movedUp('b'), movedUp('c')];
    given(full)
      .when(release('a', 1))
      .then([released('a')]);
  });

  it('is cleared of what has not begun', () => {
    const past = [entered('SheetPlaceTaken', 'a', 9, 10), entered('SheetPlaceQueued', 'b', 12, 13)];
    given(past)
      .when({ type: 'ClearSheet', ...where, earliest: at(10) })
      .then([released('b')]);
  });
});

type Step = { readonly who: number; readonly from: number; readonly length: number };

/** Decides and folds; a refusal changes nothing. */
function run(state: BookingSheetState, command: BookingSheetCommand): BookingSheetState {
  const decision = bookingSheetDecider.decide(command, state);
  return isRefusal(decision) ? state : decision.reduce(bookingSheetDecider.evolve, state);
}

describe('A sheet, whatever happens to it', () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 9 }),
    from: fc.integer({ min: 8, max: 17 }),
    length: fc.integer({ min: 0, max: 4 }),
  });

  it('never gives more places at a time than there are, and never lets one wait that would fit', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        (steps: readonly Step[], capacity) => {
          let state = bookingSheetDecider.initialState;
          for (const [index, { who, from, length }] of steps.entries()) {
            // Length 0 cancels whatever that party has longest.
            const held = state.entries.find(({ party }) => party === `p${who}`);
            state =
              length === 0
                ? run(state, release(held?.bookingId ?? '', capacity))
                : run(
                    state,
                    take(`b${index}`, from, from + length, { capacity, party: `p${who}` }),
                  );
            for (let hour = 8; hour < 22; hour++) {
              const moment = { startsAt: at(hour), endsAt: at(hour + 1) };
              expect(occupancy(state.entries, moment)).toBeLessThanOrEqual(capacity);
            }
            for (const entry of state.entries) {
              if (entry.hasPlace) continue;
              expect(occupancy(state.entries, entry)).toBe(capacity);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps the order of arrival among those who want the same time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (leaving, capacity) => {
          let state = bookingSheetDecider.initialState;
          for (let index = 0; index < 20; index++) {
            state = run(state, take(`b${index}`, 9, 11, { capacity }));
          }
          for (const index of leaving) {
            state = run(state, release(`b${index}`, capacity));
            const places = state.entries.map(({ hasPlace }) => hasPlace);
            // Nobody behind one who waits has a place.
            expect(places.lastIndexOf(true)).toBeLessThan(
              places.includes(false) ? places.indexOf(false) : places.length,
            );
            const inLine = state.entries.filter(({ hasPlace }) => !hasPlace);
            expect(inLine.map(({ bookingId }) => waitingPlace(state.entries, bookingId))).toEqual(
              inLine.map((_, place) => place + 1),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});
