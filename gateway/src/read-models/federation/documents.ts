import type {
  FundSource,
  HardshipCategory,
  ResourceAudience,
  ResourceKind,
  UnionType,
  VerificationCheck,
} from '@unionfold/contracts';
import type { CaseStatus } from '@unionfold/contracts/welfare';
import type { CollectionSpec, Document, JsonObject } from '@unionfold/eventsourcing';
import { gridCollections } from './grid-documents.ts';
import type { GridTotals } from './grid-totals.ts';

/** A union in the directory (名录). */
export interface UnionDocument extends Document {
  /** Ids from the top down to this union, each followed by `/`: `/cn/cn-37/cn-3702/`. */
  readonly path: string;
  readonly parentId: string;
  /** `unknown`: others speak of it, but its own establishment has not arrived yet. */
  readonly status: 'unknown' | 'pending' | 'active' | 'dissolved';
  readonly name: string;
  readonly type: UnionType;
  readonly industryParentId: string;
  readonly regionCode: string;
  readonly creditCode: string;
  readonly foundedOn: string;
  readonly synthetic: boolean;
  readonly successorId: string;
  readonly version: number;
  readonly terms: readonly string[];
}

/** What a union's subtree holds, itself included. */
export interface StatisticsDocument extends Document {
  /** Live unions. */
  readonly unions: number;
  /** Live memberships. */
  readonly members: number;
  /** Cases declared and neither rejected nor paid. */
  readonly openCases: number;
  /** Aid paid, in fen. */
  readonly paidFen: number;
  /** Live memberships of the union itself. */
  readonly ownMembers: number;
  /** Of employers and cells; absent where there never were any. */
  readonly grid?: GridTotals;
}

/** A member. Personal fields stay sealed as they came; they are opened for one answer at a time. */
export interface MemberDocument extends Document {
  readonly unionId: string;
  readonly path: string;
  readonly status: 'active' | 'left';
  readonly citizenNumberIndex: string;
  /** Full type of the event that `sealed` was taken from. */
  readonly sealedAs: string;
  /** The personal fields as they stand in the log, with the id that says whose they are: what `openFields` takes. */
  readonly sealed: JsonObject;
  readonly joinedOn: string;
  readonly synthetic: boolean;
  readonly version: number;
  /** Keyed hashes of the name and its beginnings, and of the mobile number. */
  readonly terms: readonly string[];
}

/** A hardship case in the work list. */
export interface CaseDocument extends Document {
  readonly memberId: string;
  readonly unionId: string;
  readonly path: string;
  readonly status: CaseStatus;
  readonly category: HardshipCategory;
  readonly checks: readonly (VerificationCheck & { readonly [key: string]: string })[];
  readonly ruleSet: string;
  readonly amountFen: number;
  readonly fundLineId: string;
  readonly declaredAt: string;
  readonly version: number;
}

/** A fund line with what is left. */
export interface FundLineDocument extends Document {
  readonly unionId: string;
  readonly path: string;
  readonly source: FundSource;
  readonly name: string;
  readonly budgetFen: number;
  readonly balanceFen: number;
  readonly version: number;
}

/** A resource that a union offers to others. */
export interface ResourceDocument extends Document {
  readonly ownerUnionId: string;
  readonly path: string;
  readonly kind: ResourceKind;
  readonly name: string;
  readonly description: string;
  readonly audience: ResourceAudience;
  readonly offered: boolean;
  /** The union in whose subtree it can be seen; `*` for everywhere. */
  readonly reach: string;
  readonly version: number;
}

/** The collections of the federation read model. */
export const federationCollections: readonly CollectionSpec[] = [
  {
    name: 'unions',
    indexes: [{ fields: ['parentId', 'regionCode', 'id'] }, { fields: ['path', 'id'] }],
    paths: ['path'],
    terms: 'terms',
  },
  { name: 'statistics', indexes: [] },
  {
    name: 'members',
    indexes: [{ fields: ['path', 'id'] }, { fields: ['citizenNumberIndex'] }],
    paths: ['path'],
    terms: 'terms',
  },
  {
    name: 'cases',
    indexes: [
      { fields: ['status', 'path', 'id'] },
      { fields: ['path', 'id'] },
      { fields: ['memberId', 'id'] },
    ],
    paths: ['path'],
  },
  { name: 'fund_lines', indexes: [{ fields: ['path', 'id'] }], paths: ['path'] },
  {
    name: 'resources',
    indexes: [{ fields: ['offered', 'reach', 'id'] }, { fields: ['path', 'id'] }],
    paths: ['path'],
  },
  { name: 'union_resources', indexes: [] },
  { name: 'waiting_moves', indexes: [] },
  ...gridCollections,
];

/** The collections whose documents lie at a union's place in the tree. */
export const placedCollections = [
  'unions',
  'members',
  'cases',
  'fund_lines',
  'resources',
  'employers',
  'cells',
] as const;

/** The ids of a path, from the top down. */
export function pathIds(path: string): string[] {
  // A path begins and ends with a slash, and there is nothing between two of them but an id.
  return path === '' ? [] : path.slice(1, -1).split('/');
}
