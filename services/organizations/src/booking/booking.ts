import type { BookingCanceller, EventOf, ResourceKind } from '@unionfold/contracts';
import type { ChinaTime } from './china-time.ts';
import type { Period } from './slots.ts';

/** The events of a booking (预约). */
export type BookingEvent = EventOf<
  'ResourceBooked' | 'BookingQueued' | 'BookingMovedUp' | 'BookingCancelled' | 'BookingRated'
>;

/** What is booked, and for whom. */
export interface BookingFacts extends Period {
  readonly bookingId: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly kind: ResourceKind;
  readonly ownerUnionId: string;
  readonly unionId: string;
  /** The worker who booked; empty for a union. */
  readonly memberId: string;
  readonly sheet: string;
  readonly purpose: string;
}

/** What is known of a booking: 已预约, 候补, 已取消. */
export interface BookingState extends BookingFacts {
  readonly status: 'absent' | 'booked' | 'waiting' | 'cancelled';
  readonly stars: number;
}

/** What can be asked of a booking. */
export type BookingCommand =
  | BookResource
  | { readonly type: 'MoveUpBooking' }
  | {
      readonly type: 'CancelBooking';
      readonly cancelledBy: BookingCanceller;
      readonly reason: string;
      readonly now: ChinaTime;
    }
  | { readonly type: 'RateBooking'; readonly stars: number; readonly now: ChinaTime };

/** Book (预约). What the command needs to know of the resource and the sheet comes with it. */
export interface BookResource extends BookingFacts {
  readonly type: 'BookResource';
  /** 0: it has a place. */
  readonly waitingPlace: number;
  readonly ticket: number;
}
