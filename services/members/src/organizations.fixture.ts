import {
  type GetUnionRequest,
  OrganizationsServiceService,
  type Union,
  UnionStatus,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import {
  type CommandOutcome,
  type ConsumerPosition,
  eventsTopic,
  isRefusal,
  type Refusal,
} from '@unionfold/eventsourcing';
import type { ServiceContext, ServiceModule } from '@unionfold/service-kit';
import { approved, dissolved, established } from './rosters/events.fixture.ts';
import type { UnionEvent } from './rosters/rosters-projection.ts';

/**
 * Stands in for the organizations service: answers GetUnion behind a real gRPC server, and appends the real events to
 * that service's store. What it tells and what it has appended can differ, as they do for a moment in real life.
 */
export class StandInOrganizations {
  /** What GetUnion tells. */
  readonly unions = new Map<
    string,
    { readonly status: UnionStatus; readonly successorId: string }
  >();
  asked = 0;
  #context: ServiceContext | undefined;

  readonly module: ServiceModule = {
    name: 'organizations',
    build: (context) => {
      this.#context = context;
      const unforeseen = async () => refuse('not-found');
      const handlers: Record<string, (request: never) => Promise<unknown>> = Object.fromEntries(
        Object.keys(OrganizationsServiceService).map((method) => [method, unforeseen]),
      );
      handlers['getUnion'] = this.#getUnion as (request: never) => Promise<unknown>;
      return [{ definition: OrganizationsServiceService, handlers }];
    },
  };

  /** Tells of a union, and appends nothing yet. */
  tell(unionId: string, status: UnionStatus, successorId = ''): void {
    this.unions.set(unionId, { status, successorId });
  }

  async establish(unionId: string): Promise<readonly ConsumerPosition[]> {
    this.tell(unionId, UnionStatus.UNION_STATUS_ACTIVE);
    return await this.append(established(unionId), approved(unionId));
  }

  async dissolve(unionId: string, successorId: string): Promise<readonly ConsumerPosition[]> {
    this.tell(unionId, UnionStatus.UNION_STATUS_DISSOLVED, successorId);
    return await this.append(dissolved(unionId, successorId));
  }

  /** Appends events of one union; returns where they went. */
  async append(...events: readonly [UnionEvent, ...UnionEvent[]]): Promise<ConsumerPosition[]> {
    if (this.#context === undefined) throw new Error('the stand-in has not been started');
    const { unionId } = events[0].data;
    const outcome = await this.#context.commands.execute(
      { actor: 'cadre-0', correlationId: 'organizations' },
      async (session) => {
        session.append('union', unionId, events);
        return unionId;
      },
    );
    return positionsOf('organizations', outcome);
  }

  readonly #getUnion = async ({ unionId }: GetUnionRequest): Promise<Union | Refusal> => {
    this.asked++;
    const known = this.unions.get(unionId);
    if (known === undefined) return refuse('union-unknown', { field: 'unionId' });
    const event = established(unionId);
    if (event.type !== 'UnionEstablished') throw new Error('not an establishment');
    return { ...event.data, ...known, version: 1n };
  };
}

/** Where a command's public events went. */
export function positionsOf(
  service: string,
  outcome: CommandOutcome | Refusal,
): ConsumerPosition[] {
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome.positions.map((position) => ({ topic: eventsTopic(service), ...position }));
}
