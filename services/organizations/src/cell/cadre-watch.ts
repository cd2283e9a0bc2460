import { CellCadreReleaseCause, type EventOf } from '@unionfold/contracts';
import {
  type CommandHandler,
  type ConsumerDefinition,
  type DecodedEvent,
  eventsTopic,
  expectCarriedOut,
  type RecordedEvent,
  reactionTo,
} from '@unionfold/eventsourcing';
import { uppersFrom } from '../union/hierarchy.ts';
import { cellDecider } from './decider.ts';
import { belongsTo, type Memberships } from './memberships.ts';
import { dutyEnded } from './methods.ts';
import { cellDuties, unionCells } from './registers.ts';

/** Name of the consumer group; unique over all services, because they share the log. */
const name = 'grid-cadres';

type Change = EventOf<'MemberLeft' | 'MemberTransferred' | 'CellCadreAssigned' | 'UnionMoved'>;

/** What the watch works with. */
export interface CadreWatchEnvironment {
  readonly commands: Pick<CommandHandler, 'execute' | 'read' | 'tryOut'>;
  readonly memberships: Memberships;
}

/**
 * Who leaves, or is transferred out of what a cell's union is responsible for, looks after the cell no longer
 * (网格员随会籍卸任); nor does who goes out of it with their union, when that moves.
 *
 * A member may leave while they are being assigned: the assignment asked the members service before, and its event came
 * after. So the assignment is looked at once more when its own event is read: whichever of the two happened last, the
 * one that reads it sees both.
 */
export function cadreWatch({ commands, memberships }: CadreWatchEnvironment): ConsumerDefinition {
  return {
    name,
    topics: [eventsTopic('organizations'), eventsTopic('members')],
    onPoison: 'park',
    apply: async ({ event, recorded }: DecodedEvent) => {
      const change = event as Change;
      switch (change.type) {
        case 'CellCadreAssigned': {
          const { memberId, cellId } = change.data;
          await look(memberId, [cellId], recorded);
          return;
        }
        case 'MemberLeft':
        case 'MemberTransferred': {
          const { memberId } = change.data;
          const { state } = await commands.read(cellDuties, memberId);
          if (state.cellIds.size > 0) await look(memberId, [...state.cellIds], recorded);
          return;
        }
        case 'UnionMoved': {
          const { unionId, fromParentId } = change.data;
          for (const [memberId, cellIds] of await cadresLeft(unionId, fromParentId)) {
            await look(memberId, cellIds, recorded);
          }
          return;
        }
        default:
      }
    },
  };

  /** Who looks after the cells of the unions that a union stood below and no longer does, with those cells. */
  async function cadresLeft(
    unionId: string,
    fromParentId: string,
  ): Promise<ReadonlyMap<string, string[]>> {
    const left = await commands.tryOut(async (session) => {
      const line = new Set(await uppersFrom(session, unionId));
      return (await uppersFrom(session, fromParentId)).filter((id) => !line.has(id));
    });
    const cellsOf = new Map<string, string[]>();
    for (const upperId of left) {
      const { state: register } = await commands.read(unionCells, upperId);
      for (const cellId of register.cellIds) {
        const { state: cell } = await commands.read(cellDecider, cellId);
        for (const memberId of Object.keys(cell.cadres)) {
          cellsOf.set(memberId, [...(cellsOf.get(memberId) ?? []), cellId]);
        }
      }
    }
    return cellsOf;
  }

  async function look(memberId: string, cellIds: readonly string[], cause: RecordedEvent) {
    const origin = reactionTo(cause, name);
    const memberUnionId = await memberships.unionOf(memberId, origin);
    const why =
      memberUnionId === undefined
        ? CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_LEFT
        : CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_TRANSFERRED;
    for (const cellId of cellIds) {
      const outcome = await commands.execute(origin, async (session) => {
        const cell = await session.load(cellDecider, cellId);
        const { unionId, cadres } = cell.state;
        if (cadres[memberId] === undefined) return cellId;
        if (await belongsTo(session, memberUnionId, unionId)) return cellId;
        const release = { type: 'ReleaseCadre', memberId, cause: why, reason: '' } as const;
        const refusal = cell.decide(release);
        if (refusal !== undefined) return refusal;
        session.append('cell-duties', memberId, [dutyEnded(memberId, cellId)]);
        return cellId;
      });
      expectCarriedOut(outcome, `cell ${cellId}`);
    }
  }
}
