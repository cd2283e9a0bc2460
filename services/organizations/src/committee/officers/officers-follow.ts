import { chinaDate } from '@unionfold/codes';
import {
  type EventOf,
  HandOverCause,
  type OfficerSeat,
  TermEndCause,
  VacancyCause,
} from '@unionfold/contracts';
import {
  type CommandContext,
  type CommandHandler,
  type CommandSession,
  type ConsumerDefinition,
  type DecodedEvent,
  eventsTopic,
  expectCarriedOut,
  type RecordedEvent,
  type Refusal,
  reactionTo,
} from '@unionfold/eventsourcing';
import { unionDecider } from '../../union/decider.ts';
import { chairOf } from '../committee.ts';
import { committeeDecider } from '../decider.ts';
import { handOver } from '../hand-over.ts';
import { chairsPost, type Duty, officerDutiesDecider } from '../officer-duties/decider.ts';
import { checkRoster, type RosterOwner } from '../roster.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'organizations-officers';

type Trigger = EventOf<
  | 'MemberTransferred'
  | 'MemberLeft'
  | 'UnionDissolved'
  | 'UnionRestored'
  | 'TermBegan'
  | 'TermResumed'
  | 'PostsFilled'
>;

/** What the reaction works with. */
export interface OfficersEnvironment {
  readonly commands: Pick<CommandHandler, 'execute' | 'read'>;
  readonly members: RosterOwner;
}

/** Why somebody may no longer be an officer. */
interface Departure {
  readonly cause: VacancyCause;
  readonly reason: string;
}

/**
 * Officers are members: who transfers or leaves ceases from their posts, and who is dissolved has no officers any more.
 * Should the union be restored, its term goes on with those who are members again, and what is still open comes back.
 *
 * A transfer and an election are decided by two services, in either order. Each side first stands in its own log, and is
 * then held against the other's: the one that comes last finds both. Who belongs to a union is not concluded from the
 * event but asked of the members service, so that an old event handled late cannot unseat somebody who came back.
 */
export function officersFollow(environment: OfficersEnvironment): ConsumerDefinition {
  return {
    name,
    topics: [eventsTopic('members'), eventsTopic('organizations')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      const reaction = new Reaction(environment, recorded);
      const change = event as Trigger;
      switch (change.type) {
        case 'MemberTransferred': {
          const { fromUnionId, toUnionId, memberId } = change.data;
          const cause = VacancyCause.VACANCY_CAUSE_TRANSFERRED;
          await reaction.unseat(fromUnionId, [memberId], { cause, reason: '会籍转出' });
          await reaction.resumeTerm(toUnionId);
          return;
        }
        case 'MemberLeft': {
          const { unionId, memberId } = change.data;
          const cause = VacancyCause.VACANCY_CAUSE_LEFT_UNION;
          await reaction.unseat(unionId, [memberId], { cause, reason: '退会' });
          return;
        }
        case 'TermBegan':
        case 'TermResumed':
        case 'PostsFilled': {
          const { unionId, seats } = change.data;
          const cause = VacancyCause.VACANCY_CAUSE_OTHER;
          await reaction.unseat(unionId, membersOf(seats), { cause, reason: '已非本会会员' });
          return;
        }
        case 'UnionDissolved':
          await reaction.endTerm(change.data.unionId);
          return;
        case 'UnionRestored':
          await reaction.resumeTerm(change.data.unionId);
          await reaction.takeBackDuties(change.data.unionId);
          return;
        default:
      }
    },
  };
}

/** What is done about one event. Every step may be repeated: it is decided from how things stand. */
class Reaction {
  readonly #environment: OfficersEnvironment;
  readonly #origin: Omit<CommandContext, 'idempotencyKey' | 'fingerprint'>;

  constructor(environment: OfficersEnvironment, cause: RecordedEvent) {
    this.#environment = environment;
    this.#origin = reactionTo(cause, name);
  }

