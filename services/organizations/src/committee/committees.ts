import { RosterServiceService } from '@unionfold/contracts/members';
import { CommitteesServiceService } from '@unionfold/contracts/organizations';
import {
  type RpcService,
  remoteService,
  rpcService,
  type ServiceContext,
} from '@unionfold/service-kit';
import { committeeMethods } from './methods.ts';
import { officersFollow } from './officers/officers-follow.ts';
import { dueWarningsProjection } from './term-warnings/due-warnings-projection.ts';
import { warnDue } from './term-warnings/term-warnings.ts';

/** How often terms are looked at that end. Milliseconds. */
const warningsMs = 60_000;

/** Committees and elections (委员会与换届选举): the gRPC service, what it reacts to, and what falls due. */
export function committees(context: ServiceContext): RpcService {
  const { commands, logger } = context;
  const members = remoteService(RosterServiceService, 'members', context.directory);
  const due = context.projection(dueWarningsProjection);
  context.reaction(officersFollow({ commands, members }));
  context.recurring({
    name: 'term-warnings',
    everyMs: warningsMs,
    run: async (now) => {
      await warnDue({ commands, due, logger }, now);
    },
  });
  return rpcService(CommitteesServiceService, committeeMethods(context, members));
}
