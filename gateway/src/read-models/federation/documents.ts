import type {
  ChangeKind,
  CoveredUnit,
  FundSource,
  HardshipCategory,
  OfficerBody,
  ResourceAudience,
  ResourceKind,
  UnionType,
  VerificationCheck,
} from '@unionfold/contracts';
import type { CaseStatus } from '@unionfold/contracts/welfare';
import type { CollectionSpec, Document, JsonObject } from '@unionfold/eventsourcing';
import { bookingCollections } from './booking-documents.ts';
import { gridCollections } from './grid-documents.ts';
import type { GridTotals } from './grid-totals.ts';
import type { UseTotals } from './use-totals.ts';

/** Where a union stands; `unknown`: others speak of it, but its own first event has not arrived yet. */
export type UnionStatusWord =
  | 'unknown'
  | 'preparing'
  | 'pending'
  | 'active'
  | 'suspended'
  | 'dissolved';

/** Under whom a union stood, from a day (yyyy-MM-dd, in China) on. */
export interface Placement {
  readonly [field: string]: string;
  readonly since: string;
  readonly parentId: string;
}

import { committeeCollections, placedCommitteeCollections } from './committee-documents.ts';

/** A union in the directory (名录). */
export interface UnionDocument extends Document {
  /** Ids from the top down to this union, each followed by `/`: `/cn/cn-37/cn-3702/`. */
  readonly path: string;
  readonly parentId: string;
  readonly status: UnionStatusWord;
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
  /** The day from which it is as it is now. */
  readonly since: string;
  /** Every place it has had, the last one now. */
  readonly placements: readonly Placement[];
}

/** The facts of a union that have been told differently at different times. */
export type UnionVersion = Pick<
  UnionDocument,
  | 'name'
  | 'type'
  | 'status'
  | 'parentId'
  | 'industryParentId'
  | 'regionCode'
  | 'creditCode'
  | 'foundedOn'
  | 'successorId'
  | 'since'
> & {
  /** The day on which it became otherwise. */
  readonly until: string;
};

/** What a union was before, by its id: each version as it stood at the end of a day. */
export interface UnionHistoryDocument extends Document {
  readonly versions: readonly UnionVersion[];
}

/** A union that stood under another one for a time. */
export interface FormerChildDocument extends Document {
  readonly parentId: string;
  readonly childId: string;
  readonly since: string;
  readonly until: string;
}

/** How totals changed on the days of one month; its id is `<union>@<yyyy-MM>`. */
export interface DaysDocument extends Document {
  readonly days: Readonly<Record<string, Totals>>;
}

