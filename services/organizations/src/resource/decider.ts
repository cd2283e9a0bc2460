import { ResourceAudience, ResourceKind } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import {
  type CorrectResource,
  formerOwnerOf,
  type OfferResource,
  type ResourceCommand,
  type ResourceEvent,
  type ResourceState,
} from './resource.ts';
import { settledTerms, termsFault } from './terms-policy.ts';

/** Longest name of a resource, in characters. */
const longestName = 120;

/** The rules of a resource that a union offers to others. */
export const resourceDecider: Decider<ResourceState, ResourceCommand, ResourceEvent> = {
  aggregate: 'resource',
  initialState: {
    status: 'absent',
    ownerUnionId: '',
    formerOwnerId: '',
    kind: ResourceKind.RESOURCE_KIND_UNSPECIFIED,
    name: '',
    description: '',
    audience: ResourceAudience.RESOURCE_AUDIENCE_UNSPECIFIED,
    terms: settledTerms(undefined),
  },
  decide: (command, state) => {
    if (command.type === 'OfferResource') return offer(command, state);
    if (command.type === 'HandOverResource') return handOver(command, state);
    // To anyone but the owner, what is not theirs to change is not there.
    if (state.status === 'absent' || state.ownerUnionId !== command.ownerUnionId) {
      return refuse('resource-unknown', { field: 'resourceId' });
    }
    if (command.type === 'CorrectResource') return correct(command, state);
    if (state.status === 'withdrawn') return [];
    const { resourceId, ownerUnionId, reason } = command;
    return [{ type: 'ResourceWithdrawn', data: { resourceId, ownerUnionId, reason } }];
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ResourceOffered': {
        const { ownerUnionId, kind, name, description, audience, terms } = event.data;
        return {
          status: 'offered',
          ownerUnionId,
          formerOwnerId: '',
          kind,
          name,
          description,
          audience,
          terms: settledTerms(terms),
        };
      }
      case 'ResourceCorrected': {
        const { name, description, audience, terms } = event.data;
        return { ...state, name, description, audience, terms: settledTerms(terms) };
      }
      case 'ResourceHandedOver':
        return {
          ...state,
          ownerUnionId: event.data.toUnionId,
          formerOwnerId: formerOwnerOf(event.data),
        };
      case 'ResourceWithdrawn':
        return { ...state, status: 'withdrawn' };
    }
  },
};

function offer(command: OfferResource, state: ResourceState): Decision<ResourceEvent> {
  const { resourceId, ownerUnionId, kind, description, audience } = command;
  if (state.status !== 'absent') return refuse('id-taken', { field: 'resourceId' });
  if (!command.ownerLive) return refuse('union-not-live', { field: 'ownerUnionId' });
  const name = command.name.trim();
  const terms = settledTerms(command.terms);
  const fault = nameFault(name) ?? kindFault(kind) ?? audienceFault(audience);
  const refusal = fault ?? termsFault(terms, audience);
  if (refusal !== undefined) return refusal;
  return [
    {
      type: 'ResourceOffered',
      data: { resourceId, ownerUnionId, kind, name, description, audience, terms },
    },
  ];
}

function correct(command: CorrectResource, state: ResourceState): Decision<ResourceEvent> {
  if (state.status === 'withdrawn') return refuse('resource-withdrawn', { field: 'resourceId' });
  const before = state.terms;
  // Sheets of days do not see bookings of whole days, which would then be booked over.
  if (command.calendar !== undefined && before.calendar === undefined && command.bookedByDays) {
    return refuse('resource-booked-by-days', { field: 'calendar' });
  }
  const { resourceId, ownerUnionId, reason, calendar = before.calendar } = command;
  const audience = command.audience ?? state.audience;
  const name = command.name?.trim() ?? state.name;
  const description = command.description ?? state.description;
  const terms = {
    capacity: command.capacity ?? before.capacity,
    ...(calendar === undefined ? {} : { calendar }),
    eligibility: command.eligibility ?? before.eligibility,
    regionCode: command.regionCode ?? before.regionCode,
    levelUnionType: command.levelUnionType ?? before.levelUnionType,
    bookableDays: command.bookableDays ?? before.bookableDays,
  };
  // A name that was taken when longer ones were is no reason to refuse other changes.
  const named = command.name === undefined ? undefined : nameFault(name);
  const fault = named ?? audienceFault(audience) ?? termsFault(terms, audience);
  if (fault !== undefined) return fault;
  const isSame =
    name === state.name &&
    description === state.description &&
    audience === state.audience &&
    JSON.stringify(settledTerms(terms)) === JSON.stringify(settledTerms(before));
  if (isSame) return [];
  return [
    {
      type: 'ResourceCorrected',
      data: { resourceId, ownerUnionId, name, description, audience, terms, reason },
    },
  ];
}

/** What is withdrawn already stays where it was: nobody has to look after it. */
function handOver(
  { resourceId, toUnionId, reason }: Extract<ResourceCommand, { type: 'HandOverResource' }>,
  state: ResourceState,
): Decision<ResourceEvent> {
  const { ownerUnionId: fromUnionId } = state;
  if (state.status !== 'offered' || toUnionId === fromUnionId) return [];
  return [{ type: 'ResourceHandedOver', data: { resourceId, fromUnionId, toUnionId, reason } }];
}

function nameFault(name: string): RefusedProblem | undefined {
  if (name === '') return refuse('name-missing', { field: 'name' });
  return [...name].length > longestName
    ? refuse('name-too-long', { field: 'name', params: { maximum: longestName } })
    : undefined;
}

function kindFault(kind: ResourceKind): RefusedProblem | undefined {
  return kind === ResourceKind.RESOURCE_KIND_UNSPECIFIED
    ? refuse('resource-kind-missing', { field: 'kind' })
    : undefined;
}

function audienceFault(audience: ResourceAudience): RefusedProblem | undefined {
  return audience === ResourceAudience.RESOURCE_AUDIENCE_UNSPECIFIED
    ? refuse('resource-audience-missing', { field: 'audience' })
    : undefined;
}
