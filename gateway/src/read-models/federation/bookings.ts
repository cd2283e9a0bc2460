import type { ResourceKind } from '@unionfold/contracts';
import type { UnitOfWork } from '@unionfold/eventsourcing';
import type { BookingDocument, KindUseDocument, ResourceUseDocument } from './booking-documents.ts';
import type { ResourceDocument } from './documents.ts';
import type { EventHandlers, FederationContext } from './projection.ts';

/** What a booking's first event tells. */
type Booked = Pick<
  BookingDocument,
  'resourceId' | 'resourceName' | 'ownerUnionId' | 'unionId' | 'memberId' | 'purpose'
> &
  Pick<BookingDocument, 'kind' | 'startsAt' | 'endsAt'> & { readonly bookingId: string };

/** Bookings of shared resources, and how these are used (预约, 使用统计). */
export const bookingHandlers: EventHandlers = {
  ResourceBooked: async (booked, context, recorded) => {
    const booking = await place(booked, context, recorded, { status: 'booked', ticket: 0 });
    await count(context, booking, 1);
  },
  BookingQueued: async (queued, context, recorded) => {
    await place(queued, context, recorded, { status: 'waiting', ticket: Number(queued.ticket) });
  },
  BookingMovedUp: async ({ bookingId }, context, { version }) => {
    const booking = await update(context.documents, bookingId, { status: 'booked', version });
    if (booking !== undefined) await count(context, booking, 1);
  },
  BookingCancelled: async ({ bookingId, wasWaiting, reason }, context, { version }) => {
    const change = { status: 'cancelled', cancelReason: reason, version } as const;
    const booking = await update(context.documents, bookingId, change);
    if (booking !== undefined && !wasWaiting) await count(context, booking, -1);
  },
  BookingRated: async ({ bookingId, stars }, { documents, tree }, { version }) => {
    const booking = await update(documents, bookingId, { stars, version });
    if (booking === undefined) return;
    const use = await useOf(documents, booking.resourceId);
    documents.put('resource_use', {
      ...use,
      ratings: use.ratings + 1,
      stars: use.stars + stars,
    });
    await tree.add(booking.ownerUnionId, { use: { ratings: 1, stars } });
  },
};

/** After a union began or ceased to offer something: whom the lack of it made borrow is another question now. */
export async function countOffer(
  { documents, tree }: FederationContext,
  unionId: string,
  kind: ResourceKind,
  change: 1 | -1,
): Promise<void> {
  await tree.add(unionId, { use: { resources: change } });
  const before = await kindUseOf(documents, `${unionId}/${kind}`);
  const offered = before.offered + change;
  documents.put('kind_use', { ...before, offered });
  if (before.offered > 0 === offered > 0) return;
  const spared = offered > 0 ? -1 : 1;
  const borrowed = Object.keys(before.borrowed);
  if (borrowed.length > 0) await tree.add(unionId, { use: { spared } });
  for (const resourceId of borrowed) {
    const use = await useOf(documents, resourceId);
    documents.put('resource_use', { ...use, spared: use.spared + spared });
  }
}

/** The owner's place, and the resource below it: so a move or a handing over takes all bookings along. */
export function resourcePathOf(ownerPath: string, resourceId: string): string {
  return `${ownerPath}${resourceId}/`;
}

async function place(
  booked: Booked,
  { documents, tree }: FederationContext,
  { version, metadata }: { readonly version: number; readonly metadata: { occurredAt: string } },
  standing: Pick<BookingDocument, 'status' | 'ticket'>,
): Promise<BookingDocument> {
  const { resourceId, unionId, memberId } = booked;
  // Touching the totals marks the unions as ones that have something placed at them, should they be moved later.
  await tree.add(unionId, {});
  await tree.add(booked.ownerUnionId, {});
  const { path } = await tree.union(unionId);
  const resource = (await documents.get('resources', resourceId)) as ResourceDocument | undefined;
  // Whoever owns it now, also when it was handed over since.
  const owner = await tree.union(resource?.ownerUnionId ?? booked.ownerUnionId);
  const booking = {
    id: booked.bookingId,
    resourceId,
    resourceName: booked.resourceName,
    kind: booked.kind,
    ownerUnionId: booked.ownerUnionId,
    unionId,
    memberId,
    path: memberId === '' ? path : '',
    resourcePath: resourcePathOf(owner.path, resourceId),
    startsAt: booked.startsAt,
    endsAt: booked.endsAt,
    purpose: booked.purpose,
    ...standing,
    stars: 0,
    cancelReason: '',
    bookedAt: metadata.occurredAt,
    version,
  } satisfies BookingDocument;
  documents.put('bookings', booking);
  return booking;
}

