import { UnionType } from '@unionfold/contracts';
import type { Document, UnitOfWork } from '@unionfold/eventsourcing';
import { type Counted, changesAfter, noteChange, nothing, sum, totalsAtTheEndOf } from './days.ts';
import {
  type Placement,
  pathIds,
  placedFields,
  type StatisticsDocument,
  type UnionDocument,
} from './documents.ts';
import { addedGrid, type GridDelta, negativeGrid } from './grid-totals.ts';
import { addedUse, negativeUse, type UseTotals } from './use-totals.ts';

const totals = ['unions', 'members', 'openCases', 'paidFen'] as const;

/** A change of what a subtree holds. */
export type Delta = Partial<Record<(typeof totals)[number], number>> & {
  readonly use?: Partial<UseTotals>;
  readonly grid?: GridDelta;
};

/** A move that cannot be made yet: the target still stands below the union that is to go there. */
type WaitingMove = Placement & { readonly unionId: string };

interface WaitingMoves extends Document {
  readonly moves: readonly WaitingMove[];
}

/** Deepest line that is followed upwards; a guard against damaged data. */
const deepest = 64;

/**
 * The tree of unions with the totals of every subtree, kept right whatever order the events of different unions arrive
 * in. Totals belong to a union and travel with it, so no step depends on the size of the nation: an event touches the
 * union and those above it; a move touches both lines upwards, and rewrites the paths below in one statement.
 *
 * Of every day is kept by how much the totals changed on it, so that they can be told as of its end. What happened on a
 * day counts for those who stood above on that day, though a move may have come to be known before it.
 */
export class UnionTree {
  readonly #documents: UnitOfWork;
  readonly #day: string;

  /** @param day when what is noted happened: yyyy-MM-dd in China */
  constructor(documents: UnitOfWork, day: string) {
    this.#documents = documents;
    this.#day = day;
  }

