import { type Union, UnionStatus } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import {
  type CommandContext,
  type CommandSession,
  type DecodedEvent,
  type Document,
  isRefusal,
  type Refusal,
  TransientError,
} from '@unionfold/eventsourcing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberDecider } from '../member/decider.ts';
import type { MemberCommand, MemberEvent, MemberState } from '../member/member.ts';
import {
  approved,
  dissolved,
  enrolledIn,
  established,
  leftFrom,
  recordedAs,
  transferredTo,
} from '../rosters/events.fixture.ts';
import { MemoryRosters } from '../rosters/memory-rosters.fixture.ts';
import type { UnionEvent } from '../rosters/rosters-projection.ts';
import { UnionDirectory } from '../rosters/union-directory.ts';
import { successionReason } from './reasons.ts';
import { type SuccessionEnvironment, succession } from './succession.ts';

/** Partitions of the two logs: of what is in different ones, anything may be heard of first. */
class World {
  readonly rosters = new MemoryRosters();
  readonly logs = new Map<string, DecodedEvent[]>();
  readonly contexts: CommandContext[] = [];
  readonly #members = new Map<string, { state: MemberState; version: number }>();
  readonly #unions = new Map<string, { version: number; union: Partial<Union> }>();
  readonly #receipts = new Set<string>();
  /** Passes control to whatever else is going on. */
  pause: () => Promise<void> = async () => undefined;
  refusal: Refusal | undefined;

  readonly environment: SuccessionEnvironment = {
    rosters: {
      get: async (collection, id) => {
        await this.pause();
        return await this.rosters.get(collection, id);
      },
      getMany: async (collection, ids) => {
        await this.pause();
        const found = new Map<string, Document>();
        for (const id of ids) {
          const document = await this.rosters.get(collection, id);
          if (document !== undefined) found.set(id, document);
        }
        return found;
      },
      find: async (collection, query) => {
        await this.pause();
        return await this.rosters.find(collection, query);
      },
      waitFor: async () => {
        await this.pause();
        return false;
      },
    },
    unions: new UnionDirectory(this.rosters as never, {
      getUnion: async ({ unionId }) => {
        await this.pause();
        const known = this.#unions.get(unionId);
        return known === undefined ? refuse('union-unknown') : (known.union as Union);
      },
    }),
    commands: {
      execute: async (context, work) => {
        await this.pause();
        this.contexts.push(context);
        const key = context.idempotencyKey ?? '';
        if (this.refusal !== undefined) return this.refusal;
        if (this.#receipts.has(key)) return { id: '', version: 0, positions: [], repeated: true };
        const pending: MemberEvent[] = [];
        const load = async (_: unknown, memberId: string) => ({
          decide: (command: MemberCommand) => {
            const decision = memberDecider.decide(command, this.member(memberId).state);
            if (isRefusal(decision)) return decision;
            pending.push(...decision);
            return undefined;
          },
        });
        const id = await work({ load } as unknown as CommandSession);
        if (isRefusal(id)) return id;
        this.#receipts.add(key);
        for (const event of pending) this.append(event);
        return { id, version: 0, positions: [], repeated: false };
      },
    },
  };

  readonly reaction = succession(this.environment);

  member(id: string): { state: MemberState; version: number } {
    return this.#members.get(id) ?? { state: memberDecider.initialState, version: 0 };
  }

  unionOf(id: string): string {
    return this.member(id).state.unionId;
  }

  /** Appends to the partition of the event's stream: every union has its own, all members share one. */
  append(event: UnionEvent | MemberEvent): DecodedEvent {
    const ofMember = 'memberId' in event.data;
    const partition = ofMember ? 'members' : `union ${event.data.unionId}`;
    let version: number;
    if (ofMember) {
      const { state, version: before } = this.member(event.data.memberId);
      version = before + 1;
      this.#members.set(event.data.memberId, {
        state: memberDecider.evolve(state, event as MemberEvent),
        version,
      });
    } else {
      version = (this.#unions.get(event.data.unionId)?.version ?? 0) + 1;
      this.#unions.set(event.data.unionId, { version, union: unionAfter(event as UnionEvent) });
    }
    const log = this.logs.get(partition) ?? [];
    this.logs.set(partition, log);
    const recorded = recordedAs(event, { id: `${partition} ${log.length + 1}`, version });
    log.push(recorded);
    return recorded;
  }

