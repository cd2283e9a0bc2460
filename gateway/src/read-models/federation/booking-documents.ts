import type { ResourceKind } from '@unionfold/contracts';
import type { CollectionSpec, Document } from '@unionfold/eventsourcing';

/** A booking of a shared resource. */
export interface BookingDocument extends Document {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly kind: ResourceKind;
  /** The owner when it was booked. */
  readonly ownerUnionId: string;
  readonly unionId: string;
  /** Empty for a booking of a union. */
  readonly memberId: string;
  /** Where the union is that booked; empty for a worker's booking, which is nobody else's matter there. */
  readonly path: string;
  /** Where the owner is now, and the resource's id as the last part. */
  readonly resourcePath: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly purpose: string;
  readonly status: 'booked' | 'waiting' | 'cancelled';
  /** Order in the waiting list; 0 for who never waited. */
  readonly ticket: number;
  readonly stars: number;
  readonly cancelReason: string;
  readonly bookedAt: string;
  readonly version: number;
}

/** How a resource is used. Cancelled bookings and those that wait do not count. */
export interface ResourceUseDocument extends Document {
  readonly bookings: number;
  readonly minutes: number;
  /** Of the bookings: those of the owner itself. */
  readonly ownBookings: number;
  /** Unions other than the owner that booked it. */
  readonly borrowers: number;
  /** Of these: those that offer none of the kind themselves (避免重复建设). */
  readonly spared: number;
  readonly ratings: number;
  readonly stars: number;
}

/** What a union has, and what it borrows, of one kind. Its id is `<union>/<kind>`; of all kinds, `<union>`. */
export interface KindUseDocument extends Document {
  /** Resources of the kind that the union offers now. */
  readonly offered: number;
  /** Bookings of other unions' resources of the kind, by resource. */
  readonly borrowed: Readonly<Record<string, number>>;
}

/** The collections of bookings and of what is counted over them. */
export const bookingCollections: readonly CollectionSpec[] = [
  {
    name: 'bookings',
    indexes: [
      { fields: ['path', 'startsAt', 'id'] },
      { fields: ['resourcePath', 'startsAt', 'id'] },
      { fields: ['resourceId', 'startsAt', 'ticket', 'id'] },
      { fields: ['memberId', 'startsAt', 'id'] },
    ],
    paths: ['path', 'resourcePath'],
  },
  { name: 'resource_use', indexes: [] },
  { name: 'kind_use', indexes: [] },
];