  /** A union, as a placeholder when nothing but its id is known yet. */
  async union(id: string): Promise<UnionDocument> {
    const found = (await this.#documents.get('unions', id)) as UnionDocument | undefined;
    if (found !== undefined) return found;
    const placeholder: UnionDocument = {
      id,
      path: `/${id}/`,
      parentId: '',
      status: 'unknown',
      name: '',
      type: UnionType.UNION_TYPE_UNSPECIFIED,
      industryParentId: '',
      regionCode: '',
      creditCode: '',
      foundedOn: '',
      synthetic: false,
      successorId: '',
      version: 0,
      terms: [],
      since: '',
      placements: [],
    };
    this.#documents.put('unions', placeholder);
    return placeholder;
  }

  /** Adds to a union's totals and to those of all above it. */
  async add(unionId: string, delta: Delta): Promise<void> {
    const { path } = await this.union(unionId);
    const ids = pathIds(path);
    const own = { ...delta, ownMembers: delta.members ?? 0 };
    const found = await this.#statisticsOf(ids);
    // Nearly always the line above is the one of that day; if not, the day's is looked up.
    const isLineOfDay = found.every(({ placedOn }) => placedOn <= this.#day);
    for (const [index, id] of ids.entries()) {
      const before = found[index] ?? blank(id);
      const change = id === unionId ? own : delta;
      const now = withAdded(before, change);
      if (!isLineOfDay) this.#put(now);
      else this.#put(await noteChange(this.#documents, now, this.#day, change));
    }
    if (isLineOfDay) return;
    await this.#noteDay(unionId, this.#day, { ownMembers: own.ownMembers });
    await this.#noteAlong(unionId, this.#day, delta);
  }

  /** Puts a union under another one, with everything below it. */
  async place(unionId: string, parentId: string): Promise<void> {
    const union = await this.union(unionId);
    if (union.parentId === parentId && union.placements.length > 0) return;
    await this.#move(unionId, parentId, this.#day);
    await this.#retryWaiting();
  }

  /** The union and those that stood above it at the end of a day, the nearest first. */
  async lineOf(unionId: string, day: string): Promise<string[]> {
    const ids: string[] = [];
    for (let id = unionId; id !== '' && !ids.includes(id) && ids.length < deepest; ) {
      ids.push(id);
      id = parentAt(await this.union(id), day);
    }
    return ids;
  }

  async #move(unionId: string, parentId: string, day: string): Promise<void> {
    const union = await this.union(unionId);
    const parent = parentId === '' ? undefined : await this.union(parentId);
    const [total = blank(unionId)] = await this.#statisticsOf([unionId]);
    // The move that takes the parent out from below this union is in another partition and has yet to arrive: until
    // then the union hangs free, or the two would stand above each other.
    const mustWait = parent !== undefined && pathIds(parent.path).includes(unionId);
    await this.#noteWaiting(unionId, mustWait ? { unionId, since: day, parentId } : undefined);
    const above = pathIds(union.path).filter((id) => id !== unionId);
    await this.#addToAll(above, negative(total));
    const target = mustWait ? undefined : parent;
    if (target !== undefined) await this.#addToAll(pathIds(target.path), shared(total));
    await this.#moveDays(union, target?.id ?? '', total, day);
    await this.#repath(union, target, day);
  }

  /** What the union brought on the day of its move, and all that was noted for later days, counts for the new line. */
  async #moveDays(
    union: UnionDocument,
    toParentId: string,
    total: StatisticsDocument,
    day: string,
  ): Promise<void> {
    const later = await changesAfter(this.#documents, total, day);
    const atTheEndOfDay = totalsAtTheEndOf(total, later);
    for (const [on, change] of [[day, atTheEndOfDay] as const, ...later]) {
      await this.#noteAlong(union.parentId, on, negative(change));
      await this.#noteAlong(toParentId, on, shared(change));
    }
  }

  /**
   * Notes a change for a union and all that stood above it on its day. Where the line became another one later, those
   * who left it lose on that day what they had of it, and those who joined it get it.
   */
  async #noteAlong(unionId: string, day: string, change: Delta): Promise<void> {
    if (unionId === '' || totals.every((key) => (change[key] ?? 0) === 0)) return;
    let line: readonly string[] = [];
    for (
      let on: string | undefined = day;
      on !== undefined;
      on = await this.#nextPlacing(line, on)
    ) {
      const next: readonly string[] = await this.lineOf(unionId, on);
      for (const id of line) if (!next.includes(id)) await this.#noteDay(id, on, negative(change));
      for (const id of next) if (!line.includes(id)) await this.#noteDay(id, on, change);
      line = next;
    }
  }

