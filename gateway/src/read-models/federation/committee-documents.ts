import type { ElectionKind, OfficerBody, OfficerPost } from '@unionfold/contracts';
import type { ApprovalStatus } from '@unionfold/contracts/organizations';
import type { CollectionSpec, Document } from '@unionfold/eventsourcing';

/** A post of a union's bodies. */
export interface PostDocument {
  readonly body: OfficerBody;
  readonly post: OfficerPost;
  readonly [field: string]: string | boolean;
}

/** Who was elected to a post. */
export interface SeatDocument extends PostDocument {
  readonly memberId: string;
  readonly fullTime: boolean;
}

/** Who held a post, and when. */
export interface TenureDocument extends SeatDocument {
  /** 'yyyy-MM-dd', the day included. */
  readonly from: string;
  /** 'yyyy-MM-dd', the day not included; empty while it is held. */
  readonly until: string;
}

/** A term of a union's bodies (届). */
export interface TermDocument extends Document {
  readonly unionId: string;
  readonly path: string;
  readonly electionId: string;
  readonly termNumber: number;
  readonly termYears: number;
  readonly electedOn: string;
  readonly beganOn: string;
  readonly endsOn: string;
  /** When the next election is due: later than `endsOn` where it was put off. */
  readonly dueOn: string;
  /** 'yyyy-MM-dd'; empty while it lasts. */
  readonly endedOn: string;
  /** The posts that there are, held or not. */
  readonly posts: readonly PostDocument[];
  readonly tenures: readonly TenureDocument[];
  /** Of a term that lasts: the union was warned that it ends within six months, within three, that it has ended. */
  readonly due6: boolean;
  readonly due3: boolean;
  readonly due0: boolean;
  /** Version of the union's committee. */
  readonly version: number;
}

/** What an upper union decides on. */
interface Decided {
  readonly unionId: string;
  readonly path: string;
  readonly kind: ElectionKind;
  readonly status: ApprovalStatus;
  readonly decidedByUnionId: string;
  readonly approvalDocument: string;
  readonly rejectionReason: string;
  readonly version: number;
}

/** An election whose result was reported. */
export interface ElectionDocument extends Document, Decided {
  readonly heldOn: string;
  readonly termYears: number;
  readonly seats: readonly SeatDocument[];
  readonly approvedOn: string;
}

/** A request to elect early or late. */
export interface ElectionExceptionDocument extends Document, Decided {
  readonly holdBy: string;
  readonly reason: string;
}

/** What an officer of a union has, or had, to do. The same duty in another union is another document. */
export interface DutyDocument extends Document {
  readonly dutyId: string;
  readonly unionId: string;
  readonly holderId: string;
  /** `passed-on`: it is with the successor of a dissolved union. */
  readonly status: 'open' | 'done' | 'passed-on';
  readonly title: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly body: OfficerBody;
  readonly post: OfficerPost;
}

/** The collections of terms, elections and duties. */
export const committeeCollections: readonly CollectionSpec[] = [
  {
    name: 'terms',
    indexes: [
      { fields: ['unionId', 'id'] },
      { fields: ['path', 'id'] },
      { fields: ['due6', 'path', 'id'] },
      { fields: ['due3', 'path', 'id'] },
      { fields: ['due0', 'path', 'id'] },
    ],
    paths: ['path'],
  },
  {
    name: 'elections',
    indexes: [
      { fields: ['unionId', 'id'] },
      { fields: ['path', 'id'] },
      { fields: ['status', 'path', 'id'] },
    ],
    paths: ['path'],
  },
  {
    name: 'election_exceptions',
    indexes: [
      { fields: ['unionId', 'id'] },
      { fields: ['path', 'id'] },
      { fields: ['status', 'path', 'id'] },
    ],
    paths: ['path'],
  },
  {
    name: 'duties',
    indexes: [
      { fields: ['unionId', 'status', 'id'] },
      { fields: ['unionId', 'status', 'holderId', 'id'] },
    ],
  },
];

/** Those of them whose documents lie at a union's place in the tree. */
export const placedCommitteeCollections = ['terms', 'elections', 'election_exceptions'] as const;

/** The id of a term's document: those of one union sort by number. */
export function termIdOf(unionId: string, termNumber: number): string {
  return `${unionId}.${String(termNumber).padStart(4, '0')}`;
}
