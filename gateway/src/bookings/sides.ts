import type { ReadModel } from '@unionfold/eventsourcing';
import type { CallOrigin } from '@unionfold/service-kit';
import { granted, refused } from '../http/refused.ts';
import type { Caller } from '../identity/caller.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { ResourceDocument } from '../read-models/federation/documents.ts';
import type { Services } from '../services.ts';

/** Whose matter a booking is for a caller: its party's, its owner's, or both. */
export interface Sides {
  readonly isParty: boolean;
  /** The booking of the caller's own union, or of the worker who calls. */
  readonly isOwn: boolean;
  readonly isOwner: boolean;
}

/**
 * Finds out on which sides of a booking the caller stands. The service is asked, so that a booking made a moment ago
 * counts. A worker's booking is nobody's matter but the worker's and the owner's: what somebody sees a lawyer about does
 * not concern the worker's own union.
 * @throws Refused `booking-unknown` when the caller stands on neither, or there is no such booking
 */
export async function sidesOf(
  { federation, services }: { readonly federation: ReadModel; readonly services: Services },
  scope: Scope,
  caller: Caller,
  bookingId: string,
  origin: CallOrigin,
): Promise<Sides> {
  const booking = granted(await services.bookings.getBooking({ bookingId }, origin));
  if (caller.role === 'worker') {
    if (booking.memberId === '' || booking.memberId !== caller.memberId) throw unknown();
    return { isParty: true, isOwn: true, isOwner: false };
  }
  const isUnions = booking.memberId === '';
  const isParty = isUnions && (await holds(scope, booking.unionId));
  const resource = (await federation.get('resources', booking.resourceId)) as
    | ResourceDocument
    | undefined;
  const isOwner =
    resource === undefined ? await holds(scope, booking.ownerUnionId) : scope.covers(resource.path);
  if (!isParty && !isOwner) throw unknown();
  return { isParty, isOwn: isUnions && booking.unionId === scope.unionId, isOwner };
}

async function holds(scope: Scope, unionId: string): Promise<boolean> {
  return (await scope.union(unionId)) !== undefined;
}

function unknown() {
  return refused('booking-unknown', { field: 'bookingId' });
}
