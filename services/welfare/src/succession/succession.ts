import type { EventOf } from '@unionfold/contracts';
import {
  type CommandContext,
  type CommandHandler,
  type ConsumerDefinition,
  type DecodedEvent,
  eventsTopic,
  expectCarriedOut,
  type ProjectionRunner,
  type RecordedEvent,
  type Refusal,
  reactionTo,
  StoreUnavailableError,
  TransientError,
} from '@unionfold/eventsourcing';
import { claimDecider } from '../claim/decider.ts';
import { fundLineDecider } from '../fund-line/decider.ts';
import { caseDecider } from '../hardship-case/decider.ts';
import { isOpen } from '../hardship-case/hardship-case.ts';
import type { HeldData } from '../held-data/held-data.ts';
import type { HeldCollection } from '../held-data/held-data-projection.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'welfare-succession';
/** Cases or fund lines carried over at once; their commands share commits. */
const pageSize = 64;
/** How long the view may take to show an event before the partition rests; milliseconds. */
const patienceMs = 2_000;

type Trigger =
  | EventOf<'UnionDissolved' | 'UnionRestored' | 'MemberTransferred'>
  | EventOf<'HardshipDeclared' | 'CaseReassigned' | 'FundLineOpened' | 'FundLineReassigned'>;

/** What the succession works with. */
export interface SuccessionEnvironment {
  readonly commands: Pick<CommandHandler, 'execute' | 'read'>;
  readonly view: Pick<ProjectionRunner, 'get' | 'find' | 'waitFor' | 'rebuilding' | 'rebuilt'>;
  readonly held: HeldData;
}

/**
 * An open case follows its worker, and what a dissolved union had passes to its successor (移交); when the union is
 * restored, what came from it and is still there comes back.
 *
 * A dissolution or transfer and the case that it concerns come on different topics, in either order, perhaps to two
 * processes. Each side first makes sure that its own event shows in the view, and only then looks for the other: the one
 * that comes last finds both. Where a case belongs is then not concluded from the event but asked of the members
 * service, so that an old event handled late cannot send a case back.
 */
export function succession(environment: SuccessionEnvironment): ConsumerDefinition {
  return {
    name,
    topics: [eventsTopic('organizations'), eventsTopic('members'), eventsTopic('welfare')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      const reaction = new Reaction(environment, recorded);
      const change = event as Trigger;
      switch (change.type) {
        case 'UnionDissolved':
          await reaction.shown('organizations', 'unions', change.data.unionId);
          await reaction.passOnAll(change.data.unionId);
          return;
        case 'UnionRestored':
          await reaction.shown('organizations', 'unions', change.data.unionId);
          await reaction.bringBackAll(change.data.unionId, change.data.successorId);
          return;
        case 'MemberTransferred':
          await reaction.shown('members', 'members', change.data.memberId);
          await reaction.followWorker(change.data.memberId);
          return;
        case 'HardshipDeclared':
        case 'CaseReassigned':
          await reaction.shown('welfare', 'cases', change.data.caseId);
          await reaction.checkCase(change.data.caseId);
          return;
        case 'FundLineOpened':
        case 'FundLineReassigned':
          await reaction.shown('welfare', 'fund_lines', change.data.fundLineId);
          await reaction.passOnFundLine(change.data.fundLineId);
          return;
        default:
      }
    },
  };
}

/** What is done about one event. Every step may be repeated: a case or line where it belongs is left alone. */
class Reaction {
  readonly #environment: SuccessionEnvironment;
  readonly #cause: RecordedEvent;
  readonly #origin: Omit<CommandContext, 'idempotencyKey' | 'fingerprint'>;

  constructor(environment: SuccessionEnvironment, cause: RecordedEvent) {
    this.#environment = environment;
    this.#cause = cause;
    this.#origin = reactionTo(cause, name);
  }

  /**
   * Waits until the view shows the event.
   * @throws TransientError when it takes too long, or while the view is rebuilt: the generation that takes over may lack
   * the other side
   */
  async shown(service: string, collection: HeldCollection, id: string): Promise<void> {
    const { view } = this.#environment;
    const { partition, position, version } = this.#cause;
    if (view.rebuilding() !== undefined) throw new TransientError('the view is being rebuilt');
    await view.rebuilt();
    const isShown = async () =>
      Number((await view.get(collection, id))?.['version'] ?? 0) >= version;
    if (await isShown()) return;
    // Another process may write the view of this partition, and is not heard here: only the document counts.
    await view.waitFor([{ topic: eventsTopic(service), partition, position }], patienceMs);
    if (!(await isShown())) throw new TransientError('the view does not show the event yet');
  }