  /** Those who hold posts in the union and are no members of it cease from them. */
  async unseat(
    unionId: string,
    candidates: readonly string[],
    departure: Departure,
  ): Promise<void> {
    const { commands, members } = this.#environment;
    // Nearly nobody who transfers is an officer: this look spares the question.
    const { state } = await commands.read(committeeDecider, unionId);
    const officers = new Set(membersOf(state.seats));
    const memberIds = candidates.filter((memberId) => officers.has(memberId));
    if (memberIds.length === 0) return;
    // Their union was dissolved and they went to its successor: they were in office to its end.
    const { state: union } = await commands.read(unionDecider, unionId);
    if (union.status === 'dissolved') {
      await this.endTerm(unionId);
      return;
    }
    const question = { unionId, memberIds, countUpTo: 0 };
    const { absentMemberIds } = await checkRoster(members, question, this.#origin);
    if (absentMemberIds.length === 0) return;
    await this.#command(unionId, async (session) => {
      const committee = await session.load(committeeDecider, unionId);
      const today = chinaDate(session.now);
      for (const memberId of absentMemberIds) {
        const refusal = committee.decide({
          type: 'CeaseMembership',
          memberId,
          ...departure,
          today,
        });
        if (refusal !== undefined) return refusal;
      }
      return await handOver(session, unionId, HandOverCause.HAND_OVER_CAUSE_VACATED);
    });
  }

  /** The term of a dissolved union ends; what its officers had open goes to the chair of its successor. */
  async endTerm(unionId: string): Promise<void> {
    await this.#command(unionId, async (session) => {
      const { status } = (await session.load(unionDecider, unionId)).state;
      // It may have been restored before anybody looked.
      if (status !== 'dissolved') return undefined;
      const committee = await session.load(committeeDecider, unionId);
      const cause = TermEndCause.TERM_END_CAUSE_UNION_DISSOLVED;
      const refusal = committee.decide({
        type: 'EndTerm',
        cause,
        today: chinaDate(session.now),
      });
      return refusal ?? (await passOnDuties(session, unionId));
    });
  }

  /** The term of a union that lives again goes on, with those of its officers who are members again. */
  async resumeTerm(unionId: string): Promise<void> {
    const { commands, members } = this.#environment;
    const { state } = await commands.read(committeeDecider, unionId);
    if (state.formerSeats.length === 0) return;
    const { state: union } = await commands.read(unionDecider, unionId);
    if (union.status === 'dissolved') return;
    const memberIds = membersOf(state.formerSeats);
    const question = { unionId, memberIds, countUpTo: 0 };
    const { absentMemberIds } = await checkRoster(members, question, this.#origin);
    await this.#command(unionId, async (session) => {
      const { status } = (await session.load(unionDecider, unionId)).state;
      if (status === 'dissolved') return undefined;
      const committee = await session.load(committeeDecider, unionId);
      const refusal = committee.decide({
        type: 'ResumeTerm',
        memberIds: memberIds.filter((memberId) => !absentMemberIds.includes(memberId)),
        today: chinaDate(session.now),
      });
      return refusal ?? (await handOver(session, unionId, HandOverCause.HAND_OVER_CAUSE_FILLED));
    });
  }

  /** What had passed to the union's successor when it was dissolved, and is still open, comes back to its posts. */
  async takeBackDuties(unionId: string): Promise<void> {
    const { state } = await this.#environment.commands.read(officerDutiesDecider, unionId);
    if (Object.keys(state.passedOn).length === 0) return;
    await this.#command(unionId, async (session) => {
      const { status } = (await session.load(unionDecider, unionId)).state;
      if (status === 'dissolved') return undefined;
      const duties = await session.load(officerDutiesDecider, unionId);
      for (const [dutyId, { body, post }] of Object.entries(duties.state.passedOn)) {
        const holder = await holderOf(session, unionId, dutyId);
        if (holder === undefined) continue;
        const { unionId: fromUnionId, duty } = holder;
        const there = await session.load(officerDutiesDecider, fromUnionId);
        const refusal =
          there.decide({ type: 'GiveBack', unionId: fromUnionId, toUnionId: unionId, dutyId }) ??
          duties.decide({
            type: 'ReceiveDuty',
            unionId,
            fromUnionId,
            dutyId,
            duty: { ...duty, body, post },
            holderId: '',
          });
        if (refusal !== undefined) return refusal;
      }
      return await handOver(session, unionId, HandOverCause.HAND_OVER_CAUSE_UNION_RESTORED);
    });
  }

  async #command(
    unionId: string,
    work: (session: CommandSession) => Promise<Refusal | undefined>,
  ): Promise<void> {
    const outcome = await this.#environment.commands.execute(
      this.#origin,
      async (session) => (await work(session)) ?? unionId,
    );
    expectCarriedOut(outcome, `officers of union ${unionId}`);
  }
}

async function passOnDuties(
  session: CommandSession,
  unionId: string,
): Promise<Refusal | undefined> {
  const duties = await session.load(officerDutiesDecider, unionId);
  const open = Object.entries(duties.state.open);
  if (open.length === 0) return undefined;
  const heirId = await heirOf(session, unionId);
  const heir = await session.load(committeeDecider, heirId);
  const received = await session.load(officerDutiesDecider, heirId);
  const toMemberId = chairOf(heir.state.seats);
  for (const [dutyId, duty] of open) {
    const refusal = received.decide({
      type: 'ReceiveDuty',
      unionId: heirId,
      fromUnionId: unionId,
      dutyId,
      duty: { ...duty, ...chairsPost },
      holderId: toMemberId,
    });
    if (refusal !== undefined) return refusal;
  }
  return duties.decide({ type: 'PassOn', unionId, toUnionId: heirId, toMemberId });
}

/** Where a duty is open that has passed on from a union, maybe from one to the next; nowhere when it is done. */
async function holderOf(
  session: CommandSession,
  unionId: string,
  dutyId: string,
): Promise<{ readonly unionId: string; readonly duty: Duty } | undefined> {
  const seen = new Set<string>();
  for (let id = unionId; !seen.has(id); ) {
    seen.add(id);
    const { open, passedOn } = (await session.load(officerDutiesDecider, id)).state;
    const duty = open[dutyId];
    if (duty !== undefined) return { unionId: id, duty };
    const next = passedOn[dutyId];
    if (next === undefined) return undefined;
    id = next.toUnionId;
  }
  return undefined;
}

/**
 * The first successor that is not dissolved itself. It is guarded: one that is dissolved in the same moment hands on
 * what it has just received.
 * @throws Error when the chain of successors closes or breaks off
 */
async function heirOf(session: CommandSession, unionId: string): Promise<string> {
  const seen = new Set<string>();
  for (let id = unionId; ; ) {
    const { state } = await session.load(unionDecider, id);
    if (state.status !== 'dissolved' && state.status !== 'absent') return id;
    seen.add(id);
    if (state.status === 'absent' || seen.has(state.successorId)) {
      throw new Error(`the succession of union ${unionId} ends at ${id}`);
    }
    id = state.successorId;
  }
}

function membersOf(seats: readonly OfficerSeat[]): string[] {
  return [...new Set(seats.map(({ memberId }) => memberId))];
}
