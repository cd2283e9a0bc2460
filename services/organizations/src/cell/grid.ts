import { MembersServiceService } from '@unionfold/contracts/members';
import { GridServiceService } from '@unionfold/contracts/organizations';
import {
  type RpcService,
  remoteService,
  rpcService,
  type ServiceContext,
} from '@unionfold/service-kit';
import { employerMethods } from '../employer/methods.ts';
import { cadreWatch } from './cadre-watch.ts';
import { cellSuccession } from './cell-succession.ts';
import { Memberships } from './memberships.ts';
import { cellMethods } from './methods.ts';

/** The grid (网格化建会): employers, the cells that they lie in, and who looks after them. */
export function grid(context: ServiceContext): RpcService {
  const { commands, directory } = context;
  const memberships = new Memberships(remoteService(MembersServiceService, 'members', directory));
  context.reaction(cellSuccession({ commands }));
  context.reaction(cadreWatch({ commands, memberships }));
  return rpcService(GridServiceService, {
    ...employerMethods(context, memberships),
    ...cellMethods(context, memberships),
  });
}
