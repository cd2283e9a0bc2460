import { isDeepStrictEqual } from 'node:util';
import { asInTables, isValidId } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { type ProblemCode, refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import type { UnionStatusWord } from '../read-models/federation/documents.ts';
import { inSlices } from './in-slices.ts';
import { type FaultyRow, type TableUnion, unitAlone } from './union-row.ts';

/** A union that is there, inside the jurisdiction of whoever imports. */
export interface KnownUnion {
  readonly status: UnionStatusWord;
  readonly type: UnionType;
  readonly industryParentId: string;
  readonly approvalDocument: string;
}

/** What is known of the unions that a table speaks of. */
export interface KnownUnions {
  /** The union whose cadre imports: the top of the jurisdiction. */
  readonly topId: string;
  /** Whether nothing stands above it, so that no id can be taken by a union outside. */
  readonly isWhole: boolean;
  /** A union of the jurisdiction; what lies outside is as if it were not. */
  inside(id: string): KnownUnion | undefined;
  /** Whether it is an industry union, which everybody knows wherever it stands. */
  isIndustryUnion(id: string): boolean;
}

/** A row that is ready to be carried out, once those that it waits for are. */
export interface PlannedRow {
  readonly row: number;
  /** With its id, made for it where the table has none. */
  readonly union: TableUnion;
  readonly onlyNew: boolean;
  /** Rows that establish its upper unions: when one of them fails, it fails. */
  readonly needs: readonly number[];
  /** Of a row that tells of a further unit alone: the row that tells of the union itself. */
  readonly mainRow: number | undefined;
}

/** A row that fails whatever else happens. */
export interface FailedRow {
  readonly row: number;
  readonly refusal: Refusal<ProblemCode>;
}

/** How a table is carried out. */
export interface ImportPlan {
  readonly failed: readonly FailedRow[];
  /** Rows of one level depend on no other of it. */
  readonly levels: readonly (readonly PlannedRow[])[];
}

/**
 * Puts the rows of a table in order, whatever order they come in: upper unions first. What no order can help is told
 * of each row: what cannot be read, repetitions, circles, places outside the jurisdiction, ids that may not be chosen.
 * @param idOf the id of a row that has none: the same whenever the same table is planned again
 */
export async function planRows(
  entries: readonly (TableUnion | FaultyRow)[],
  known: KnownUnions,
  idOf: (row: number) => string,
): Promise<ImportPlan> {
  const failed: FailedRow[] = [];
  const unions: TableUnion[] = [];
  const mains = mainRows(entries);
  const rowOfId = new Map([...mains].map(([id, { row }]) => [id, row]));
  const rowOfUnit = new Map<string, number>();
  const rowOfCode = new Map<string, number>();
  /** Why a row fails by itself; else it is noted for those that come after it. */
  const ownFault = (entry: TableUnion | FaultyRow): Refusal<ProblemCode> | undefined => {
    const { row, id } = entry;
    if ('fault' in entry) {
      const { code, field, params = {} } = entry.fault;
      return refuse(code, { field, params });
    }
    const { creditCode, unit } = entry;
    const unitKey = id === '' || unit === undefined ? '' : `${id} ${unit.creditCode}`;
    const told = unitKey === '' ? undefined : rowOfUnit.get(unitKey);
    if (told !== undefined) return repeated('import-unit-repeated', 'unitCreditCode', told);
    if (unitKey !== '') rowOfUnit.set(unitKey, row);
    const main = mains.get(id);
    if (main !== undefined && main !== entry) {
      return isFurther(entry, main) ? undefined : repeated('import-id-repeated', 'id', main.row);
    }
    const same = creditCode === '' ? undefined : rowOfCode.get(creditCode);
    if (same !== undefined) return repeated('import-credit-code-repeated', 'creditCode', same);
    if (creditCode !== '') rowOfCode.set(creditCode, row);
    return placeFault(entry, known);
  };
  for await (const slice of inSlices(entries)) {
    for (const entry of slice) {
      const refusal = ownFault(entry);
      if (refusal !== undefined) failed.push({ row: entry.row, refusal });
      else if (!('fault' in entry)) {
        const main = mains.get(entry.id);
        if (entry.id === '') unions.push({ ...entry, id: idOf(entry.row) });
        else unions.push(main === entry ? entry : unitAlone(entry));
      }
    }
  }

  const newRows = new Map<string, number>();
  for (const [id, row] of rowOfId) if (known.inside(id) === undefined) newRows.set(id, row);
  const planned: PlannedRow[] = [];
  for await (const slice of inSlices(unions)) {
    for (const union of slice) {
      const mainRow = rowOfId.get(union.id);
      if (mainRow !== undefined && mainRow !== union.row) {
        planned.push({ row: union.row, union, onlyNew: false, needs: [], mainRow });
        continue;
      }
      const fault = parentFault(union, known, newRows);
      if (fault === undefined) planned.push(plannedRow(union, known, newRows));
      else failed.push({ row: union.row, refusal: fault });
    }
  }
  const { levels, circles } = await inOrder(planned);
  for (const row of circles) {
    failed.push({ row, refusal: refuse('import-cycle', { field: 'territorialParentId' }) });
  }
  return { failed: failed.toSorted((a, b) => a.row - b.row), levels };
}

function plannedRow(
  union: TableUnion,
  known: KnownUnions,
  newRows: ReadonlyMap<string, number>,
): PlannedRow {
  const { row, territorialParentId, industryParentId } = union;
  const isNew = known.inside(union.id) === undefined;
  const uppers = isNew ? [territorialParentId, industryParentId] : [territorialParentId];
  const needs = [...new Set(uppers.flatMap((id) => newRows.get(id) ?? []))];
  return { row, union, onlyNew: isNew, needs, mainRow: undefined };
}

/**
 * The row of each id that tells of the union itself: the first that says more than a unit, or else the first. Others are
 * there for further units.
 */
function mainRows(
  entries: readonly (TableUnion | FaultyRow)[],
): ReadonlyMap<string, TableUnion | FaultyRow> {
  const mains = new Map<string, TableUnion | FaultyRow>();
  const isUnitAlone = (entry: TableUnion | FaultyRow) =>
    !('fault' in entry) && entry.unit !== undefined && !entry.tellsUnion;
  for (const entry of entries) {
    const before = mains.get(entry.id);
    if (entry.id === '' || (before !== undefined && !isUnitAlone(before))) continue;
    if (before === undefined || !isUnitAlone(entry)) mains.set(entry.id, entry);
  }
  return mains;
}

/** Whether a row tells of a further unit, and of the union itself nothing or the same. */
function isFurther(entry: TableUnion, main: TableUnion | FaultyRow): boolean {
  if (entry.unit === undefined) return false;
  return !entry.tellsUnion || (!('fault' in main) && isDeepStrictEqual(facts(entry), facts(main)));
}

function facts({ row: _r, unit: _u, unitFields: _f, ...told }: TableUnion) {
  return told;
}

/** Why a row cannot be about the union that it names. */
function placeFault(union: TableUnion, known: KnownUnions): Refusal<ProblemCode> | undefined {
  const { id } = union;
  const there = id === '' ? undefined : known.inside(id);
  if (there !== undefined) {
    const { approvalDocument: told } = union;
    const isOther = told !== '' && told !== asInTables(there.approvalDocument);
    return isOther && there.status !== 'pending' && there.status !== 'preparing'
      ? refuse('import-field-fixed', { field: 'approvalDocument' })
      : undefined;
  }
  if (id === '') return undefined;
  // Whether a union outside has the id is not told: ids of others cannot be asked for at all.
  const isOwn = known.isWhole || id.startsWith(`${known.topId}-`);
  return isOwn && isValidId(id) ? undefined : refuse('import-id-unavailable', { field: 'id' });
}

/** Why a union cannot be put where its row says, as far as that does not depend on other rows. */
function parentFault(
  union: TableUnion,
  known: KnownUnions,
  newRows: ReadonlyMap<string, number>,
): Refusal<ProblemCode> | undefined {
  const { id, type, territorialParentId, industryParentId } = union;
  const there = known.inside(id);
  const isKnown = (unionId: string) =>
    unionId === '' || known.inside(unionId) !== undefined || newRows.has(unionId);
  if (!isKnown(territorialParentId)) {
    return refuse('parent-unknown', { field: 'territorialParentId' });
  }
  const keeps = there !== undefined && there.industryParentId === industryParentId;
  if (!keeps && !isKnown(industryParentId) && !known.isIndustryUnion(industryParentId)) {
    return refuse('parent-unknown', { field: 'industryParentId' });
  }
  if (there === undefined && type === UnionType.UNION_TYPE_UNSPECIFIED) {
    return refuse('union-type-missing', { field: 'type' });
  }
  return undefined;
}

function repeated(code: ProblemCode, field: string, row: number): Refusal<ProblemCode> {
  return refuse(code, { field, params: { row } });
}

/** The rows level by level, and those that stand on a circle. */
async function inOrder(planned: readonly PlannedRow[]): Promise<{
  readonly levels: readonly (readonly PlannedRow[])[];
  readonly circles: readonly number[];
}> {
  const byId = new Map(
    planned.flatMap((entry) =>
      entry.mainRow === undefined ? [[entry.union.id, entry] as const] : [],
    ),
  );
  const byRow = new Map(planned.map((entry) => [entry.row, entry]));
  const waitsFor: WaitsFor = new Map();
  for await (const slice of inSlices(planned)) {
    for (const entry of slice) {
      // An upper union that is there already and has a row of its own goes first, too: it may have to move away.
      const upper = byId.get(entry.union.territorialParentId);
      const uppers = new Set(entry.needs.flatMap((row) => byRow.get(row) ?? []));
      if (upper !== undefined) uppers.add(upper);
      const main = entry.mainRow === undefined ? undefined : byRow.get(entry.mainRow);
      if (main !== undefined) uppers.add(main);
      waitsFor.set(entry, uppers);
    }
  }
  const first = await inLevels(planned, waitsFor);
  const circles = onCircles(first.left, waitsFor);
  // Those below a circle go on: a new union of a circle fails them, one that is there already stays where it is.
  const below = [...first.left].filter(({ row }) => !circles.has(row));
  const second = await inLevels(below, waitsFor);
  return { levels: [...first.levels, ...second.levels], circles: [...circles] };
}

type WaitsFor = Map<PlannedRow, ReadonlySet<PlannedRow>>;

/**
 * Kahn's algorithm, a level at a time: a table may be a chain of as many levels as it has rows. What is not among the
 * rows given is not waited for.
 */
async function inLevels(
  entries: readonly PlannedRow[],
  waitsFor: WaitsFor,
): Promise<{
  readonly levels: readonly (readonly PlannedRow[])[];
  /** Those that would wait for ever. */
  readonly left: ReadonlySet<PlannedRow>;
}> {
  const left = new Set(entries);
  const waiting = new Map<PlannedRow, number>();
  const lowersOf = new Map<PlannedRow, PlannedRow[]>();
  for await (const slice of inSlices(entries)) {
    for (const entry of slice) {
      const uppers = [...(waitsFor.get(entry) ?? [])].filter((upper) => left.has(upper));
      waiting.set(entry, uppers.length);
      for (const upper of uppers) {
        const lowers = lowersOf.get(upper);
        if (lowers === undefined) lowersOf.set(upper, [entry]);
        else lowers.push(entry);
      }
    }
  }
  const levels: PlannedRow[][] = [];
  let level = entries.filter((entry) => waiting.get(entry) === 0);
  while (level.length > 0) {
    levels.push(level);
    const next: PlannedRow[] = [];
    for await (const slice of inSlices(level)) {
      for (const done of slice) {
        left.delete(done);
        for (const entry of lowersOf.get(done) ?? []) {
          const more = (waiting.get(entry) ?? 0) - 1;
          waiting.set(entry, more);
          if (more === 0) next.push(entry);
        }
      }
    }
    level = next;
  }
  return { levels, left };
}

/** Of the rows that wait for ever, those for whom one of them waits, again and again: the circles. */
function onCircles(waiting: ReadonlySet<PlannedRow>, waitsFor: WaitsFor): ReadonlySet<number> {
  const awaited = new Map([...waiting].map((entry) => [entry, 0]));
  const uppersOf = (entry: PlannedRow) =>
    [...(waitsFor.get(entry) ?? [])].filter((upper) => awaited.has(upper));
  for (const entry of waiting) {
    for (const upper of uppersOf(entry)) awaited.set(upper, (awaited.get(upper) ?? 0) + 1);
  }
  const leaves = [...awaited].filter(([, times]) => times === 0).map(([entry]) => entry);
  for (let leaf = leaves.pop(); leaf !== undefined; leaf = leaves.pop()) {
    for (const upper of uppersOf(leaf)) {
      const times = (awaited.get(upper) ?? 0) - 1;
      awaited.set(upper, times);
      if (times === 0) leaves.push(upper);
    }
    awaited.delete(leaf);
  }
  return new Set([...awaited.keys()].map(({ row }) => row));
}
