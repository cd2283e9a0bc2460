import { isValidId } from '@unionfold/codes';
import { CellCadreReleaseCause } from '@unionfold/contracts';
import type { Cell, GridServiceService } from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import type { Handlers, ServiceContext } from '@unionfold/service-kit';
import { employerDecider } from '../employer/decider.ts';
import { placeIn } from '../employer/placing.ts';
import { unionDecider } from '../union/decider.ts';
import { cellDecider, responsibleOf } from './decider.ts';
import { belongsTo, type Memberships } from './memberships.ts';
import { cellEntries, entryAdmitted, entryReleased } from './registers.ts';

type CellMethods = Pick<
  Handlers<typeof GridServiceService>,
  | 'drawCell'
  | 'renameCell'
  | 'assignCellCadre'
  | 'releaseCellCadre'
  | 'placeEmployer'
  | 'removeEmployer'
  | 'closeCell'
  | 'getCell'
>;

/** Drawing and closing cells (网格), who looks after them, and which employers lie in them. */
export function cellMethods(
  { commands, answer }: ServiceContext,
  memberships: Memberships,
): CellMethods {
  return {
    drawCell: async ({ unionId, name, upperCellId, regionCode, ...request }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const cellId = request.cellId === '' ? session.newId() : request.cellId;
          if (!isValidId(cellId)) {
            return refuse('id-invalid', { field: 'cellId', params: { maximum: 64 } });
          }
          const cell = await session.load(cellDecider, cellId);
          // Guarded, so that no cell is drawn at a union that is dissolved at the same time, and none in a cell that
          // is being closed.
          const union = await session.load(unionDecider, unionId);
          const upper =
            upperCellId === '' ? undefined : (await session.load(cellDecider, upperCellId)).state;
          const drawn = { cellId, unionId, name, regionCode, upperCellId, upper };
          const refusal = cell.decide({
            ...drawn,
            type: 'DrawCell',
            unionStatus: union.state.status,
          });
          if (refusal !== undefined) return refusal;
          session.append('union-cells', unionId, [
            { type: 'UnionCellAdmitted', data: { unionId, cellId } },
          ]);
          if (upperCellId !== '') {
            const entry = entryAdmitted(upperCellId, { microCellId: cellId });
            session.append('cell-entries', upperCellId, [entry]);
          }
          return cellId;
        }),
      ),

    renameCell: async ({ cellId, name, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const cell = await session.load(cellDecider, cellId);
          return (
            cell.expectVersion(Number(expectedVersion)) ??
            cell.decide({ type: 'RenameCell', name, reason }) ??
            cellId
          );
        }),
      ),

    assignCellCadre: async ({ cellId, memberId, role, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const cell = await session.load(cellDecider, cellId);
          const { unionId, cadres, status } = cell.state;
          const before = responsibleOf(cell.state);
          const belongs =
            status === 'live' &&
            (await belongsTo(session, await memberships.unionOf(memberId, call), unionId));
          const refusal =
            cell.expectVersion(Number(expectedVersion)) ??
            cell.decide({ type: 'AssignCadre', memberId, role, belongs });
          if (refusal !== undefined) return refusal;
          const after = cell.state.cadres;
          if (cadres[memberId] === undefined && after[memberId] !== undefined) {
            session.append('cell-duties', memberId, [dutyTaken(memberId, cellId)]);
          }
          if (before !== undefined && after[before] === undefined) {
            session.append('cell-duties', before, [dutyEnded(before, cellId)]);
          }
          return cellId;
        }),
      ),

    releaseCellCadre: async ({ cellId, memberId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const cell = await session.load(cellDecider, cellId);
          const cause = CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_BY_UNION;
          const refusal =
            cell.expectVersion(Number(expectedVersion)) ??
            cell.decide({ type: 'ReleaseCadre', memberId, cause, reason });
          if (refusal !== undefined) return refusal;
          session.append('cell-duties', memberId, [dutyEnded(memberId, cellId)]);
          return cellId;
        }),
      ),

    placeEmployer: async ({ creditCode, cellId, covered }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const employer = await session.load(employerDecider, creditCode);
          return (await placeIn(session, employer, { creditCode, cellId, covered })) ?? creditCode;
        }),
      ),

    removeEmployer: async ({ creditCode, cellId, reason }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const employer = await session.load(employerDecider, creditCode);
          const removing = { creditCode, cellId, reason };
          const refusal = employer.decide({ ...removing, type: 'RemoveEmployer' });
          if (refusal !== undefined) return refusal;
          session.append('cell-entries', cellId, [entryReleased(cellId, { creditCode })]);
          return creditCode;
        }),
      ),

    closeCell: async ({ cellId, successorCellId, reason, expectedVersion }, call) =>
      answer(
        await commands.execute(call, async (session) => {
          const cell = await session.load(cellDecider, cellId);
          const { upperCellId, unionId, cadres } = cell.state;
          const { creditCodes, microCellIds } = (await session.load(cellEntries, cellId)).state;
          const successor =
            successorCellId === ''
              ? undefined
              : (await session.load(cellDecider, successorCellId)).state;
          const refusal =
            cell.expectVersion(Number(expectedVersion)) ??
            cell.decide({
              type: 'CloseCell',
              reason,
              employers: creditCodes.size,
              microCells: microCellIds.size,
              successorCellId,
              successor,
            });
          if (refusal !== undefined || cell.pending.length === 0) return refusal ?? cellId;
          for (const microCellId of microCellIds) {
            const micro = await session.load(cellDecider, microCellId);
            const way = { fromUpperCellId: cellId, toUpperCellId: successorCellId };
            const stuck = micro.decide({ ...way, type: 'ReattachCell' });
            if (stuck !== undefined) return stuck;
            session.append('cell-entries', successorCellId, [
              entryAdmitted(successorCellId, { microCellId }),
            ]);
          }
          session.append('union-cells', unionId, [
            { type: 'UnionCellReleased', data: { unionId, cellId } },
          ]);
          if (upperCellId !== '') {
            const entry = entryReleased(upperCellId, { microCellId: cellId });
            session.append('cell-entries', upperCellId, [entry]);
          }
          for (const memberId of Object.keys(cadres)) {
            session.append('cell-duties', memberId, [dutyEnded(memberId, cellId)]);
          }
          return cellId;
        }),
      ),

    getCell: async ({ cellId }): Promise<Cell | Refusal> => {
      const { state, version } = await commands.read(cellDecider, cellId);
      if (state.status === 'absent') return refuse('cell-unknown', { field: 'cellId' });
      const { unionId, name, upperCellId, regionCode } = state;
      return {
        cellId,
        unionId,
        name,
        upperCellId,
        regionCode,
        closed: state.status === 'closed',
        cadres: Object.entries(state.cadres).map(([memberId, role]) => ({ memberId, role })),
        version: BigInt(version),
      };
    },
  };
}

function dutyTaken(memberId: string, cellId: string) {
  return { type: 'CellDutyTaken', data: { memberId, cellId } } as const;
}

/** The entry that ends a member's duty to a cell. */
export function dutyEnded(memberId: string, cellId: string) {
  return { type: 'CellDutyEnded', data: { memberId, cellId } } as const;
}
