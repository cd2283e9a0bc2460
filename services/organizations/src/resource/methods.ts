import { isValidId } from '@unionfold/codes';
import type { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { Handlers, ServiceContext } from '@unionfold/service-kit';
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
    offerResource: async (request, call) =>
      answer(
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
      ),

    withdrawResource: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const resource = await session.load(resourceDecider, request.resourceId);
          return resource.decide({ ...request, type: 'WithdrawResource' }) ?? request.resourceId;
        }),
      ),
  };
}
