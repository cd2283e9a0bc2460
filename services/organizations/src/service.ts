import {
  OrganizationsServiceService,
  UnionRowsServiceService,
} from '@unionfold/contracts/organizations';
import type { ServiceModule } from '@unionfold/service-kit';
import { type RpcService, rpcService, type ServiceContext } from '@unionfold/service-kit';
import { approvedChangesProjection, takeDueEffects } from './change/due-changes.ts';
import { changeMethods } from './change/methods.ts';
import { resourceMethods } from './resource/methods.ts';
import { unionMethods } from './union/methods.ts';
import { unionRowMethods } from './union-rows/methods.ts';

/** How often changes are looked for whose day has come. Milliseconds. */
const dueChangesMs = 60_000;

/** Organizations (组织): every level's union and how they hang together. */
export const organizationsModule: ServiceModule = {
  name: 'organizations',
  build: (context) => [
    organizations(context),
    rpcService(UnionRowsServiceService, unionRowMethods(context)),
  ],
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
