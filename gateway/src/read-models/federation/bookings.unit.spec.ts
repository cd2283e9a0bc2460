import {
  BookingCanceller,
  type EventName,
  type EventOf,
  ResourceAudience,
  ResourceKind,
  UnionType,
} from '@unionfold/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Documents, deliver } from './any-order.fixture.ts';
import type { ResourceUseDocument } from './booking-documents.ts';
import type { StatisticsDocument } from './documents.ts';
import { noUse } from './use-totals.ts';

type Event = EventOf<EventName>;

const { RESOURCE_KIND_VENUE: venue, RESOURCE_KIND_COURSE: course } = ResourceKind;
const period = { startsAt: '2026-12-02T09:00', endsAt: '2026-12-02T11:00' };

interface Offer {
  owner: string;
  readonly kind: ResourceKind;
  offered: boolean;
}

interface Booked {
  readonly resourceId: string;
  /** Who owned it then. */
  readonly owner: string;
  readonly unionId: string;
  readonly kind: ResourceKind;
  status: 'booked' | 'waiting' | 'cancelled';
  stars: number;
}

/** What happened, kept in one book and counted by hand: the oracle. */
class Book {
  readonly parents = new Map<string, string>([['u0', '']]);
  readonly offers = new Map<string, Offer>();
  readonly bookings = new Map<string, Booked>();
  readonly streams = new Map<string, Event[]>();

  constructor() {
    this.#established('u0', '');
    for (const [id, parent] of [
      ['u1', 'u0'],
      ['u2', 'u0'],
      ['u3', 'u1'],
      ['u4', 'u1'],
      ['u5', 'u2'],
    ] as const) {
      this.parents.set(id, parent);
      this.#established(id, parent);
    }
  }

  line(unionId: string): string[] {
    const ids: string[] = [];
    for (let id = unionId; id !== ''; id = this.parents.get(id) ?? '') ids.unshift(id);
    return ids;
  }

  append(stream: string, event: Event): void {
    this.streams.set(stream, [...(this.streams.get(stream) ?? []), event]);
  }

  has(unionId: string, kind: ResourceKind): boolean {
    return [...this.offers.values()].some(
      (offer) => offer.offered && offer.owner === unionId && offer.kind === kind,
    );
  }

  placed(): Booked[] {
    return [...this.bookings.values()].filter(({ status }) => status === 'booked');
  }

  use(resourceId: string): Omit<ResourceUseDocument, 'id'> {
    const mine = this.placed().filter((booking) => booking.resourceId === resourceId);
    const rated = mine.filter(({ stars }) => stars > 0);
    const lent = mine.filter(({ owner, unionId }) => owner !== unionId);
    const borrowers = [...new Set(lent.map(({ unionId }) => unionId))];
    return {
      bookings: mine.length,
      minutes: mine.length * 120,
      ownBookings: mine.length - lent.length,
      borrowers: borrowers.length,
      spared: borrowers.filter((id) => !this.has(id, lent[0]?.kind ?? venue)).length,
      ratings: rated.length,
      stars: rated.reduce((sum, { stars }) => sum + stars, 0),
    };
  }

  totals(unionId: string): StatisticsDocument['use'] {
    const below = (id: string) => this.line(id).includes(unionId);
    const owned = this.placed().filter(({ owner }) => below(owner));
    const lent = this.placed().filter(({ owner, unionId: by }) => owner !== by);
    const borrowed = lent.filter(({ unionId: by }) => below(by));
    const rated = owned.filter(({ stars }) => stars > 0);
    const pairs = new Set(borrowed.map(({ unionId: by, kind }) => `${by} ${kind}`));
    return {
      resources: [...this.offers.values()].filter(({ offered, owner }) => offered && below(owner))
        .length,
      bookings: owned.length,
      minutes: owned.length * 120,
      lent: lent.filter(({ owner }) => below(owner)).length,
      ratings: rated.length,
      stars: rated.reduce((sum, { stars }) => sum + stars, 0),
      borrowed: borrowed.length,
      borrowedMinutes: borrowed.length * 120,
      borrowingUnions: new Set(borrowed.map(({ unionId: by }) => by)).size,
      spared: [...pairs].filter((pair) => {
        const [by = '', kind] = pair.split(' ');
        return !this.has(by, kind as ResourceKind);
      }).length,
    };
  }

  #established(unionId: string, territorialParentId: string): void {
    this.append(unionId, {
      type: 'UnionEstablished',
      data: {
        unionId,
        name: unionId,
        type: UnionType.UNION_TYPE_ENTERPRISE,
        territorialParentId,
        industryParentId: '',
        regionCode: '',
        creditCode: '',
        foundedOn: '',
        synthetic: true,
      },
    });
  }
}

interface Step {
  readonly kind:
    | 'offer'
    | 'withdraw'
    | 'hand over'
    | 'book'
    | 'queue'
    | 'move up'
    | 'cancel'
    | 'rate'
    | 'move';
  readonly a: number;
  readonly b: number;
}

function write(steps: readonly Step[]): Book {
  const book = new Book();
  for (const step of steps) happen(book, step);
  return book;
}

function happen(book: Book, { kind, a, b }: Step): void {
  const unions = [...book.parents.keys()];
  const union = unions[a % unions.length] ?? 'u0';
  const [resourceId, offer] = [...book.offers][b % Math.max(1, book.offers.size)] ?? [];
  const [bookingId, booking] = [...book.bookings][b % Math.max(1, book.bookings.size)] ?? [];
  if (kind === 'offer') offerResource(book, union, b % 2 === 0 ? venue : course);
  else if (kind === 'move') move(book, union, unions[b % unions.length] ?? 'u0');
  else if (resourceId !== undefined && offer?.offered)
    onResource(book, kind, resourceId, offer, union);
  if (bookingId !== undefined && booking !== undefined) onBooking(book, kind, bookingId, booking);
}

