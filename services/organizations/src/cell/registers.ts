import type { EventOf } from '@unionfold/contracts';
import type { Decider, DomainEvent } from '@unionfold/eventsourcing';

/** The entries of the register of what is in a cell. */
export type CellEntriesEvent = EventOf<'CellEntryAdmitted' | 'CellEntryReleased'>;

/** What is in a cell. */
export interface CellEntriesState {
  readonly creditCodes: ReadonlySet<string>;
  readonly microCellIds: ReadonlySet<string>;
}

/** The events of a register of cells. */
type CellsEvent = EventOf<
  'UnionCellAdmitted' | 'UnionCellReleased' | 'CellDutyTaken' | 'CellDutyEnded'
>;

/** The cells in a register. */
export interface CellsState {
  readonly cellIds: ReadonlySet<string>;
}

const schema = 1;
/** A set is copied with every entry that is folded. */
const every = 200;

/**
 * The register of the employers and micro-cells in a cell (网格名册). Like the register of subordinates, it decides
 * nothing: entries are appended blindly, so that many employers can be placed in a cell at the same time. Closing the
 * cell loads it, and its version then guards that nothing was placed in between.
 */
export const cellEntries: Decider<CellEntriesState, never, CellEntriesEvent> = {
  aggregate: 'cell-entries',
  initialState: { creditCodes: new Set(), microCellIds: new Set() },
  decide: () => [],
  evolve: (state, { type, data }) => {
    const { creditCode, microCellId } = data;
    const isAdmitted = type === 'CellEntryAdmitted';
    return creditCode === ''
      ? { ...state, microCellIds: changed(state.microCellIds, microCellId, isAdmitted) }
      : { ...state, creditCodes: changed(state.creditCodes, creditCode, isAdmitted) };
  },
  snapshot: {
    schema,
    every,
    toJson: ({ creditCodes, microCellIds }) => ({
      creditCodes: [...creditCodes],
      microCellIds: [...microCellIds],
    }),
    fromJson: (json) => {
      const { creditCodes, microCellIds } = json as Record<keyof CellEntriesState, string[]>;
      return { creditCodes: new Set(creditCodes), microCellIds: new Set(microCellIds) };
    },
  },
};

/** The register of a union's cells: what its successor takes over. */
export const unionCells = registerOfCells('union-cells', 'UnionCellAdmitted');

/** The register of the cells that a member looks after. */
export const cellDuties = registerOfCells('cell-duties', 'CellDutyTaken');

/** The entry that takes an employer or a micro-cell into a cell. */
export function entryAdmitted(
  cellId: string,
  { creditCode = '', microCellId = '' }: Entry,
): CellEntriesEvent {
  return { type: 'CellEntryAdmitted', data: { cellId, creditCode, microCellId } };
}

/** The entry that lets an employer or a micro-cell go. */
export function entryReleased(
  cellId: string,
  { creditCode = '', microCellId = '' }: Entry,
): CellEntriesEvent {
  return { type: 'CellEntryReleased', data: { cellId, creditCode, microCellId } };
}

type Entry = { readonly creditCode?: string; readonly microCellId?: string };

function registerOfCells(
  aggregate: string,
  admitting: CellsEvent['type'],
): Decider<CellsState, never, CellsEvent & DomainEvent> {
  return {
    aggregate,
    initialState: { cellIds: new Set() },
    decide: () => [],
    evolve: ({ cellIds }, { type, data }) => ({
      cellIds: changed(cellIds, data.cellId, type === admitting),
    }),
    snapshot: {
      schema,
      every,
      toJson: ({ cellIds }) => ({ cellIds: [...cellIds] }),
      fromJson: (json) => ({ cellIds: new Set((json as { cellIds: string[] }).cellIds) }),
    },
  };
}

function changed(before: ReadonlySet<string>, id: string, isAdmitted: boolean): Set<string> {
  const after = new Set(before);
  if (isAdmitted) after.add(id);
  else after.delete(id);
  return after;
}
