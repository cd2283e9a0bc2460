import {
  OrganizationsServiceService,
  UnionRowsServiceService,
} from '@unionfold/contracts/organizations';
import {
  type RpcService,
  rpcService,
  type ServiceContext,
  type ServiceModule,
} from '@unionfold/service-kit';
import { bookingService } from './booking/methods.ts';
import { grid } from './cell/grid.ts';
import { approvedChangesProjection, takeDueEffects } from './change/due-changes.ts';
import { changeMethods } from './change/methods.ts';
import { committees } from './committee/committees.ts';
import { resourceMethods } from './resource/methods.ts';
import { offersProjection } from './resource/offers-projection.ts';
import { resourceSuccession } from './resource/succession.ts';
import { unionMethods } from './union/methods.ts';
import { unionRowMethods } from './union-rows/methods.ts';

/** How often changes are looked for whose day has come. Milliseconds. */
const dueChangesMs = 60_000;

/** Organizations (组织): every level's union and how they hang together. */
export const organizationsModule: ServiceModule = {
  name: 'organizations',
  build: (context) => {
    const services = [
      organizations(context),
      bookingService(context),
      committees(context),
      grid(context),
      rpcService(UnionRowsServiceService, unionRowMethods(context)),
    ];
    const offers = context.projection(offersProjection);
    context.reaction(resourceSuccession({ commands: context.commands, offers }));
    return services;
  },
};

function organizations(context: ServiceContext): RpcService {
  const approved = context.projection(approvedChangesProjection);
  context.recurring({
    name: 'due-changes',
    everyMs: dueChangesMs,
    run: (now) => takeDueEffects(context.commands, approved, now),
  });
  return rpcService(OrganizationsServiceService, {
    ...unionMethods(context),
    ...changeMethods(context),
    ...resourceMethods(context),
  });
}
