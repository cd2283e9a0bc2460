import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import type {
  CloseEmployer,
  CorrectEmployer,
  EmployerCommand,
  EmployerEvent,
  EmployerState,
  PlaceEmployer,
  RegisterEmployer,
  RemoveEmployer,
} from './employer.ts';
import { asWritten, particularsFault, sameParticulars } from './particulars-policy.ts';

/**
 * The rules of an employer (用人单位). Its stream also tells the one cell that it lies in, so that two cells that take
 * it at the same time meet here.
 */
export const employerDecider: Decider<EmployerState, EmployerCommand, EmployerEvent> = {
  aggregate: 'employer',
  initialState: { status: 'unregistered', particulars: undefined, cellId: '' },
  decide: (command, state) => {
    switch (command.type) {
      case 'RegisterEmployer':
        return register(command, state);
      case 'CorrectEmployer':
        return correct(command, state);
      case 'CloseEmployer':
        return close(command, state);
      case 'PlaceEmployer':
        return place(command, state);
      case 'CarryOverEmployer': {
        const { creditCode, fromCellId, toCellId: cellId } = command;
        return state.cellId === fromCellId
          ? [{ type: 'EmployerPlaced', data: { creditCode, cellId, fromCellId } }]
          : [];
      }
      case 'RemoveEmployer':
        return remove(command, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'EmployerRegistered':
      case 'EmployerCorrected':
        return { ...state, status: 'open', particulars: event.data.particulars };
      case 'EmployerClosed':
        return { ...state, status: 'closed' };
      case 'EmployerPlaced':
        return { ...state, cellId: event.data.cellId };
      case 'EmployerRemoved':
        return { ...state, cellId: '' };
    }
  },
};

function register(command: RegisterEmployer, state: EmployerState): Decision<EmployerEvent> {
  if (state.status === 'open') return refuse('employer-registered', { field: 'creditCode' });
  const particulars = asWritten(command.particulars);
  const fault = particularsFault(particulars, command.today);
  if (fault !== undefined) return fault;
  const { creditCode } = command;
  return [{ type: 'EmployerRegistered', data: { creditCode, particulars } }];
}

function correct(command: CorrectEmployer, state: EmployerState): Decision<EmployerEvent> {
  const missing = notOpen(state);
  if (missing !== undefined) return missing;
  const particulars = asWritten(command.particulars);
  const fault = particularsFault(particulars, command.today);
  if (fault !== undefined) return fault;
  if (sameParticulars(particulars, state.particulars)) return [];
  const { creditCode, reason } = command;
  return [{ type: 'EmployerCorrected', data: { creditCode, particulars, reason } }];
}

function close({ creditCode, reason }: CloseEmployer, state: EmployerState) {
  if (state.status === 'closed') return [];
  const missing = notOpen(state);
  if (missing !== undefined) return missing;
  const { cellId } = state;
  const removed: EmployerEvent[] =
    cellId === '' ? [] : [{ type: 'EmployerRemoved', data: { creditCode, cellId, reason } }];
  return [...removed, { type: 'EmployerClosed', data: { creditCode, reason } } as const];
}

function place(command: PlaceEmployer, state: EmployerState): Decision<EmployerEvent> {
  const { creditCode, cellId, cell, covered } = command;
  if (cell.status === 'absent') return refuse('cell-unknown', { field: 'cellId' });
  if (cell.status === 'closed') return refuse('cell-closed', { field: 'cellId' });
  if (state.status === 'closed') return refuse('employer-closed', { field: 'creditCode' });
  if (state.status === 'unregistered' && !covered) {
    return refuse('employer-unknown', { field: 'creditCode' });
  }
  if (state.cellId === cellId) return [];
  if (state.cellId !== '') return refuse('employer-in-another-cell', { field: 'creditCode' });
  return [{ type: 'EmployerPlaced', data: { creditCode, cellId, fromCellId: '' } }];
}

function remove(
  { creditCode, cellId, reason }: RemoveEmployer,
  state: EmployerState,
): Decision<EmployerEvent> {
  if (state.cellId !== cellId) return refuse('employer-not-in-cell', { field: 'creditCode' });
  return [{ type: 'EmployerRemoved', data: { creditCode, cellId, reason } }];
}

function notOpen({ status }: EmployerState) {
  if (status === 'closed') return refuse('employer-closed', { field: 'creditCode' });
  if (status === 'unregistered') return refuse('employer-unknown', { field: 'creditCode' });
  return undefined;
}
