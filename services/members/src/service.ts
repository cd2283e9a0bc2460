import { chinaDate, isValidId, parseCitizenNumber } from '@unionfold/codes';
import {
  type Member,
  MembershipStatus,
  MembersServiceService,
  RosterServiceService,
} from '@unionfold/contracts/members';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { CommandSession, Refusal } from '@unionfold/eventsourcing';
import { blindIndex, maskCitizenNumber, maskMobile } from '@unionfold/privacy';
import {
  type RpcService,
  remoteService,
  rpcService,
  type ServiceContext,
  type ServiceModule,
} from '@unionfold/service-kit';
import { identityDecider } from './identity/decider.ts';
import { memberDecider } from './member/decider.ts';
import { rosterMethods } from './rosters/roster-methods.ts';
import { rostersProjection } from './rosters/rosters-projection.ts';
import { UnionDirectory } from './rosters/union-directory.ts';
import { succession } from './succession/succession.ts';

/** Members (会员): real-name members, each with at most one live membership nationwide. */
export const membersModule: ServiceModule = {
  name: 'members',
  build: members,
};

function members(context: ServiceContext): RpcService[] {
  const { commands, answer } = context;
  const rosters = context.projection(rostersProjection);
  const unions = new UnionDirectory(
    rosters,
    remoteService(OrganizationsServiceService, 'organizations', context.directory),
  );
  context.reaction(succession({ commands, rosters, unions }));

  /** The index under which a citizen number is unique; empty for text that is none, which the decider refuses. */
  const indexOf = (citizenNumber: string): string => {
    const parsed = parseCitizenNumber(citizenNumber);
    return parsed.ok ? blindIndex(context.masterKey, 'citizen-number', parsed.number) : '';
  };

  const roster = rpcService(RosterServiceService, rosterMethods(context, rosters));
  const own = rpcService(MembersServiceService, {
    enrolMember: async (request, call) => {
      // Made outside the work, which may run again: every id that is tried leaves a key of a person behind.
      const memberId = request.memberId === '' ? context.newId() : request.memberId;
      if (!isValidId(memberId)) {
        return refuse('id-invalid', { field: 'memberId', params: { maximum: 64 } });
      }
      return answer(
        await commands.execute(call, async (session) => {
          const citizenNumberIndex = indexOf(request.citizenNumber);
          const [member, union] = await Promise.all([
            session.load(memberDecider, memberId, { isLikelyNew: true }),
            unions.standing(request.unionId, call),
            // Needed at the end; asked for together, the two streams come together.
            session.load(identityDecider, citizenNumberIndex, { isLikelyNew: true }),
          ]);
          return (
            member.decide({
              ...request,
              type: 'EnrolMember',
              memberId,
              citizenNumberIndex,
              union,
              today: chinaDate(session.now),
            }) ??
            (await claim(session, citizenNumberIndex, memberId)) ??
            memberId
          );
        }),
      );
    },

    correctMember: async (request, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const { memberId } = request;
          const member = await session.load(memberDecider, memberId);
          const before = member.state.citizenNumberIndex;
          const refusal =
            member.expectVersion(Number(request.expectedVersion)) ??
            member.decide({
              ...request,
              type: 'CorrectMember',
              citizenNumberIndex: indexOf(request.citizenNumber),
              today: chinaDate(session.now),
            });
          if (refusal !== undefined) return refusal;
          const after = member.state.citizenNumberIndex;
          if (after === before) return memberId;
          return (
            (await release(session, before, memberId)) ??
            (await claim(session, after, memberId)) ??
            memberId
          );
        }),
      ),

    transferMember: async ({ memberId, toUnionId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const member = await session.load(memberDecider, memberId);
          const toUnion = await unions.standing(toUnionId, call);
          return (
            member.expectVersion(Number(expectedVersion)) ??
            member.decide({ type: 'TransferMember', toUnionId, toUnion, reason }) ??
            memberId
          );
        }),
      ),

    leaveUnion: async ({ memberId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const member = await session.load(memberDecider, memberId);
          return (
            member.expectVersion(Number(expectedVersion)) ??
            member.decide({ type: 'LeaveUnion', reason }) ??
            (await release(session, member.state.citizenNumberIndex, memberId)) ??
            memberId
          );
        }),
      ),

    getMember: async ({ memberId }) => await readMember(context, memberId),
  });
  return [own, roster];
}

async function claim(
  session: CommandSession,
  citizenNumberIndex: string,
  memberId: string,
): Promise<Refusal | undefined> {
  const identity = await session.load(identityDecider, citizenNumberIndex);
  return identity.decide({ type: 'ClaimIdentity', citizenNumberIndex, memberId });
}

async function release(
  session: CommandSession,
  citizenNumberIndex: string,
  memberId: string,
): Promise<Refusal | undefined> {
  const identity = await session.load(identityDecider, citizenNumberIndex);
  return identity.decide({ type: 'ReleaseIdentity', citizenNumberIndex, memberId });
}

const statuses = {
  absent: MembershipStatus.MEMBERSHIP_STATUS_UNSPECIFIED,
  active: MembershipStatus.MEMBERSHIP_STATUS_ACTIVE,
  left: MembershipStatus.MEMBERSHIP_STATUS_LEFT,
} as const;

async function readMember(context: ServiceContext, memberId: string): Promise<Member | Refusal> {
  const { state, version } = await context.commands.read(memberDecider, memberId);
  if (state.status === 'absent') return refuse('member-unknown', { field: 'memberId' });
  const { citizenNumber, citizenNumberIndex: _, mobile, ...shown } = state;
  return {
    ...shown,
    status: statuses[state.status],
    citizenNumberMasked: maskCitizenNumber(citizenNumber),
    mobileMasked: maskMobile(mobile),
    version: BigInt(version),
  };
}