  /** The first day after this one on which a union of the line came to another place. */
  async #nextPlacing(line: readonly string[], day: string): Promise<string | undefined> {
    let first: string | undefined;
    for (const id of line) {
      const next = (await this.union(id)).placements.find(({ since }) => since > day)?.since;
      if (next !== undefined && (first === undefined || next < first)) first = next;
    }
    return first;
  }

  async #repath(
    union: UnionDocument,
    parent: UnionDocument | undefined,
    day: string,
  ): Promise<void> {
    const parentId = parent?.id ?? '';
    const path = `${parent?.path ?? '/'}${union.id}/`;
    // A union that nobody has spoken of before has nothing below it: the usual case at an establishment.
    const statistics = await this.#documents.get('statistics', union.id);
    const fresh = union.version === 0 && statistics === undefined;
    if (union.path !== path && !fresh) {
      for (const { collection, field } of placedFields) {
        this.#documents.rewrite(collection, field, union.path, path);
      }
    }
    const current = await this.union(union.id);
    const last = current.placements.at(-1);
    if (last !== undefined && last.parentId !== '' && last.since < day) {
      this.#documents.put('former_children', {
        id: `${last.parentId}/${union.id}@${day}`,
        parentId: last.parentId,
        childId: union.id,
        since: last.since,
        until: day,
      });
    }
    // Whoever had no place before is not moved: what they had stays together with what they have.
    if (last !== undefined) {
      this.#documents.put('moves', { id: `${union.id}@${day}`, unionId: union.id, day });
    }
    const before = current.placements.filter(({ since }) => since < day);
    const placements = [...before, { since: day, parentId }];
    this.#documents.put('unions', { ...current, parentId, path, placements });
    this.#put({
      ...((statistics as StatisticsDocument | undefined) ?? blank(union.id)),
      placedOn: day,
    });
  }

  /** One move that could be made may have cleared the way for another. */
  async #retryWaiting(): Promise<void> {
    let before: number;
    let moves = await this.#waiting();
    do {
      before = moves.length;
      for (const { unionId, parentId, since } of moves) await this.#move(unionId, parentId, since);
      moves = await this.#waiting();
    } while (moves.length < before);
  }

  async #waiting(): Promise<WaitingMoves['moves']> {
    const document = (await this.#documents.get('waiting_moves', 'all')) as
      | WaitingMoves
      | undefined;
    return document?.moves ?? [];
  }

  async #noteWaiting(unionId: string, move: WaitingMove | undefined): Promise<void> {
    const before = await this.#waiting();
    const others = before.filter((other) => other.unionId !== unionId);
    if (move === undefined && others.length === before.length) return;
    const moves = move === undefined ? others : [...others, move];
    this.#documents.put('waiting_moves', { id: 'all', moves } satisfies WaitingMoves);
  }

  async #statisticsOf(ids: readonly string[]): Promise<StatisticsDocument[]> {
    const found = await this.#documents.getMany('statistics', ids);
    return ids.map((id, index) => (found[index] as StatisticsDocument | undefined) ?? blank(id));
  }

  async #addToAll(ids: readonly string[], delta: Delta): Promise<void> {
    for (const before of await this.#statisticsOf(ids)) this.#put(withAdded(before, delta));
  }

  async #noteDay(id: string, day: string, change: Partial<Counted>): Promise<void> {
    const [before = blank(id)] = await this.#statisticsOf([id]);
    this.#put(await noteChange(this.#documents, before, day, change));
  }

  #put(document: StatisticsDocument): void {
    this.#documents.put('statistics', document);
  }
}

/** The upper union at the end of a day; empty where there was none, or the union was not there yet. */
export function parentAt({ placements }: UnionDocument, day: string): string {
  // What is told of a day before the first is told of a union whose beginning was noted late.
  return (placements.findLast(({ since }) => since <= day) ?? placements[0])?.parentId ?? '';
}

function blank(id: string): StatisticsDocument {
  return { id, ...nothing, day: '', today: nothing, months: [], placedOn: '' };
}

function withAdded(
  before: StatisticsDocument,
  delta: Partial<Counted> & Pick<Delta, 'use' | 'grid'>,
): StatisticsDocument {
  return {
    ...before,
    ...sum(before, delta),
    ...addedUse(before.use, delta.use),
    ...addedGrid(before.grid, delta.grid),
  };
}

/** What a union's totals are for those above it: members are its own alone. */
function shared({
  unions,
  members,
  openCases,
  paidFen,
  use,
  grid,
}: Counted & Pick<Delta, 'use' | 'grid'>): Delta {
  return {
    unions,
    members,
    openCases,
    paidFen,
    ...(use === undefined ? {} : { use }),
    ...(grid === undefined ? {} : { grid }),
  };
}

function negative(delta: Delta): Delta {
  const counts = Object.fromEntries(totals.map((key) => [key, -(delta[key] ?? 0)]));
  return {
    ...counts,
    ...(delta.use === undefined ? {} : { use: negativeUse(delta.use) }),
    ...(delta.grid === undefined ? {} : { grid: negativeGrid(delta.grid) }),
  };
}
