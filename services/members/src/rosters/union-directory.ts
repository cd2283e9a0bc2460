import { isValidId } from '@unionfold/codes';
import { type OrganizationsServiceService, UnionStatus } from '@unionfold/contracts/organizations';
import {
  eventsTopic,
  isRefusal,
  type ProjectionRunner,
  type ReadModel,
} from '@unionfold/eventsourcing';
import type { CallOrigin, RemoteMethods } from '@unionfold/service-kit';
import type { UnionFacts, UnionStanding } from './union-standing.ts';

const standings: Readonly<Record<UnionStatus, UnionStanding>> = {
  [UnionStatus.UNION_STATUS_UNSPECIFIED]: 'unknown',
  [UnionStatus.UNION_STATUS_PREPARING]: 'pending',
  [UnionStatus.UNION_STATUS_PENDING]: 'pending',
  [UnionStatus.UNION_STATUS_ACTIVE]: 'active',
  [UnionStatus.UNION_STATUS_SUSPENDED]: 'suspended',
  [UnionStatus.UNION_STATUS_DISSOLVED]: 'dissolved',
};

const unknown: UnionFacts = { standing: 'unknown', successorId: '' };

const unionsTopic = eventsTopic('organizations');

/** So long at most are live unions taken for live without looking again, as when the rosters lag. Milliseconds. */
const rememberedMs = 1_000;

type Rosters = ReadModel & Pick<ProjectionRunner, 'onProgress' | 'positions'>;

/** Grows with every event of unions that the rosters hold. */
function heardOfUnions(rosters: Rosters): number {
  const ofUnions = rosters.positions().filter(({ topic }) => topic === unionsTopic);
  return ofUnions.reduce((sum, { position }) => sum + position, 0);
}

/**
 * Where unions stand. The service's own rosters answer for unions that they know to be approved or dissolved; for all
 * others the owning service is asked, so that a union established a moment ago can enrol at once. The rosters may lag
 * behind a dissolution: who is enrolled in that moment is carried over by the succession.
 */
export class UnionDirectory {
  readonly #rosters: Rosters;
  /** Unions that the rosters had as live, since they last heard of any union. */
  #live = new Set<string>();
  #liveSince = 0;
  readonly #organizations: Pick<RemoteMethods<typeof OrganizationsServiceService>, 'getUnion'>;

  constructor(
    rosters: Rosters,
    organizations: Pick<RemoteMethods<typeof OrganizationsServiceService>, 'getUnion'>,
  ) {
    this.#rosters = rosters;
    let heard = 0;
    rosters.onProgress(() => {
      const now = heardOfUnions(rosters);
      if (now !== heard) this.#live = new Set();
      heard = now;
    });
    this.#organizations = organizations;
  }

  /** @throws RemoteUnavailableError when only the owning service could tell, and it does not answer */
  async look(unionId: string, origin: CallOrigin): Promise<UnionFacts> {
    return (await this.#known(unionId)) ?? (await this.#ask(unionId, origin));
  }

  /** What the rosters say, if that is for certain. */
  async #known(unionId: string): Promise<UnionFacts | undefined> {
    if (!isValidId(unionId)) return unknown;
    const own = await this.#rosters.get('unions', unionId);
    return own === undefined || own['standing'] === 'pending'
      ? undefined
      : (own as unknown as UnionFacts);
  }

  async #ask(unionId: string, origin: CallOrigin): Promise<UnionFacts> {
    const { actor, correlationId, traceparent } = origin;
    const union = await this.#organizations.getUnion(
      { unionId },
      { actor, correlationId, ...(traceparent === undefined ? {} : { traceparent }) },
    );
    if (!isRefusal(union)) {
      return { standing: standings[union.status], successorId: union.successorId };
    }
    if (union.refused === 'union-unknown') return unknown;
    throw new Error(`organizations refused to tell of a union: ${union.refused}`);
  }

  /**
   * See {@link look}. Many who come to one union at a time are told together: what the rosters say is looked at anew when
   * they have heard of a union, or after a moment, for another process may keep them.
   */
  async standing(unionId: string, origin: CallOrigin): Promise<UnionStanding> {
    const now = performance.now();
    if (now - this.#liveSince > rememberedMs) {
      this.#live = new Set();
      this.#liveSince = now;
    }
    const live = this.#live;
    if (live.has(unionId)) return 'active';
    const known = await this.#known(unionId);
    // Where the rosters have changed meanwhile, what is added here is not asked any more.
    if (known?.standing === 'active') live.add(unionId);
    return (known ?? (await this.#ask(unionId, origin))).standing;
  }
}
