import { UnionType } from '@unionfold/contracts';
import type { Document, UnitOfWork } from '@unionfold/eventsourcing';
import {
  pathIds,
  placedCollections,
  type StatisticsDocument,
  type UnionDocument,
} from './documents.ts';
import { addedGrid, type GridDelta, negativeGrid } from './grid-totals.ts';

const totals = ['unions', 'members', 'openCases', 'paidFen'] as const;

/** A change of what a subtree holds. */
export type Delta = Partial<Record<(typeof totals)[number], number>> & {
  readonly grid?: GridDelta;
};

const nothing = { unions: 0, members: 0, openCases: 0, paidFen: 0, ownMembers: 0 };

/** Moves that cannot be made yet: the target still stands below the union that is to go there. */
interface WaitingMoves extends Document {
  readonly moves: readonly { unionId: string; parentId: string }[];
}

/**
 * The tree of unions with the totals of every subtree, kept right whatever order the events of different unions arrive
 * in. Totals belong to a union and travel with it, so no step depends on the size of the nation: an event touches the
 * union and those above it; a move touches both lines upwards, and rewrites the paths below in one statement.
 */
export class UnionTree {
  readonly #documents: UnitOfWork;

  constructor(documents: UnitOfWork) {
    this.#documents = documents;
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
    };
    this.#documents.put('unions', placeholder);
    return placeholder;
  }

  /** Adds to a union's totals and to those of all above it. */
  async add(unionId: string, delta: Delta): Promise<void> {
    const { path } = await this.union(unionId);
    await this.#addToAll(pathIds(path), delta, unionId);
  }

  /** Puts a union under another one, with everything below it. */
  async place(unionId: string, parentId: string): Promise<void> {
    if ((await this.union(unionId)).parentId === parentId) return;
    await this.#move(unionId, parentId);
    await this.#retryWaiting();
  }

  async #move(unionId: string, parentId: string): Promise<void> {
    const union = await this.union(unionId);
    const parent = parentId === '' ? undefined : await this.union(parentId);
    const total = await this.#statistics(unionId);
    await this.#addAbove(union, negative(total));
    // The move that takes the parent out from below this union is in another partition and has yet to arrive: until
    // then the union hangs free, or the two would stand above each other.
    const mustWait = parent !== undefined && pathIds(parent.path).includes(unionId);
    await this.#noteWaiting(unionId, mustWait ? parentId : undefined);
    if (parent === undefined || mustWait) {
      await this.#repath(union, '', `/${unionId}/`);
      return;
    }
    await this.#addToAll(pathIds(parent.path), total);
    await this.#repath(union, parentId, `${parent.path}${unionId}/`);
  }

  async #addAbove(union: UnionDocument, delta: Delta): Promise<void> {
    const above = pathIds(union.path).filter((id) => id !== union.id);
    await this.#addToAll(above, delta);
  }

  async #repath(union: UnionDocument, parentId: string, path: string): Promise<void> {
    // A union that nobody has spoken of before has nothing below it: the usual case at an establishment.
    const fresh = union.version === 0 && (await this.#hasNothing(union.id));
    if (union.path !== path && !fresh) {
      for (const collection of placedCollections) {
        this.#documents.rewrite(collection, 'path', union.path, path);
      }
    }
    const current = await this.union(union.id);
    this.#documents.put('unions', { ...current, parentId, path });
  }

  async #hasNothing(id: string): Promise<boolean> {
    return (await this.#documents.get('statistics', id)) === undefined;
  }

  /** One move that could be made may have cleared the way for another. */
  async #retryWaiting(): Promise<void> {
    let before: number;
    let moves = await this.#waiting();
    do {
      before = moves.length;
      for (const { unionId, parentId } of moves) await this.#move(unionId, parentId);
      moves = await this.#waiting();
    } while (moves.length < before);
  }

  async #waiting(): Promise<WaitingMoves['moves']> {
    const document = (await this.#documents.get('waiting_moves', 'all')) as
      | WaitingMoves
      | undefined;
    return document?.moves ?? [];
  }

  async #noteWaiting(unionId: string, parentId: string | undefined): Promise<void> {
    const before = await this.#waiting();
    const others = before.filter((move) => move.unionId !== unionId);
    if (parentId === undefined && others.length === before.length) return;
    const moves = parentId === undefined ? others : [...others, { unionId, parentId }];
    this.#documents.put('waiting_moves', { id: 'all', moves } satisfies WaitingMoves);
  }

  async #statistics(id: string): Promise<StatisticsDocument> {
    const found = await this.#documents.get('statistics', id);
    return (found as StatisticsDocument | undefined) ?? { id, ...nothing };
  }

  /** @param owner the union whose own members the change counts as well, if it is one of its own */
  async #addToAll(ids: readonly string[], delta: Delta, owner?: string): Promise<void> {
    const found = await this.#documents.getMany('statistics', ids);
    for (const [index, id] of ids.entries()) {
      const before = (found[index] as StatisticsDocument | undefined) ?? { id, ...nothing };
      this.#documents.put('statistics', {
        id,
        unions: before.unions + (delta.unions ?? 0),
        members: before.members + (delta.members ?? 0),
        openCases: before.openCases + (delta.openCases ?? 0),
        paidFen: before.paidFen + (delta.paidFen ?? 0),
        ownMembers: before.ownMembers + (id === owner ? (delta.members ?? 0) : 0),
        ...addedGrid(before.grid, delta.grid),
      });
    }
  }
}

function negative(delta: Delta): Delta {
  const counts = Object.fromEntries(totals.map((key) => [key, -(delta[key] ?? 0)]));
  return delta.grid === undefined ? counts : { ...counts, grid: negativeGrid(delta.grid) };
}