  /** Appends, and everybody hears of it in this order. */
  async happen(...events: (UnionEvent | MemberEvent)[]): Promise<void> {
    for (const event of events) await this.rosters.hear(this.append(event));
  }

  /** As a consumer does with a batch of one event; each has a reaction of its own, as each process has. */
  async react(event: DecodedEvent, reaction = this.reaction): Promise<void> {
    await reaction.prefetch?.([event], undefined as never);
    await reaction.apply(event, undefined as never);
  }
}

function unionAfter(event: UnionEvent): Partial<Union> {
  switch (event.type) {
    case 'UnionSplit':
      return {};
    case 'UnionSuspended':
      return { status: UnionStatus.UNION_STATUS_SUSPENDED };
    case 'UnionEstablished':
      return { status: UnionStatus.UNION_STATUS_PENDING, successorId: '' };
    case 'UnionApproved':
    case 'UnionResumed':
    case 'UnionRestored':
      return { status: UnionStatus.UNION_STATUS_ACTIVE, successorId: '' };
    case 'UnionDissolved':
      return {
        status: UnionStatus.UNION_STATUS_DISSOLVED,
        successorId: event.data.successorId,
      };
  }
}

const live = (unionId: string) => [established(unionId), approved(unionId)];

describe('when a union is dissolved (工会撤销)', () => {
  it('its live members pass to the successor, and nobody else moves', async () => {
    const world = new World();
    await world.happen(...live('u1'), ...live('u2'), ...live('u3'));
    await world.happen(enrolledIn('u1', 'm1'), enrolledIn('u1', 'm2'), enrolledIn('u3', 'm3'));
    await world.happen(enrolledIn('u1', 'm4'), leftFrom('u1', 'm4'));
    await world.happen(enrolledIn('u1', 'm5'), transferredTo('u3', 'm5', 'u1'));
    const cause = world.append(dissolved('u1', 'u2'));
    await world.rosters.hear(cause);
    await world.react(cause);
    const unions = ['m1', 'm2', 'm3', 'm4', 'm5'].map((id) => world.unionOf(id));
    expect(unions).toEqual(['u2', 'u2', 'u3', 'u1', 'u3']);
    expect(world.logs.get('members')?.at(-1)?.event.data).toMatchObject({
      reason: successionReason,
    });
  });

  it('where the successor was dissolved in turn, they pass to its successor at once', async () => {
    const world = new World();
    await world.happen(...live('u1'), ...live('u2'), ...live('u3'), enrolledIn('u1', 'm1'));
    const cause = world.append(dissolved('u1', 'u2'));
    await world.rosters.hear(cause);
    await world.happen(dissolved('u2', 'u3'));
    await world.react(cause);
    expect(world.logs.get('members')?.map(({ event }) => event.type)).toEqual([
      'MemberEnrolled',
      'MemberTransferred',
    ]);
    expect(world.unionOf('m1')).toBe('u3');
  });

  it('the transfer tells what it follows from', async () => {
    const world = new World();
    await world.happen(...live('u1'), ...live('u2'), enrolledIn('u1', 'm1'));
    const cause = world.append(dissolved('u1', 'u2'));
    await world.rosters.hear(cause);
    await world.react(cause);
    expect(world.contexts).toEqual([
      {
        actor: 'system:succession',
        correlationId: cause.recorded.metadata.correlationId,
        causationId: cause.recorded.id,
        idempotencyKey: `system:succession:${cause.recorded.id}:m1`,
      },
    ]);
  });

  it('thousands of members are carried over, page by page', async () => {
    const world = new World();
    await world.happen(...live('u1'), ...live('u2'));
    const ids = Array.from({ length: 2_500 }, (_, i) => `m${i}`);
    await world.happen(...ids.map((id) => enrolledIn('u1', id)));
    const cause = world.append(dissolved('u1', 'u2'));
    await world.rosters.hear(cause);
    await world.react(cause);
    expect(ids.filter((id) => world.unionOf(id) !== 'u2')).toEqual([]);
    await world.react(cause);
    expect(world.logs.get('members')).toHaveLength(5_000);
  });

  it('waits for the rosters rather than overlook somebody', async () => {
    const world = new World();
    await world.happen(...live('u1'), ...live('u2'), enrolledIn('u1', 'm1'));
    const cause = world.append(dissolved('u1', 'u2'));
    await expect(world.react(cause)).rejects.toThrow(TransientError);
    expect(world.unionOf('m1')).toBe('u1');
    await world.rosters.hear(cause);
    await world.react(cause);
    expect(world.unionOf('m1')).toBe('u2');
  });

  it('tries again later when a member is changed at the same time over and over', async () => {
    const world = new World();
    await world.happen(...live('u1'), ...live('u2'), enrolledIn('u1', 'm1'));
    const cause = world.append(dissolved('u1', 'u2'));
    await world.rosters.hear(cause);
    world.refusal = refuse('concurrent-change');
    await expect(world.react(cause)).rejects.toThrow(TransientError);
  });

  it('fails for good, after carrying over the others, when one member cannot be', async () => {
    const world = new World();
    await world.happen(...live('u1'), ...live('u2'), enrolledIn('u1', 'm1'));
    // On the roster, but without a stream of their own.
    await world.rosters.hear(recordedAs(enrolledIn('u1', 'm0'), { id: 'lost', version: 1 }));
    const cause = world.append(dissolved('u1', 'u2'));
    await world.rosters.hear(cause);
    const failure = world.react(cause);
    await expect(failure).rejects.toThrow('1 members of union u1 remain');
    await expect(failure).rejects.not.toBeInstanceOf(TransientError);
    expect(world.unionOf('m1')).toBe('u2');
  });

  it('fails for good when there is no successor in being', async () => {
    const world = new World();
    await world.happen(...live('u1'), established('u2'), enrolledIn('u1', 'm1'));
    const cause = world.append(dissolved('u1', 'u2'));
    await world.rosters.hear(cause);
    await expect(world.react(cause)).rejects.toThrow('ends at u2, which is pending');
  });

  it('whoever hears of what first, nobody stays behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = new World();
        await world.happen(...live('u1'), ...live('u2'), ...live('u3'), enrolledIn('u1', 'm1'));
        const before = new Map([...world.logs].map(([name, log]) => [name, log.length]));
        world.append(dissolved('u1', 'u2'));
        world.append(dissolved('u2', 'u3'));
        // They were enrolled while the service had not heard of the dissolutions.
        world.append(enrolledIn('u1', 'm2'));
        world.append(enrolledIn('u2', 'm3'));
        world.append(transferredTo('u2', 'm1', 'u1'));
        world.pause = async () => await scheduler.schedule(Promise.resolve());

        // The rosters and the succession follow every partition on their own, as in processes of their own.
        const lines = [...world.logs.keys()].flatMap((partition) => {
          const reaction = succession(world.environment);
          return [
            { partition, work: (event: DecodedEvent) => world.rosters.hear(event) },
            { partition, work: (event: DecodedEvent) => world.react(event, reaction) },
          ];
        });
        const done = lines.map(({ partition }) => before.get(partition) ?? 0);
        const behind = (line: number) =>
          (done[line] ?? 0) < (world.logs.get(lines[line]?.partition ?? '')?.length ?? 0);
        const follow = async (line: number) => {
          while (lines.some((_, other) => behind(other))) {
            await world.pause();
            const { partition = '', work } = lines[line] ?? {};
            const event = world.logs.get(partition)?.[done[line] ?? 0];
            if (event === undefined) continue;
            try {
              await work?.(event);
              done[line] = (done[line] ?? 0) + 1;
            } catch (error) {
              if (!(error instanceof TransientError)) throw error;
            }
          }
        };
        await scheduler.waitFor(Promise.all(lines.map((_, line) => follow(line))));
        expect(['m1', 'm2', 'm3'].map((id) => world.unionOf(id))).toEqual(['u3', 'u3', 'u3']);
      }),
      { numRuns: 1_000 },
    );
  });
});