/** Counts a booking that got a place, or takes off one that lost it. */
async function count(
  context: FederationContext,
  booking: BookingDocument,
  change: 1 | -1,
): Promise<void> {
  const { documents, tree } = context;
  const { resourceId, ownerUnionId, unionId } = booking;
  const minutes = change * minutesOf(booking);
  const isLent = unionId !== ownerUnionId;
  const use = await useOf(documents, resourceId);
  documents.put('resource_use', {
    ...use,
    bookings: use.bookings + change,
    minutes: use.minutes + minutes,
    ownBookings: use.ownBookings + (isLent ? 0 : change),
  });
  await tree.add(ownerUnionId, { use: { bookings: change, minutes, lent: isLent ? change : 0 } });
  if (!isLent) return;
  await tree.add(unionId, { use: { borrowed: change, borrowedMinutes: minutes } });
  await countBorrowing(context, booking, change);
}

async function countBorrowing(
  { documents, tree }: FederationContext,
  { resourceId, unionId, kind }: BookingDocument,
  change: 1 | -1,
): Promise<void> {
  const ofKind = await kindUseOf(documents, `${unionId}/${kind}`);
  const { after, began, ended } = changed(ofKind, resourceId, change);
  documents.put('kind_use', after);
  if (began || ended) {
    const use = await useOf(documents, resourceId);
    const spared = ofKind.offered > 0 ? 0 : change;
    documents.put('resource_use', {
      ...use,
      borrowers: use.borrowers + change,
      spared: use.spared + spared,
    });
    const isFirstOrLast = Object.keys((began ? ofKind : after).borrowed).length === 0;
    if (isFirstOrLast && spared !== 0) await tree.add(unionId, { use: { spared } });
  }
  const ofAll = await kindUseOf(documents, unionId);
  const any = changed(ofAll, 'any', change);
  documents.put('kind_use', any.after);
  if (any.began || any.ended) await tree.add(unionId, { use: { borrowingUnions: change } });
}

/** One booking more or less of a resource; entries that come to nothing are left out. */
function changed(
  before: KindUseDocument,
  key: string,
  change: 1 | -1,
): { readonly after: KindUseDocument; readonly began: boolean; readonly ended: boolean } {
  const { [key]: had = 0, ...others } = before.borrowed;
  const has = had + change;
  const borrowed = has === 0 ? others : { ...others, [key]: has };
  return { after: { ...before, borrowed }, began: had === 0, ended: has === 0 };
}

async function update(
  documents: UnitOfWork,
  bookingId: string,
  change: Partial<BookingDocument>,
): Promise<BookingDocument | undefined> {
  const before = (await documents.get('bookings', bookingId)) as BookingDocument | undefined;
  if (before === undefined) return undefined;
  const after = { ...before, ...change } as BookingDocument;
  documents.put('bookings', after);
  return after;
}

async function useOf(documents: UnitOfWork, resourceId: string): Promise<ResourceUseDocument> {
  const found = (await documents.get('resource_use', resourceId)) as
    | ResourceUseDocument
    | undefined;
  return (
    found ?? {
      id: resourceId,
      bookings: 0,
      minutes: 0,
      ownBookings: 0,
      borrowers: 0,
      spared: 0,
      ratings: 0,
      stars: 0,
    }
  );
}

async function kindUseOf(documents: UnitOfWork, id: string): Promise<KindUseDocument> {
  const found = (await documents.get('kind_use', id)) as KindUseDocument | undefined;
  return found ?? { id, offered: 0, borrowed: {} };
}

function minutesOf({ startsAt, endsAt }: BookingDocument): number {
  return (Date.parse(`${endsAt}Z`) - Date.parse(`${startsAt}Z`)) / 60_000;
}
