import type { EventOf } from '@unionfold/contracts';
import {
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
import { employerDecider } from '../employer/decider.ts';
import { deepest } from '../union/hierarchy.ts';
import { cellDecider } from './decider.ts';
import { heirOf } from './memberships.ts';
import { cellEntries, entryAdmitted, entryReleased, unionCells } from './registers.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'grid-succession';

/** Commands at once: they share the store's commits. */
const width = 16;

type Change = EventOf<'UnionDissolved' | 'UnionRestored' | 'CellClosed'>;

/**
 * What the end of one thing means for the cells: those of a dissolved union pass to its successor, and come back when
 * it is restored; employers of a closed cell go to the cell that succeeds it.
 *
 * Nothing is left behind: when the event is read, no cell can be drawn at the union any more and no employer placed in
 * the cell, because both load and guard the stream that the event stands in. So the registers are complete by then.
 */
export function cellSuccession({
  commands,
}: {
  readonly commands: Pick<CommandHandler, 'execute' | 'read'>;
}): ConsumerDefinition {
  return {
    name,
    topics: [eventsTopic('organizations')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      const change = event as Change;
      switch (change.type) {
        case 'UnionDissolved': {
          const { unionId } = change.data;
          const { state } = await commands.read(unionCells, unionId);
          await each(state.cellIds, (cellId) =>
            carryOut(commands, recorded, cellId, async (session) =>
              handOver(session, cellId, unionId, await heirOf(session, unionId)),
            ),
          );
          return;
        }
        case 'UnionRestored': {
          const { unionId, successorId } = change.data;
          const { state } = await commands.read(unionCells, successorId);
          await each(state.cellIds, (cellId) =>
            carryOut(commands, recorded, cellId, async (session) => {
              const cell = await session.load(cellDecider, cellId);
              if (cell.state.formerUnionId !== unionId) return undefined;
              return handOver(session, cellId, successorId, await heirOf(session, unionId));
            }),
          );
          return;
        }
        case 'CellClosed': {
          const { cellId, successorCellId } = change.data;
          if (successorCellId === '') return;
          const { state } = await commands.read(cellEntries, cellId);
          await each(state.creditCodes, (creditCode) =>
            carryOut(commands, recorded, creditCode, (session) =>
              carryOver(session, creditCode, cellId),
            ),
          );
          return;
        }
        default:
      }
    },
  };
}

async function handOver(
  session: CommandSession,
  cellId: string,
  fromUnionId: string,
  toUnionId: string,
): Promise<Refusal | undefined> {
  const cell = await session.load(cellDecider, cellId);
  const refusal = cell.decide({ type: 'HandOverCell', fromUnionId, toUnionId });
  if (refusal !== undefined || cell.pending.length === 0) return refusal;
  session.append('union-cells', fromUnionId, [
    { type: 'UnionCellReleased', data: { unionId: fromUnionId, cellId } },
  ]);
  session.append('union-cells', toUnionId, [
    { type: 'UnionCellAdmitted', data: { unionId: toUnionId, cellId } },
  ]);
  return undefined;
}

async function carryOver(
  session: CommandSession,
  creditCode: string,
  fromCellId: string,
): Promise<Refusal | undefined> {
  const employer = await session.load(employerDecider, creditCode);
  // Removed or carried over before.
  if (employer.state.cellId !== fromCellId) return undefined;
  const toCellId = await heirCell(session, fromCellId);
  const refusal =
    toCellId === ''
      ? employer.decide({ type: 'RemoveEmployer', creditCode, cellId: fromCellId, reason: '' })
      : employer.decide({ type: 'CarryOverEmployer', creditCode, fromCellId, toCellId });
  if (refusal !== undefined) return refusal;
  session.append('cell-entries', fromCellId, [entryReleased(fromCellId, { creditCode })]);
  if (toCellId !== '') {
    session.append('cell-entries', toCellId, [entryAdmitted(toCellId, { creditCode })]);
  }
  return undefined;
}

/** The first successor of a cell that is live; empty when the last one was closed, empty as it was then. */
async function heirCell(session: CommandSession, cellId: string): Promise<string> {
  let id = cellId;
  for (let steps = 0; steps < deepest && id !== ''; steps++) {
    const { state } = await session.load(cellDecider, id);
    if (state.status === 'live') return id;
    id = state.successorCellId;
  }
  return '';
}

/** @param id of what the command is about; the same reaction again finds it done and changes nothing */
async function carryOut(
  commands: Pick<CommandHandler, 'execute'>,
  cause: RecordedEvent,
  id: string,
  work: (session: CommandSession) => Promise<Refusal | undefined>,
): Promise<void> {
  const outcome = await commands.execute(
    reactionTo(cause, name),
    async (session) => (await work(session)) ?? id,
  );
  expectCarriedOut(outcome, id);
}

async function each(ids: ReadonlySet<string>, work: (id: string) => Promise<void>): Promise<void> {
  const all = [...ids];
  for (let start = 0; start < all.length; start += width) {
    await Promise.all(all.slice(start, start + width).map(work));
  }
}
