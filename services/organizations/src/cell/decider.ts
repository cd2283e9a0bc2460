import { isKnownRegion } from '@unionfold/codes';
import { CellCadreReleaseCause, CellCadreRole } from '@unionfold/contracts';
import { type RefusedProblem, refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import type {
  AssignCadre,
  CellCommand,
  CellEvent,
  CellState,
  CloseCell,
  DrawCell,
  ReleaseCadre,
  RenameCell,
} from './cell.ts';

/** Longest name of a cell, in characters. */
const longestName = 60;

/** The rules of a cell of the grid (网格): who draws it, who looks after it, and when it may go. */
export const cellDecider: Decider<CellState, CellCommand, CellEvent> = {
  aggregate: 'cell',
  initialState: {
    status: 'absent',
    cellId: '',
    unionId: '',
    name: '',
    upperCellId: '',
    regionCode: '',
    cadres: {},
    formerUnionId: '',
    successorCellId: '',
  },
  decide: (command, state) => {
    if (command.type === 'DrawCell') return draw(command, state);
    if (state.status === 'absent') return refuse('cell-unknown', { field: 'cellId' });
    switch (command.type) {
      // The platform's own doing, which finds that nothing is left to do rather than being refused.
      case 'HandOverCell': {
        const { fromUnionId, toUnionId } = command;
        const { cellId } = state;
        return state.status === 'live' && state.unionId === fromUnionId && fromUnionId !== toUnionId
          ? [{ type: 'CellHandedOver', data: { cellId, fromUnionId, toUnionId } }]
          : [];
      }
      case 'ReattachCell': {
        const { fromUpperCellId, toUpperCellId } = command;
        const { cellId } = state;
        return state.status === 'live' && state.upperCellId === fromUpperCellId
          ? [{ type: 'CellReattached', data: { cellId, fromUpperCellId, toUpperCellId } }]
          : [];
      }
      case 'CloseCell':
        return state.status === 'closed' ? [] : close(command, state);
      default:
    }
    if (state.status === 'closed') return refuse('cell-closed', { field: 'cellId' });
    switch (command.type) {
      case 'RenameCell':
        return rename(command, state);
      case 'AssignCadre':
        return assign(command, state);
      case 'ReleaseCadre':
        return release(command, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'CellDrawn':
        return { ...state, ...event.data, status: 'live' };
      case 'CellRenamed':
        return { ...state, name: event.data.name };
      case 'CellCadreAssigned':
        return { ...state, cadres: { ...state.cadres, [event.data.memberId]: event.data.role } };
      case 'CellCadreReleased': {
        const { [event.data.memberId]: _, ...cadres } = state.cadres;
        return { ...state, cadres };
      }
      case 'CellReattached':
        return { ...state, upperCellId: event.data.toUpperCellId };
      case 'CellHandedOver': {
        const { toUnionId: unionId, fromUnionId: formerUnionId } = event.data;
        return { ...state, unionId, formerUnionId };
      }
      case 'CellClosed': {
        const { successorCellId } = event.data;
        return { ...state, status: 'closed', cadres: {}, successorCellId };
      }
    }
  },
};

function draw(command: DrawCell, state: CellState): Decision<CellEvent> {
  const { cellId, unionId, unionStatus, regionCode, upperCellId, upper } = command;
  if (state.status !== 'absent') {
    return refuse('id-taken', { field: 'cellId', params: { id: cellId } });
  }
  switch (unionStatus) {
    case 'absent':
      return refuse('union-unknown', { field: 'unionId' });
    case 'preparing':
    case 'pending':
      return refuse('union-not-live', { field: 'unionId' });
    case 'suspended':
      return refuse('union-suspended', { field: 'unionId' });
    case 'dissolved':
      return refuse('union-dissolved', { field: 'unionId' });
    default:
  }
  const fault = nameFault(command.name);
  if (fault !== undefined) return fault;
  if (regionCode !== '' && !isKnownRegion(regionCode)) {
    return refuse('region-code-unknown', { field: 'regionCode', params: { code: regionCode } });
  }
  if (upper !== undefined && !mayHaveMicroCells(upper, unionId)) {
    return refuse('upper-cell-invalid', { field: 'upperCellId' });
  }
  const name = command.name.trim();
  return [{ type: 'CellDrawn', data: { cellId, unionId, name, upperCellId, regionCode } }];
}

/** Two levels, 网格 and 微网格, of one union. */
function mayHaveMicroCells(upper: CellState, unionId: string): boolean {
  return upper.status === 'live' && upper.unionId === unionId && upper.upperCellId === '';
}

function rename(command: RenameCell, state: CellState): Decision<CellEvent> {
  const fault = nameFault(command.name);
  if (fault !== undefined) return fault;
  const name = command.name.trim();
  if (name === state.name) return [];
  const { cellId } = state;
  return [{ type: 'CellRenamed', data: { cellId, name, reason: command.reason } }];
}

/** One is responsible: whoever is so far makes room. */
function assign(command: AssignCadre, state: CellState): Decision<CellEvent> {
  const { memberId, role, belongs } = command;
  if (role !== CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE && role !== assistant) {
    return refuse('cell-cadre-role-missing', { field: 'role' });
  }
  if (!belongs) return refuse('cell-cadre-not-a-member', { field: 'memberId' });
  if (state.cadres[memberId] === role) return [];
  const { cellId, unionId } = state;
  const before = role === assistant ? undefined : responsibleOf(state);
  const replaced =
    before === undefined || before === memberId
      ? []
      : [released(state, before, CellCadreReleaseCause.CELL_CADRE_RELEASE_CAUSE_REPLACED, '')];
  return [...replaced, { type: 'CellCadreAssigned', data: { cellId, unionId, memberId, role } }];
}

const assistant = CellCadreRole.CELL_CADRE_ROLE_ASSISTANT;

/** Who is responsible for a cell (网格责任人); undefined: nobody. */
export function responsibleOf({ cadres }: CellState): string | undefined {
  const responsible = CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE;
  return Object.keys(cadres).find((memberId) => cadres[memberId] === responsible);
}

function release(command: ReleaseCadre, state: CellState): Decision<CellEvent> {
  const { memberId, cause, reason } = command;
  if (state.cadres[memberId] === undefined) {
    return refuse('cell-cadre-unknown', { field: 'memberId' });
  }
  return [released(state, memberId, cause, reason)];
}

function released(
  { cellId, unionId, name: cellName, cadres }: CellState,
  memberId: string,
  cause: CellCadreReleaseCause,
  reason: string,
): CellEvent {
  const role = cadres[memberId] ?? CellCadreRole.CELL_CADRE_ROLE_UNSPECIFIED;
  return {
    type: 'CellCadreReleased',
    data: { cellId, unionId, cellName, memberId, role, cause, reason },
  };
}

function close(command: CloseCell, state: CellState): Decision<CellEvent> {
  const { employers, microCells, successorCellId, successor, reason } = command;
  if (successor !== undefined && !maySucceed(successor, state, microCells)) {
    return refuse('successor-cell-invalid', { field: 'successorCellId' });
  }
  if (successor === undefined && employers + microCells > 0) {
    return refuse('cell-not-empty', { field: 'cellId', params: { employers, microCells } });
  }
  const { cellId, unionId } = state;
  return [{ type: 'CellClosed', data: { cellId, unionId, successorCellId, reason } }];
}

function maySucceed(successor: CellState, closed: CellState, microCells: number): boolean {
  return (
    successor.status === 'live' &&
    successor.cellId !== closed.cellId &&
    successor.unionId === closed.unionId &&
    (microCells === 0 || successor.upperCellId === '')
  );
}

function nameFault(name: string): RefusedProblem | undefined {
  const { length } = [...name.trim()];
  if (length === 0) return refuse('name-missing', { field: 'name' });
  if (length > longestName) {
    return refuse('name-too-long', { field: 'name', params: { maximum: longestName } });
  }
  return undefined;
}