/** A change of the structure, for the list of changes, at the place of the union, or of the one that it left. */
export interface StructureEntryDocument extends Document {
  readonly unionId: string;
  readonly path: string;
  readonly day: string;
  readonly event: string;
  readonly name: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** Totals that can be added and taken away. */
export interface Totals {
  readonly [field: string]: number;
  readonly unions: number;
  readonly members: number;
  readonly openCases: number;
  readonly paidFen: number;
  readonly ownMembers: number;
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
  /** The last day on which the totals changed, and by how much; days before are in the collection `days`. */
  readonly day: string;
  readonly today: Totals;
  /** The months that have a document there: yyyy-MM, in order. */
  readonly months: readonly string[];
  /** The day on which the union came to where it stands. */
  readonly placedOn: string;
  /** Of shared resources; absent where nothing was ever shared or booked. */
  readonly use?: UseTotals;
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

/** On what terms a resource is shared. */
export interface TermsDocument extends JsonObject {
  readonly capacity: number;
  readonly calendar?: {
    readonly hours: readonly {
      readonly weekday: number;
      readonly opensAt: string;
      readonly closesAt: string;
    }[];
    readonly closedOn: readonly string[];
    readonly slotMinutes: number;
  };
  readonly eligibility: {
    readonly unions: boolean;
    readonly workers: boolean;
    readonly unionTypes: readonly UnionType[];
  };
  readonly regionCode: string;
  readonly levelUnionType: UnionType;
  readonly bookableDays: number;
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
  /** Absent in offers of before there were bookings. */
  readonly terms?: TermsDocument;
  /** Where it is: its own region, or else the owner's. */
  readonly regionCode: string;
  /** The union in whose subtree it can be seen; `*` for everywhere; with `#` and a type, that level of the subtree. */
  readonly reach: string;
  readonly version: number;
}

/** A structural change (变更事项). */
export interface ChangeDocument extends Document {
  readonly unionId: string;
  readonly path: string;
  readonly status: ChangeStatusWord;
  readonly kind: ChangeKind;
  readonly effectiveOn: string;
  /** The plan's further fields. */
  readonly plan: JsonObject;
  readonly proposedByUnionId: string;
  readonly approvedByUnionId: string;
  readonly approvalDocument: string;
  readonly reason: string;
  /** Why it was rejected, withdrawn or undone. */
  readonly closingReason: string;
  /** Code of the problem that it failed with. */
  readonly problem: string;
  readonly version: number;
}

/** Where a structural change stands. */
export type ChangeStatusWord =
  | 'proposed'
  | 'approved'
  | 'in-effect'
  | 'rejected'
  | 'withdrawn'
  | 'failed'
  | 'undone';

/** What is kept of a union beside its name, type and place (登记信息), with how good it is (数据质量). */
export interface RecordDocument extends Document {
  readonly path: string;
  /** The upper union, within which it is ranked. */
  readonly parentId: string;
  /** Only live unions are ranked. */
  readonly live: boolean;
  readonly record: JsonObject;
  /** Employers that it covers, by credit code. */
  readonly units: Readonly<Record<string, CoveredUnit & JsonObject>>;
  /** Those that somebody is in office in, in their order; none without a term. */
  readonly bodies: readonly OfficerBody[];
  readonly approvalDocument: string;
  /** yyyy-MM-dd; empty: never. */
  readonly verifiedOn: string;
  /** 0 to 100. */
  readonly score: number;
  /** Names of what is missing or wrong. */
  readonly toFix: readonly string[];
}

/** The collections of the federation read model. */
export const federationCollections: readonly CollectionSpec[] = [
  {
    name: 'unions',
    indexes: [
      { fields: ['parentId', 'regionCode', 'id'] },
      { fields: ['industryParentId', 'regionCode', 'id'] },
      { fields: ['path', 'id'] },
    ],
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
    indexes: [
      { fields: ['offered', 'reach', 'id'] },
      { fields: ['path', 'id'] },
      { fields: ['offered', 'kind', 'regionCode', 'id'] },
    ],
    paths: ['path'],
  },
  { name: 'union_resources', indexes: [] },
  { name: 'waiting_moves', indexes: [] },
  {
    name: 'changes',
    indexes: [{ fields: ['status', 'path', 'id'] }, { fields: ['path', 'id'] }],
    paths: ['path'],
  },
  {
    name: 'records',
    indexes: [{ fields: ['parentId', 'live', 'score', 'id'] }, { fields: ['path', 'id'] }],
    paths: ['path'],
  },
  { name: 'union_history', indexes: [] },
  { name: 'former_children', indexes: [{ fields: ['parentId', 'until', 'id'] }] },
  { name: 'days', indexes: [] },
  { name: 'moves', indexes: [{ fields: ['day', 'id'] }] },
  {
    name: 'structure_log',
    indexes: [{ fields: ['day', 'id'] }, { fields: ['path', 'id'] }],
    paths: ['path'],
  },
  ...bookingCollections,
  ...committeeCollections,
  ...gridCollections,
];

/** The collections whose documents lie at a union's place in the tree. */
export const placedCollections = [
  'unions',
  'members',
  'cases',
  'fund_lines',
  'resources',
  'changes',
  'records',
  'structure_log',
  'employers',
  'cells',
  ...placedCommitteeCollections,
] as const;

/** Every field that holds a place in the tree. A booking lies at two: its party's, and the resource's at its owner. */
export const placedFields: readonly { readonly collection: string; readonly field: string }[] = [
  ...placedCollections.map((collection) => ({ collection, field: 'path' })),
  { collection: 'bookings', field: 'path' },
  { collection: 'bookings', field: 'resourcePath' },
];

/** The ids of a path, from the top down. */
export function pathIds(path: string): string[] {
  // A path begins and ends with a slash, and there is nothing between two of them but an id.
  return path === '' ? [] : path.slice(1, -1).split('/');
}
