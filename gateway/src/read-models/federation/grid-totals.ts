import type { JsonObject } from '@unionfold/eventsourcing';

const counts = [
  'employers',
  'coveredEmployers',
  'cellEmployers',
  'employees',
  'coveredEmployees',
  'cellEmployees',
  'cells',
  'cadrelessCells',
] as const;

/** What a subtree holds of employers and cells (网格覆盖): known, covered by a union, in a cell. */
export type GridTotals = JsonObject & Readonly<Record<(typeof counts)[number], number>>;

/** A change of such totals. */
export type GridDelta = Partial<Readonly<Record<(typeof counts)[number], number>>>;

/** Totals after a change; nothing where there are none and nothing changes. */
export function addedGrid(
  before: GridTotals | undefined,
  delta: GridDelta | undefined,
): { readonly grid?: GridTotals } {
  if (delta === undefined) return before === undefined ? {} : { grid: before };
  const grid = Object.fromEntries(
    counts.map((count) => [count, (before?.[count] ?? 0) + (delta[count] ?? 0)]),
  );
  return { grid: grid as GridTotals };
}

/** The change that takes another one back. */
export function negativeGrid(delta: GridDelta): GridDelta {
  return Object.fromEntries(counts.map((count) => [count, -(delta[count] ?? 0)]));
}
