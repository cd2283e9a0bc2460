import { isValidId } from '@unionfold/codes';
import { MembershipStatus, type MembersServiceService } from '@unionfold/contracts/members';
import { type CommandContext, type CommandSession, isRefusal } from '@unionfold/eventsourcing';
import type { RemoteMethods } from '@unionfold/service-kit';
import { unionDecider } from '../union/decider.ts';
import { deepest, uppersFrom } from '../union/hierarchy.ts';

/** What the members service says of somebody who is no member. */
const absent: ReadonlySet<string> = new Set(['member-unknown', 'person-forgotten']);

/** Who is a live member, and where. The members service is asked each time: only it knows at this moment. */
export class Memberships {
  readonly #members: Pick<RemoteMethods<typeof MembersServiceService>, 'getMember'>;

  constructor(members: Pick<RemoteMethods<typeof MembersServiceService>, 'getMember'>) {
    this.#members = members;
  }

  /**
   * The union of a live member; undefined for anybody else.
   * @throws RemoteUnavailableError when the members service does not answer
   */
  async unionOf(memberId: string, origin: CommandContext): Promise<string | undefined> {
    if (!isValidId(memberId)) return undefined;
    const { actor, correlationId, traceparent } = origin;
    const member = await this.#members.getMember(
      { memberId },
      { actor, correlationId, ...(traceparent === undefined ? {} : { traceparent }) },
    );
    if (!isRefusal(member)) {
      const isLive = member.status === MembershipStatus.MEMBERSHIP_STATUS_ACTIVE;
      return isLive ? member.unionId : undefined;
    }
    if (absent.has(member.refused)) return undefined;
    throw new Error(`members refused to tell of a member: ${member.refused}`);
  }
}

/**
 * Whether a member of one union belongs to another one: is a member of it, or of one below it. Of dissolved unions their
 * successors are taken: members and cells go to the same ones, but not at the same moment.
 */
export async function belongsTo(
  session: CommandSession,
  memberUnionId: string | undefined,
  unionId: string,
): Promise<boolean> {
  if (memberUnionId === undefined) return false;
  const line = await uppersFrom(session, await heirOf(session, memberUnionId));
  return line.includes(await heirOf(session, unionId));
}

/** The union that stands for another now: itself, or the last of its successors. */
export async function heirOf(session: CommandSession, unionId: string): Promise<string> {
  let id = unionId;
  for (let steps = 0; steps < deepest; steps++) {
    const { state } = await session.load(unionDecider, id);
    if (state.status !== 'dissolved') return id;
    id = state.successorId;
  }
  throw new Error(`the succession of union ${unionId} does not end`);
}
