import type {
  EventOf,
  ResourceAudience,
  ResourceCalendar,
  ResourceEligibility,
  ResourceKind,
  ResourceTerms,
  UnionType,
} from '@unionfold/contracts';
import type { SettledTerms } from './terms-policy.ts';

/** The events of a shared resource (共享资源). */
export type ResourceEvent = EventOf<
  'ResourceOffered' | 'ResourceCorrected' | 'ResourceWithdrawn' | 'ResourceHandedOver'
>;

/** What is known of a shared resource. */
export interface ResourceState {
  readonly status: 'absent' | 'offered' | 'withdrawn';
  readonly ownerUnionId: string;
  /** The dissolved union that it came from, to which it goes back should that be restored; empty otherwise. */
  readonly formerOwnerId: string;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly description: string;
  readonly audience: ResourceAudience;
  readonly terms: SettledTerms;
}

/** Why a resource passes to another union. */
export type HandOverReason = 'union-dissolved' | 'union-restored';

/** The union to which a resource that was handed over goes back, should that be restored. */
export function formerOwnerOf({ fromUnionId, reason }: EventOf<'ResourceHandedOver'>['data']) {
  return reason === ('union-dissolved' satisfies HandOverReason) ? fromUnionId : '';
}

/** Offer (提供). */
export interface OfferResource {
  readonly type: 'OfferResource';
  readonly resourceId: string;
  readonly ownerUnionId: string;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly description: string;
  readonly audience: ResourceAudience;
  readonly terms?: ResourceTerms | undefined;
  readonly ownerLive: boolean;
}

/** Change what it is or its terms (变更共享条件); what is absent stays as it is. */
export interface CorrectResource {
  readonly type: 'CorrectResource';
  readonly resourceId: string;
  readonly ownerUnionId: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly audience?: ResourceAudience | undefined;
  readonly levelUnionType?: UnionType | undefined;
  readonly capacity?: number | undefined;
  readonly calendar?: ResourceCalendar | undefined;
  readonly eligibility?: ResourceEligibility | undefined;
  readonly regionCode?: string | undefined;
  readonly bookableDays?: number | undefined;
  readonly reason: string;
  /** Whether somebody has booked whole days that are not over. */
  readonly bookedByDays: boolean;
}

/** What can be asked of a shared resource. */
export type ResourceCommand =
  | OfferResource
  | CorrectResource
  | {
      readonly type: 'WithdrawResource';
      readonly resourceId: string;
      readonly ownerUnionId: string;
      readonly reason: string;
    }
  | {
      readonly type: 'HandOverResource';
      readonly resourceId: string;
      readonly toUnionId: string;
      readonly reason: HandOverReason;
    };
