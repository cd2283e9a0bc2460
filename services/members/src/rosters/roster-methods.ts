import type { RosterServiceService } from '@unionfold/contracts/members';
import type { ReadModel } from '@unionfold/eventsourcing';
import type { Handlers, ServiceContext } from '@unionfold/service-kit';
import { memberDecider } from '../member/decider.ts';

/** Questions of other services on who belongs to a union (名册). */
export function rosterMethods(
  { commands }: Pick<ServiceContext, 'commands'>,
  rosters: ReadModel,
): Handlers<typeof RosterServiceService> {
  return {
    checkRoster: async ({ unionId, memberIds, countUpTo }) => {
      const standings = await Promise.all(
        [...new Set(memberIds)].map(async (memberId) => {
          const { state } = await commands.read(memberDecider, memberId);
          return { memberId, isLive: state.status === 'active' && state.unionId === unionId };
        }),
      );
      const members =
        countUpTo === 0
          ? 0
          : await rosters.count('members', { where: { unionId, live: true }, limit: countUpTo });
      return {
        absentMemberIds: standings.flatMap(({ memberId, isLive }) => (isLive ? [] : memberId)),
        members,
      };
    },
  };
}
