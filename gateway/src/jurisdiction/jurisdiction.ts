import type { ProblemCode } from '@unionfold/contracts/problems';
import { isRefusal, type ReadModel } from '@unionfold/eventsourcing';
import type { CallOrigin } from '@unionfold/service-kit';
import { refused } from '../http/refused.ts';
import type { Caller } from '../identity/caller.ts';
import {
  type MemberDocument,
  pathIds,
  type UnionDocument,
} from '../read-models/federation/documents.ts';
import type { Services } from '../services.ts';

/** What tells where unions are. */
export interface JurisdictionSources {
  readonly federation: ReadModel;
  readonly services: Pick<Services, 'organizations'>;
}

/**
 * Who may see what: a cadre and an operator their union with all below it, a worker their own union alone. What lies
 * outside is answered exactly like what does not exist, at the same cost: whatever the directory does not show inside
 * is asked of its owner, whether it exists or not.
 */
export class Jurisdiction {
  readonly #sources: JurisdictionSources;

  constructor(sources: JurisdictionSources) {
    this.#sources = sources;
  }

  /**
   * The path of a union: `/cn/cn-37/`. The directory's, or, when it does not know the union yet, its owner's.
   * @returns undefined when there is no such union
   */
  async locate(unionId: string, origin: CallOrigin): Promise<string | undefined> {
    const known = await unionIn(this.#sources.federation, unionId);
    return known?.path ?? (await this.#ask(unionId, origin));
  }

  /** The caller's jurisdiction. A worker's goes with them when they are transferred, whatever their token says. */
  async scopeOf(caller: Caller, origin: CallOrigin): Promise<Scope> {
    const { federation } = this.#sources;
    const ask = (unionId: string) => this.#ask(unionId, origin);
    if (caller.role !== 'worker') return new Scope(caller, caller.unionId, federation, ask);
    const member = await federation.get('members', caller.memberId);
    const unionId = (member as MemberDocument | undefined)?.unionId ?? caller.unionId;
    return new Scope(caller, unionId, federation, ask);
  }

  async #ask(unionId: string, origin: CallOrigin): Promise<string | undefined> {
    const answer = await this.#sources.services.organizations.listAncestors({ unionId }, origin);
    if (isRefusal(answer)) return undefined;
    const ids = [unionId, ...answer.unions.map((union) => union.unionId)].reverse();
    return `/${ids.join('/')}/`;
  }
}

/** One caller's jurisdiction. */
export class Scope {
  /** The union at its top. */
  readonly unionId: string;
  readonly #caller: Caller;
  readonly #federation: ReadModel;
  readonly #ask: (unionId: string) => Promise<string | undefined>;

  constructor(
    caller: Caller,
    unionId: string,
    federation: ReadModel,
    ask: (unionId: string) => Promise<string | undefined>,
  ) {
    this.unionId = unionId;
    this.#caller = caller;
    this.#federation = federation;
    this.#ask = ask;
  }

  /** Whether a union, or what lies at one, is inside, by its path. */
  covers(path: string): boolean {
    const ids = pathIds(path);
    return this.#caller.role === 'worker'
      ? ids.at(-1) === this.unionId
      : ids.includes(this.unionId);
  }

  /**
   * The path under which the read model has the caller's union, for lists.
   * @returns undefined while the directory does not know the union: there is nothing to list
   */
  async path(): Promise<string | undefined> {
    return (await unionIn(this.#federation, this.unionId))?.path;
  }

  /** A union of the directory; undefined when it is outside or there is none. */
  async union(unionId: string): Promise<UnionDocument | undefined> {
    const union = await unionIn(this.#federation, unionId);
    return union !== undefined && this.covers(union.path) ? union : undefined;
  }

  /** @throws Refused when the union is outside or the directory has none */
  async requireUnion(unionId: string, field = 'unionId'): Promise<UnionDocument> {
    const union = await this.union(unionId);
    if (union === undefined) throw refused('union-unknown', { field });
    return union;
  }

  /**
   * For commands: a union that was established or moved a moment ago counts, though the directory does not show it yet.
   * @throws Refused when the union is outside or there is none
   */
  async requirePlace(
    unionId: string,
    field = 'unionId',
    code: ProblemCode = 'union-unknown',
  ): Promise<void> {
    if (!(await this.#holds(unionId))) throw refused(code, { field });
  }

  /**
   * For commands on what lies at a union: inside by the read model, or by what its owner says.
   * @param path where the read model has it; undefined when it does not know it
   * @param ask its owner for the union that it lies at; undefined when there is no such thing
   * @throws Refused with the code when it is outside or there is none
   */
  async requirePlaced(
    path: string | undefined,
    ask: () => Promise<string | undefined>,
    refusal: { readonly code: ProblemCode; readonly field: string },
  ): Promise<void> {
    if (path !== undefined && this.covers(path)) return;
    // Looked for even where there is no such thing, so that no time tells what does not exist from what lies outside.
    if (!(await this.#holds((await ask()) ?? ''))) {
      throw refused(refusal.code, { field: refusal.field });
    }
  }

  async #holds(unionId: string): Promise<boolean> {
    if ((await this.union(unionId)) !== undefined) return true;
    const path = await this.#ask(unionId);
    return path !== undefined && this.covers(path);
  }
}

/** A union that was established; a placeholder that others speak of is none yet. */
async function unionIn(federation: ReadModel, unionId: string): Promise<UnionDocument | undefined> {
  const union = (await federation.get('unions', unionId)) as UnionDocument | undefined;
  return union === undefined || union.status === 'unknown' ? undefined : union;
}
