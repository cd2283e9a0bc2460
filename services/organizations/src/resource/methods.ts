import { isValidId } from '@unionfold/codes';
import type { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import { isRefusal } from '@unionfold/eventsourcing';
import type { Handlers, ServiceContext } from '@unionfold/service-kit';
import { cancelAhead } from '../booking/waiting-list.ts';
import { unionDecider } from '../union/decider.ts';
import { resourceDecider } from './decider.ts';

/** The methods of shared resources. */
export type ResourceMethods = Pick<
  Handlers<typeof OrganizationsServiceService>,
  'offerResource' | 'withdrawResource'
>;

/** Offering and withdrawing shared resources (共享资源). */
export function resourceMethods({ commands, answer }: ServiceContext): ResourceMethods {
  return {
    offerResource: async (request, call) => {
      if (request.dryRun === true) {
        const owner = await commands.read(unionDecider, request.ownerUnionId);
        const decision = resourceDecider.decide(
          { ...request, type: 'OfferResource', ownerLive: owner.state.status === 'active' },
          resourceDecider.initialState,
        );
        return isRefusal(decision) ? decision : { id: '', version: 0n, positions: [] };
      }
      return answer(
        await commands.execute(call, async (session) => {
          const resourceId = request.resourceId === '' ? session.newId() : request.resourceId;
          if (!isValidId(resourceId)) return refuse('id-invalid', { field: 'resourceId' });
          const resource = await session.load(resourceDecider, resourceId);
          const owner = await session.load(unionDecider, request.ownerUnionId);
          const ownerLive = owner.state.status === 'active';
          return (
            resource.decide({ ...request, type: 'OfferResource', resourceId, ownerLive }) ??
            resourceId
          );
        }),
      );
    },

    withdrawResource: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { resourceId, reason } = request;
          const resource = await session.load(resourceDecider, resourceId);
          const refusal = resource.decide({ ...request, type: 'WithdrawResource' });
          if (refusal !== undefined) return refusal;
          if (resource.pending.length === 0) return resourceId;
          return (await cancelAhead(session, resourceId, reason)) ?? resourceId;
        }),
      ),
  };
}
