import { isValidId } from '@unionfold/codes';
import { MembershipStatus, type MembersServiceService } from '@unionfold/contracts/members';
import { type OrganizationsServiceService, UnionStatus } from '@unionfold/contracts/organizations';
import { isRefusal, type ReadModel } from '@unionfold/eventsourcing';
import type { CallOrigin, RemoteMethods } from '@unionfold/service-kit';
import type { HeldMembership } from '../hardship-case/hardship-case.ts';
import type { MemberDocument, UnionDocument } from './held-data-projection.ts';

/** What this service needs to know of a union. */
export interface HeldUnion {
  readonly parentId: string;
  readonly standing: 'pending' | 'active' | 'dissolved';
  /** Who took over a dissolved union. */
  readonly successorId: string;
  readonly regionCode: string;
}

/** The services that own what this one only holds a view of. */
export interface Owners {
  readonly members: Pick<RemoteMethods<typeof MembersServiceService>, 'getMember'>;
  readonly organizations: Pick<RemoteMethods<typeof OrganizationsServiceService>, 'getUnion'>;
}

/** Deepest tree, and longest succession, that is walked: far above any real one, a guard against damaged data. */
const deepest = 32;

const standings: Readonly<Record<UnionStatus, HeldUnion['standing']>> = {
  [UnionStatus.UNION_STATUS_UNSPECIFIED]: 'pending',
  [UnionStatus.UNION_STATUS_PREPARING]: 'pending',
  [UnionStatus.UNION_STATUS_PENDING]: 'pending',
  [UnionStatus.UNION_STATUS_ACTIVE]: 'active',
  // That a union is suspended is no fault of its workers: their cases go on.
  [UnionStatus.UNION_STATUS_SUSPENDED]: 'active',
  [UnionStatus.UNION_STATUS_DISSOLVED]: 'dissolved',
};

/**
 * What the platform holds of members and unions. The service's own view answers; the owner is asked what the view does
 * not know, and is asked again (`confirmed…`) where the view speaks against a worker, because a view may lag.
 *
 * Every method throws RemoteUnavailableError when only the owner could tell, and it does not answer.
 */
export class HeldData {
  readonly #view: Pick<ReadModel, 'get'>;
  readonly #owners: Owners;

  constructor(view: Pick<ReadModel, 'get'>, owners: Owners) {
    this.#view = view;
    this.#owners = owners;
  }

  /** A membership; undefined when there is no such member. */
  async member(memberId: string, origin: CallOrigin): Promise<HeldMembership | undefined> {
    return (await this.#viewedMember(memberId)) ?? (await this.memberAtOwner(memberId, origin));
  }

  /** A membership as expected (live, in that union), or else what its owner says. */
  async confirmedMember(
    memberId: string,
    unionId: string,
    origin: CallOrigin,
  ): Promise<HeldMembership | undefined> {
    const viewed = await this.#viewedMember(memberId);
    if (viewed?.live === true && viewed.unionId === unionId) return viewed;
    return await this.memberAtOwner(memberId, origin);
  }

  /** A membership as the members service has it now. */
  async memberAtOwner(memberId: string, origin: CallOrigin): Promise<HeldMembership | undefined> {
    if (!isValidId(memberId)) return undefined;
    const member = await this.#owners.members.getMember({ memberId }, queryOf(origin));
    if (!isRefusal(member)) {
      const live = member.status === MembershipStatus.MEMBERSHIP_STATUS_ACTIVE;
      return { unionId: member.unionId, live };
    }
    if (member.refused === 'member-unknown') return undefined;
    throw new Error(`members refused to tell of a member: ${member.refused}`);
  }

  /** A union; undefined when there is none. */
  async union(unionId: string, origin: CallOrigin): Promise<HeldUnion | undefined> {
    return (await this.#viewedUnion(unionId)) ?? (await this.#unionAtOwner(unionId, origin));
  }

  /** A live union as viewed, or else what its owner says. */
  async confirmedUnion(unionId: string, origin: CallOrigin): Promise<HeldUnion | undefined> {
    const viewed = await this.#viewedUnion(unionId);
    return viewed?.standing === 'active' ? viewed : await this.#unionAtOwner(unionId, origin);
  }

  /** Ids of the upper unions, the nearest first. */
  async upperUnionIds(unionId: string, origin: CallOrigin): Promise<string[]> {
    const ids: string[] = [];
    let id = (await this.union(unionId, origin))?.parentId ?? '';
    while (id !== '' && ids.length < deepest) {
      ids.push(id);
      id = (await this.union(id, origin))?.parentId ?? '';
    }
    return ids;
  }

  /**
   * The union that stands for another now: itself, or the last of its successors.
   * @throws when the succession goes in a circle or into nothing
   */
  async heirOf(unionId: string, origin: CallOrigin): Promise<string> {
    let id = unionId;
    for (let steps = 0; steps < deepest; steps++) {
      const union = await this.union(id, origin);
      if (union?.standing !== 'dissolved') return id;
      id = union.successorId;
    }
    throw new Error(`the succession of union ${unionId} does not end`);
  }

  async #viewedMember(memberId: string): Promise<HeldMembership | undefined> {
    return (await this.#view.get('members', memberId)) as MemberDocument | undefined;
  }

  async #viewedUnion(unionId: string): Promise<HeldUnion | undefined> {
    return (await this.#view.get('unions', unionId)) as UnionDocument | undefined;
  }

  async #unionAtOwner(unionId: string, origin: CallOrigin): Promise<HeldUnion | undefined> {
    if (!isValidId(unionId)) return undefined;
    const union = await this.#owners.organizations.getUnion({ unionId }, queryOf(origin));
    if (!isRefusal(union)) {
      const { territorialParentId: parentId, status, successorId, regionCode } = union;
      return { parentId, standing: standings[status], successorId, regionCode };
    }
    if (union.refused === 'union-unknown') return undefined;
    throw new Error(`organizations refused to tell of a union: ${union.refused}`);
  }
}

/** A question on the way to a command is not the command: it must not carry its idempotency key. */
function queryOf({ actor, correlationId, traceparent }: CallOrigin): CallOrigin {
  return { actor, correlationId, ...(traceparent === undefined ? {} : { traceparent }) };
}