  /** All that a dissolved union has goes to its successor. */
  async passOnAll(unionId: string): Promise<void> {
    await this.#eachOf('cases', { unionId, open: true }, (id) => this.#settleCase(id));
    await this.#eachOf('fund_lines', { unionId }, (id) => this.passOnFundLine(id));
  }

  /** What came from a union that was dissolved for a time goes back to it. */
  async bringBackAll(unionId: string, successorId: string): Promise<void> {
    // A worker may have come back before this service knew that their union was restored.
    await this.#eachOf('cases', { unionId: successorId, open: true }, (id) => this.#settleCase(id));
    await this.#eachOf('fund_lines', { formerUnionId: unionId, unionId: successorId }, (id) =>
      this.#bringBackFundLine(id, successorId, unionId),
    );
  }

  async #bringBackFundLine(id: string, fromUnionId: string, toUnionId: string): Promise<void> {
    const { commands } = this.#environment;
    await this.#command(id, (context) =>
      commands.execute(context, async (session) => {
        const line = await session.load(fundLineDecider, id);
        if (line.state.unionId !== fromUnionId) return id;
        const reason = 'union-restored';
        return line.decide({ type: 'ReassignFundLine', toUnionId, reason }) ?? id;
      }),
    );
  }

  /** The worker's open case, if there is one, goes where the worker is. */
  async followWorker(memberId: string): Promise<void> {
    const { state } = await this.#environment.commands.read(claimDecider, memberId);
    if (state.openCaseId !== '') await this.#settleCase(state.openCaseId);
  }

  /** Looks whether the case was given to a union that the worker had left, or that was dissolved, before it got there. */
  async checkCase(caseId: string): Promise<void> {
    const { commands, held } = this.#environment;
    const { state } = await commands.read(caseDecider, caseId);
    if (!isOpen(state)) return;
    const membership = await held.member(state.memberId, this.#origin);
    const expected = await held.heirOf(membership?.unionId ?? state.unionId, this.#origin);
    // The view alone decides nothing: it may be older than the case.
    if (expected !== state.unionId) await this.#settleCase(caseId);
  }

  /** The fund line of a dissolved union goes to the successor. */
  async passOnFundLine(fundLineId: string): Promise<void> {
    const { commands, held } = this.#environment;
    await this.#command(fundLineId, (context) =>
      commands.execute(context, async (session) => {
        const line = await session.load(fundLineDecider, fundLineId);
        const toUnionId = await held.heirOf(line.state.unionId, this.#origin);
        const reason = 'union-dissolved';
        return line.decide({ type: 'ReassignFundLine', toUnionId, reason }) ?? fundLineId;
      }),
    );
  }

  async #settleCase(caseId: string): Promise<void> {
    const { commands, held } = this.#environment;
    await this.#command(caseId, (context) =>
      commands.execute(context, async (session) => {
        const hardshipCase = await session.load(caseDecider, caseId);
        const { memberId, unionId } = hardshipCase.state;
        const membership = await held.memberAtOwner(memberId, this.#origin);
        const home = membership?.unionId ?? unionId;
        const toUnionId = await held.heirOf(home, this.#origin);
        const reason = toUnionId === home ? 'member-transferred' : 'union-dissolved';
        return hardshipCase.decide({ type: 'ReassignCase', toUnionId, reason }) ?? caseId;
      }),
    );
  }

  async #command(
    target: string,
    execute: (context: CommandContext) => Promise<unknown | Refusal>,
  ): Promise<void> {
    // No idempotency key: the decision is a function of where things stand, so a repeat that finds them elsewhere must
    // decide anew instead of getting its first answer.
    const outcome = await execute(this.#origin);
    expectCarriedOut(outcome, target);
  }

  async #eachOf(
    collection: HeldCollection,
    where: Readonly<Record<string, string | boolean>>,
    work: (id: string) => Promise<void>,
  ): Promise<void> {
    const failures: unknown[] = [];
    let after: readonly string[] | undefined;
    for (;;) {
      const page = await this.#environment.view.find(collection, {
        where,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      });
      const results = await Promise.allSettled(page.map(({ id }) => work(id)));
      for (const result of results) if (result.status === 'rejected') failures.push(result.reason);
      const transient = failures.find(isTransient);
      if (transient !== undefined) throw transient;
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) break;
      after = [last.id];
    }
    // One that cannot be passed on does not hold up the others; the event becomes a dead letter for its sake.
    if (failures.length > 0)
      throw new AggregateError(failures, `${failures.length} of ${collection} remain`);
  }
}

function isTransient(error: unknown): boolean {
  return error instanceof TransientError || error instanceof StoreUnavailableError;
}
