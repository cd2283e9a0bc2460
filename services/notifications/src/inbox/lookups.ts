import { type OrganizationsServiceService, UnionStatus } from '@unionfold/contracts/organizations';
import {
  type CollectionSpec,
  type Document,
  isRefusal,
  type UnitOfWork,
} from '@unionfold/eventsourcing';
import type { CallOrigin, RemoteMethods } from '@unionfold/service-kit';

/** What the inbox remembers of earlier events, to know whom a later one concerns. */
export const lookupCollections: readonly CollectionSpec[] = [
  { name: 'inbox_unions', indexes: [] },
  { name: 'inbox_cases', indexes: [] },
];

/** A union as the inbox remembers it. */
export interface UnionDocument extends Document {
  readonly name: string;
  readonly parentId: string;
  readonly synthetic: boolean;
  /** The command that established it; its approval may be of the same one. */
  readonly establishedBy: string;
}

/** Whose a case is. */
export interface CaseDocument extends Document {
  readonly memberId: string;
  readonly unionId: string;
}

/** What a notice tells of a union. */
export interface UnionFacts {
  readonly name: string;
  readonly parentId: string;
}

/** The service that owns the unions. */
export type UnionOwner = Pick<RemoteMethods<typeof OrganizationsServiceService>, 'getUnion'>;

/** The inbox's memory in one batch. What it does not know yet, because topics come in any order, the owner is asked. */
export class Lookups {
  readonly #documents: UnitOfWork;
  readonly #organizations: UnionOwner;
  readonly #origin: CallOrigin;

  constructor(documents: UnitOfWork, organizations: UnionOwner, origin: CallOrigin) {
    this.#documents = documents;
    this.#organizations = organizations;
    this.#origin = origin;
  }

  /** Name and upper union; empty ones for a union that does not exist. */
  async union(unionId: string): Promise<UnionFacts> {
    const nobody = { name: '', parentId: '' };
    if (unionId === '') return nobody;
    const known = await this.knownUnion(unionId);
    if (known !== undefined) return known;
    const union = await this.#organizations.getUnion({ unionId }, this.#origin);
    if (isRefusal(union)) return nobody;
    return { name: union.name, parentId: union.territorialParentId };
  }

  async nameOf(unionId: string): Promise<string> {
    return (await this.union(unionId)).name;
  }

  /** Whether the union still waits for its approval, told by the service that owns it. */
  async awaitsApproval(unionId: string): Promise<boolean> {
    const union = await this.#organizations.getUnion({ unionId }, this.#origin);
    return !isRefusal(union) && union.status === UnionStatus.UNION_STATUS_PENDING;
  }

  async knownUnion(unionId: string): Promise<UnionDocument | undefined> {
    return (await this.#documents.get('inbox_unions', unionId)) as UnionDocument | undefined;
  }

  rememberUnion(union: UnionDocument): void {
    this.#documents.put('inbox_unions', union);
  }

  /** @throws when the case's declaration was never seen: it is the first event of the same stream */
  async caseOf(caseId: string): Promise<CaseDocument> {
    const known = await this.#documents.get('inbox_cases', caseId);
    if (known === undefined) throw new Error(`case ${caseId} was never declared`);
    return known as CaseDocument;
  }

  rememberCase(hardshipCase: CaseDocument): void {
    this.#documents.put('inbox_cases', hardshipCase);
  }
}