function offerResource(book: Book, ownerUnionId: string, kind: ResourceKind): void {
  const resourceId = `r${book.offers.size}`;
  book.offers.set(resourceId, { owner: ownerUnionId, kind, offered: true });
  book.append(resourceId, {
    type: 'ResourceOffered',
    data: {
      resourceId,
      ownerUnionId,
      kind,
      name: resourceId,
      description: '',
      audience: ResourceAudience.RESOURCE_AUDIENCE_ALL,
    },
  });
}

function move(book: Book, unionId: string, toParentId: string): void {
  const fromParentId = book.parents.get(unionId) ?? '';
  if (fromParentId === '' || fromParentId === toParentId) return;
  if (book.line(toParentId).includes(unionId)) return;
  book.parents.set(unionId, toParentId);
  const data = { unionId, fromParentId, toParentId, reason: '' };
  book.append(unionId, { type: 'UnionMoved', data });
}

function onResource(
  book: Book,
  kind: Step['kind'],
  resourceId: string,
  offer: Offer,
  unionId: string,
): void {
  const { owner: ownerUnionId } = offer;
  if (kind === 'withdraw') {
    offer.offered = false;
    const data = { resourceId, ownerUnionId, reason: '' };
    book.append(resourceId, { type: 'ResourceWithdrawn', data });
  } else if (kind === 'hand over' && ownerUnionId !== unionId) {
    offer.owner = unionId;
    const data = { resourceId, fromUnionId: ownerUnionId, toUnionId: unionId, reason: '' };
    book.append(resourceId, { type: 'ResourceHandedOver', data });
  } else if (kind === 'book' || kind === 'queue') {
    const bookingId = `b${book.bookings.size}`;
    const status = kind === 'book' ? 'booked' : 'waiting';
    book.bookings.set(bookingId, {
      resourceId,
      owner: ownerUnionId,
      unionId,
      kind: offer.kind,
      status,
      stars: 0,
    });
    const facts = {
      bookingId,
      resourceId,
      resourceName: resourceId,
      kind: offer.kind,
      ownerUnionId,
      unionId,
      memberId: '',
      ...period,
      sheet: '2026-12-02',
      purpose: '',
    };
    book.append(
      bookingId,
      kind === 'book'
        ? { type: 'ResourceBooked', data: facts }
        : { type: 'BookingQueued', data: { ...facts, waitingPlace: 1, ticket: 1n } },
    );
  }
}

function onBooking(book: Book, kind: Step['kind'], bookingId: string, booking: Booked): void {
  const { resourceId, unionId } = booking;
  const core = { bookingId, resourceId, resourceName: '', unionId, memberId: '', ...period };
  if (kind === 'move up' && booking.status === 'waiting') {
    booking.status = 'booked';
    book.append(bookingId, { type: 'BookingMovedUp', data: core });
  } else if (kind === 'cancel' && booking.status !== 'cancelled' && booking.stars === 0) {
    const wasWaiting = booking.status === 'waiting';
    booking.status = 'cancelled';
    const cancelledBy = BookingCanceller.BOOKING_CANCELLER_PARTY;
    const data = { ...core, cancelledBy, reason: '', wasWaiting };
    book.append(bookingId, { type: 'BookingCancelled', data });
  } else if (kind === 'rate' && booking.status === 'booked' && booking.stars === 0) {
    booking.stars = 4;
    book.append(bookingId, {
      type: 'BookingRated',
      data: { bookingId, resourceId, unionId, stars: 4 },
    });
  }
}

function useOf(documents: Documents, resourceId: string): unknown {
  const { id: _, ...use } = documents.of('resource_use').get(resourceId) ?? {
    ...new Book().use(resourceId),
    id: resourceId,
  };
  return use;
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom<Step['kind'][]>(
      'offer',
      'withdraw',
      'hand over',
      'book',
      'book',
      'book',
      'queue',
      'move up',
      'cancel',
      'rate',
      'move',
    ),
    a: fc.nat(20),
    b: fc.nat(20),
  }),
  { maxLength: 40 },
);

describe('Use of shared resources', () => {
  it('equals a recount, in whatever order the streams arrive', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 2 ** 31 - 2 }), async (history, seed) => {
        const book = write(history);
        const documents = await deliver(book.streams, seed);
        for (const resourceId of book.offers.keys()) {
          expect(useOf(documents, resourceId)).toEqual(book.use(resourceId));
        }
        for (const unionId of book.parents.keys()) {
          const counted = documents.of('statistics').get(unionId) as StatisticsDocument | undefined;
          expect(counted?.use ?? noUse).toEqual(book.totals(unionId));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('has each booking at its party and at the owner of its resource, wherever both went', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 2 ** 31 - 2 }), async (history, seed) => {
        const book = write(history);
        const documents = await deliver(book.streams, seed);
        const pathOf = (unionId: string) => `/${book.line(unionId).join('/')}/`;
        for (const [bookingId, { unionId, resourceId, status, stars }] of book.bookings) {
          const owner = book.offers.get(resourceId)?.owner ?? '';
          expect(documents.of('bookings').get(bookingId)).toMatchObject({
            path: pathOf(unionId),
            resourcePath: `${pathOf(owner)}${resourceId}/`,
            status,
            stars,
          });
        }
      }),
      { numRuns: 300 },
    );
  });
});
