import type { Document, ReadModel } from '@unionfold/eventsourcing';
import { changesAfter, nothing, sum, totalsAtTheEndOf } from '../read-models/federation/days.ts';
import {
  type FormerChildDocument,
  pathIds,
  type StatisticsDocument,
  type Totals,
  type UnionDocument,
  type UnionHistoryDocument,
} from '../read-models/federation/documents.ts';
import { parentAt } from '../read-models/federation/tree.ts';

/** Deepest line that is followed upwards; a guard against damaged data. */
const deepest = 64;
/** Subordinates of one union that are looked through, and moves since a day, at most. */
const most = 50_000;
const pageSize = 1_000;

/** The federation as it was at the end of a day (yyyy-MM-dd, in China). */
export class FederationAsOf {
  readonly #federation: ReadModel;
  readonly #day: string;
  readonly #unions = new Map<string, UnionDocument | undefined>();

  constructor(federation: ReadModel, day: string) {
    this.#federation = federation;
    this.#day = day;
  }

  /** A union as it was; undefined when it was not there. */
  async union(id: string): Promise<UnionDocument | undefined> {
    const union = await this.#now(id);
    if (union === undefined || union.status === 'unknown') return undefined;
    if (union.since <= this.#day) return union;
    const history = (await this.#federation.get('union_history', id)) as
      | UnionHistoryDocument
      | undefined;
    // The versions stand one after the other: the first that ended later is the one of the day.
    const version = history?.versions.find(({ until }) => until > this.#day);
    if (version === undefined || version.since > this.#day) return undefined;
    const { until: _, ...facts } = version;
    return { ...union, ...facts };
  }

  /** The union and those above it then, the nearest first. */
  async line(id: string): Promise<string[]> {
    const ids: string[] = [];
    for (let at = id; at !== '' && !ids.includes(at) && ids.length < deepest; ) {
      ids.push(at);
      const union = await this.#now(at);
      at = union === undefined ? '' : parentAt(union, this.#day);
    }
    return ids;
  }

  /** The unions that stood directly below then and were not dissolved, by id. */
  async children(parentId: string): Promise<UnionDocument[]> {
    const ids = new Set<string>();
    const now = (document: Document) => ids.add(document.id);
    await this.#each('unions', { parentId }, ['regionCode'], undefined, now);
    await this.#each(
      'former_children',
      { parentId },
      ['until'],
      [this.#day, '\uffff'],
      (former) => {
        const { childId, since } = former as FormerChildDocument;
        if (since <= this.#day) ids.add(childId);
      },
    );
    const children: UnionDocument[] = [];
    for (const id of [...ids].sort()) {
      const union = await this.union(id);
      const current = await this.#now(id);
      if (union === undefined || union.status === 'dissolved') continue;
      if (current !== undefined && parentAt(current, this.#day) === parentId) children.push(union);
    }
    return children;
  }

  /** The totals of the union's subtree as it was put together then. */
  async totalsThen(id: string): Promise<Totals> {
    const statistics = (await this.#federation.get('statistics', id)) as
      | StatisticsDocument
      | undefined;
    if (statistics === undefined) return nothing;
    return totalsAtTheEndOf(
      statistics,
      await changesAfter(this.#federation, statistics, this.#day),
    );
  }

  /**
   * What the unions of the subtree as it is put together now held then. Whatever has moved since went as a whole but for
   * what moved out of it: so the parts that moved, and the union itself, are each counted without the parts below them
   * then, and those are summed that stand below the union now. No other union is looked at.
   */
  async totalsInTheStructureOfNow(id: string): Promise<Totals> {
    const moved = new Set(await this.#movedSince());
    const roots = new Set([...moved, id]);
    const own = new Map<string, Totals>();
    for (const root of roots) {
      own.set(root, sum(own.get(root) ?? nothing, await this.totalsThen(root)));
      // Its totals then are those of the next part above it then, too.
      const above = (await this.line(root)).slice(1).find((upper) => roots.has(upper));
      if (above !== undefined) {
        own.set(above, sum(own.get(above) ?? nothing, await this.totalsThen(root), -1));
      }
    }
    let totals = own.get(id) ?? nothing;
    for (const root of moved) {
      const path = (await this.#now(root))?.path ?? '';
      if (root !== id && pathIds(path).includes(id)) totals = sum(totals, own.get(root) ?? nothing);
    }
    const { ownMembers } = await this.totalsThen(id);
    return { ...totals, ownMembers };
  }

  /** Unions that came to another place after the day, or were not placed yet. */
  async #movedSince(): Promise<string[]> {
    const ids: string[] = [];
    await this.#each('moves', {}, ['day'], [this.#day, '\uffff'], ({ unionId }) => {
      ids.push(String(unionId));
    });
    return ids;
  }

  async #each(
    collection: string,
    where: Readonly<Record<string, string>>,
    orderBy: readonly string[],
    from: readonly string[] | undefined,
    look: (document: Document) => void,
  ): Promise<void> {
    let after = from;
    for (let looked = 0; looked < most; looked += pageSize) {
      const page = await this.#federation.find(collection, {
        where,
        orderBy,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      });
      for (const document of page) look(document);
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      after = [...orderBy.map((field) => String(last[field])), last.id];
    }
    throw new Error(`more than ${most} documents of ${collection} have to be looked through`);
  }

  async #now(id: string): Promise<UnionDocument | undefined> {
    if (!this.#unions.has(id)) {
      this.#unions.set(id, (await this.#federation.get('unions', id)) as UnionDocument | undefined);
    }
    return this.#unions.get(id);
  }
}
