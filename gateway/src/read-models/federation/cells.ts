import { CellCadreRole } from '@unionfold/contracts';
import type { CellDocument, CellTotals } from './grid-documents.ts';
import { type GridDelta, negativeGrid } from './grid-totals.ts';
import type { EventHandlers, FederationContext } from './projection.ts';

const nothing: CellTotals = { employers: 0, coveredEmployers: 0, employees: 0 };

/** Cells of the grid (网格), who looks after them, and what lies in them. */
export const cellHandlers: EventHandlers = {
  CellDrawn: async ({ cellId, unionId, name, upperCellId, regionCode }, context, { version }) => {
    await change(context, cellId, (cell) => ({
      ...cell,
      unionId,
      name,
      upperCellId,
      regionCode,
      live: true,
      version,
    }));
  },
  CellRenamed: async ({ cellId, name }, context, { version }) => {
    await change(context, cellId, (cell) => ({ ...cell, name, version }));
  },
  CellCadreAssigned: async ({ cellId, memberId, role }, context, { version }) => {
    await change(context, cellId, (cell) => {
      const others = without(cell, memberId);
      return role === CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE
        ? { ...others, responsibleId: memberId, version }
        : { ...others, assistantIds: [...others.assistantIds, memberId], version };
    });
  },
  CellCadreReleased: async ({ cellId, memberId }, context, { version }) => {
    await change(context, cellId, (cell) => ({ ...without(cell, memberId), version }));
  },
  CellReattached: async ({ cellId, toUpperCellId: upperCellId }, context, { version }) => {
    await change(context, cellId, (cell) => ({ ...cell, upperCellId, version }));
  },
  CellHandedOver: async ({ cellId, toUnionId: unionId }, context, { version }) => {
    await change(context, cellId, (cell) => ({ ...cell, unionId, version }));
  },
  CellClosed: async ({ cellId }, context, { version }) => {
    await change(context, cellId, (cell) => ({
      ...cell,
      live: false,
      responsibleId: '',
      assistantIds: [],
      version,
    }));
  },
};

/** What came into a cell or went out of it counts for the cell, and for the one above. */
export async function changeCellTotals(
  context: FederationContext,
  cellId: string,
  delta: CellTotals,
): Promise<void> {
  const cell = await cellOf(context, cellId);
  context.documents.put('cells', { ...cell, totals: sum(cell.totals, delta) });
  // One level up: a cell above a cell is no micro-cell.
  if (cell.upperCellId !== '') await changeCellTotals(context, cell.upperCellId, delta);
}

async function change(
  context: FederationContext,
  cellId: string,
  next: (cell: CellDocument) => CellDocument,
): Promise<void> {
  const { documents, tree } = context;
  const before = await cellOf(context, cellId);
  const changed = next(before);
  const { path } = await tree.union(changed.unionId);
  const after = { ...changed, path, hasCadre: changed.responsibleId !== '' };
  documents.put('cells', after);
  if (before.unionId !== '') {
    await tree.add(before.unionId, { grid: negativeGrid(gridShare(before)) });
  }
  await tree.add(after.unionId, { grid: gridShare(after) });
  await changeUpper(context, before, -1);
  await changeUpper(context, after, 1);
}

/** @param sign whether the cell comes under the one above it, or goes */
async function changeUpper(context: FederationContext, cell: CellDocument, sign: 1 | -1) {
  const { upperCellId, live, totals } = cell;
  if (upperCellId === '') return;
  const upper = await cellOf(context, upperCellId);
  context.documents.put('cells', { ...upper, microCells: upper.microCells + (live ? sign : 0) });
  const { employers, coveredEmployers, employees } = totals;
  await changeCellTotals(context, upperCellId, {
    employers: sign * employers,
    coveredEmployers: sign * coveredEmployers,
    employees: sign * employees,
  });
}

/** A cell, as a placeholder when others speak of it before its own beginning has arrived. */
async function cellOf({ documents }: FederationContext, id: string): Promise<CellDocument> {
  const found = (await documents.get('cells', id)) as CellDocument | undefined;
  return (
    found ?? {
      id,
      unionId: '',
      path: '',
      name: '',
      regionCode: '',
      upperCellId: '',
      live: false,
      responsibleId: '',
      assistantIds: [],
      hasCadre: false,
      microCells: 0,
      totals: nothing,
      version: 0,
    }
  );
}

function without(cell: CellDocument, memberId: string): CellDocument {
  return {
    ...cell,
    responsibleId: cell.responsibleId === memberId ? '' : cell.responsibleId,
    assistantIds: cell.assistantIds.filter((id) => id !== memberId),
  };
}

function gridShare({ live, responsibleId }: CellDocument): GridDelta {
  return live ? { cells: 1, cadrelessCells: responsibleId === '' ? 1 : 0 } : {};
}

function sum(one: CellTotals, other: CellTotals): CellTotals {
  return {
    employers: one.employers + other.employers,
    coveredEmployers: one.coveredEmployers + other.coveredEmployers,
    employees: one.employees + other.employees,
  };
}
