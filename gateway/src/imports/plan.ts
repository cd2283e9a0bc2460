import { asInTables, isValidId } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { type ProblemCode, refuse } from '@unionfold/contracts/problems';
import type { Refusal } from '@unionfold/eventsourcing';
import type { UnionStatusWord } from '../read-models/federation/documents.ts';
import type { FaultyRow, TableUnion } from './union-row.ts';

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
export function planRows(
  entries: readonly (TableUnion | FaultyRow)[],
  known: KnownUnions,
  idOf: (row: number) => string,
): ImportPlan {
  const failed: FailedRow[] = [];
  const unions: TableUnion[] = [];
  const rowOfId = new Map<string, number>();
  const rowOfCode = new Map<string, number>();
  for (const entry of entries) {
    const { row } = entry;
    const earlier = entry.id === '' ? undefined : rowOfId.get(entry.id);
    if (earlier !== undefined) {
      failed.push({ row, refusal: repeated('import-id-repeated', 'id', earlier) });
      continue;
    }
    if (entry.id !== '') rowOfId.set(entry.id, row);
    if ('fault' in entry) {
      const { code, field, params = {} } = entry.fault;
      failed.push({ row, refusal: refuse(code, { field, params }) });
      continue;
    }
    const sameCode = entry.creditCode === '' ? undefined : rowOfCode.get(entry.creditCode);
    if (sameCode !== undefined) {
      failed.push({
        row,
        refusal: repeated('import-credit-code-repeated', 'creditCode', sameCode),
      });
      continue;
    }
    if (entry.creditCode !== '') rowOfCode.set(entry.creditCode, row);
    const fault = placeFault(entry, known);
    if (fault !== undefined) failed.push({ row, refusal: fault });
    else unions.push(entry.id === '' ? { ...entry, id: idOf(row) } : entry);
  }

  const newRows = new Map<string, number>();
  for (const [id, row] of rowOfId) if (known.inside(id) === undefined) newRows.set(id, row);
  const planned: PlannedRow[] = [];
  for (const union of unions) {
    const fault = parentFault(union, known, newRows);
    if (fault !== undefined) {
      failed.push({ row: union.row, refusal: fault });
      continue;
    }
    const isNew = known.inside(union.id) === undefined;
    const uppers = isNew
      ? [union.territorialParentId, union.industryParentId]
      : [union.territorialParentId];
    planned.push({
      row: union.row,
      union,
      onlyNew: isNew,
      needs: [...new Set(uppers.flatMap((id) => newRows.get(id) ?? []))],
    });
  }
  const { levels, circles } = inLevels(planned);
  for (const row of circles) {
    failed.push({ row, refusal: refuse('import-cycle', { field: 'territorialParentId' }) });
  }
  return { failed: failed.toSorted((a, b) => a.row - b.row), levels };
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

/** Kahn's algorithm, a level at a time: a table may be a chain of as many levels as it has rows. */
function inLevels(planned: readonly PlannedRow[]): {
  readonly levels: readonly (readonly PlannedRow[])[];
  readonly circles: readonly number[];
} {
  const byId = new Map(planned.map((entry) => [entry.union.id, entry]));
  const byRow = new Map(planned.map((entry) => [entry.row, entry]));
  const waitsFor = new Map<PlannedRow, ReadonlySet<PlannedRow>>();
  const before = new Map<PlannedRow, PlannedRow[]>();
  for (const entry of planned) {
    // An upper union that is there already and has a row of its own goes first, too: it may have to move away.
    const upper = byId.get(entry.union.territorialParentId);
    const uppers = new Set(entry.needs.flatMap((row) => byRow.get(row) ?? []));
    if (upper !== undefined) uppers.add(upper);
    waitsFor.set(entry, uppers);
    for (const one of uppers) {
      const lowers = before.get(one);
      if (lowers === undefined) before.set(one, [entry]);
      else lowers.push(entry);
    }
  }
  const left = new Map([...waitsFor].map(([entry, uppers]) => [entry, uppers.size]));
  const levels: PlannedRow[][] = [];
  let level = planned.filter((entry) => left.get(entry) === 0);
  while (level.length > 0) {
    levels.push(level);
    const next: PlannedRow[] = [];
    for (const done of level) {
      left.delete(done);
      for (const entry of before.get(done) ?? []) {
        const more = (left.get(entry) ?? 0) - 1;
        left.set(entry, more);
        if (more === 0) next.push(entry);
      }
    }
    level = next;
  }
  const circles = onCircles(left, waitsFor);
  // Those below a circle go on: a new union of a circle fails them, one that is there already stays where it is.
  const below = [...left.keys()].filter(({ row }) => !circles.has(row));
  levels.push(...belowInOrder(below, waitsFor));
  return { levels, circles: [...circles] };
}

/** Of the rows that wait for ever, those for whom one of them waits, again and again: the circles. */
function onCircles(
  waiting: ReadonlyMap<PlannedRow, number>,
  waitsFor: ReadonlyMap<PlannedRow, ReadonlySet<PlannedRow>>,
): ReadonlySet<number> {
  const awaited = new Map([...waiting.keys()].map((entry) => [entry, 0]));
  const uppersOf = (entry: PlannedRow) =>
    [...(waitsFor.get(entry) ?? [])].filter((upper) => awaited.has(upper));
  for (const entry of waiting.keys()) {
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

function belowInOrder(
  below: readonly PlannedRow[],
  waitsFor: ReadonlyMap<PlannedRow, ReadonlySet<PlannedRow>>,
): PlannedRow[][] {
  const levels: PlannedRow[][] = [];
  const rest = new Set(below);
  while (rest.size > 0) {
    const level = [...rest].filter((entry) =>
      [...(waitsFor.get(entry) ?? [])].every((upper) => !rest.has(upper)),
    );
    for (const entry of level) rest.delete(entry);
    levels.push(level);
  }
  return levels;
}
