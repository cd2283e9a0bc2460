import { type EventOf, ResourceAudience, ResourceKind } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider } from '@unionfold/eventsourcing';

/** The events of a shared resource (共享资源). */
export type ResourceEvent = EventOf<'ResourceOffered' | 'ResourceWithdrawn'>;

/** What is known of a shared resource. */
export interface ResourceState {
  readonly status: 'absent' | 'offered' | 'withdrawn';
  readonly ownerUnionId: string;
}

/** What can be asked of a shared resource. */
export type ResourceCommand =
  | {
      readonly type: 'OfferResource';
      readonly resourceId: string;
      readonly ownerUnionId: string;
      readonly kind: ResourceKind;
      readonly name: string;
      readonly description: string;
      readonly audience: ResourceAudience;
      readonly ownerLive: boolean;
    }
  | {
      readonly type: 'WithdrawResource';
      readonly resourceId: string;
      readonly ownerUnionId: string;
      readonly reason: string;
    };

/** The rules of a resource that a union offers to others. */
export const resourceDecider: Decider<ResourceState, ResourceCommand, ResourceEvent> = {
  aggregate: 'resource',
  initialState: { status: 'absent', ownerUnionId: '' },
  decide: (command, state) => {
    if (command.type === 'OfferResource') {
      const { type: _, ownerLive, ...offer } = command;
      if (state.status !== 'absent') return refuse('id-taken', { field: 'resourceId' });
      if (!ownerLive) return refuse('union-not-live', { field: 'ownerUnionId' });
      if (offer.name.trim() === '') return refuse('name-missing', { field: 'name' });
      if (offer.kind === ResourceKind.RESOURCE_KIND_UNSPECIFIED) {
        return refuse('resource-kind-missing', { field: 'kind' });
      }
      if (offer.audience === ResourceAudience.RESOURCE_AUDIENCE_UNSPECIFIED) {
        return refuse('resource-audience-missing', { field: 'audience' });
      }
      return [{ type: 'ResourceOffered', data: { ...offer, name: offer.name.trim() } }];
    }
    // To anyone but the owner, what is not theirs to withdraw is not there.
    if (state.status === 'absent' || state.ownerUnionId !== command.ownerUnionId) {
      return refuse('resource-unknown', { field: 'resourceId' });
    }
    if (state.status === 'withdrawn') return [];
    const { resourceId, ownerUnionId, reason } = command;
    return [{ type: 'ResourceWithdrawn', data: { resourceId, ownerUnionId, reason } }];
  },
  evolve: (_state, event) => ({
    status: event.type === 'ResourceOffered' ? 'offered' : 'withdrawn',
    ownerUnionId: event.data.ownerUnionId,
  }),
};
