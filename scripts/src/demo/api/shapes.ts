/** What the development issuer answers. */
export interface SignedIn {
  readonly token: string;
}

/** The answer to a command. */
export interface Accepted {
  readonly id: string;
  readonly version: number;
  readonly position: string;
}

/** A page of a list; without `next` it is the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: string;
}

/** Totals of a union's subtree. Money in fen. */
export interface Statistics {
  readonly unions: number;
  readonly members: number;
  readonly openCases: number;
  readonly paidFen: number;
  readonly ownMembers: number;
}

/** A union in lists. */
export interface UnionFacts {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly status: 'pending' | 'active' | 'dissolved';
  readonly parentId?: string;
  readonly version: number;
}

/** A direct subordinate with the totals of its subtree. */
export interface ChildUnion extends UnionFacts {
  readonly statistics: Statistics;
}

/** One union. */
export interface UnionDetail extends UnionFacts {
  readonly statistics?: Statistics;
}

/** A member as cadres of the jurisdiction see it. */
export interface MemberRecord {
  readonly id: string;
  readonly unionId: string;
  readonly status: 'active' | 'left';
  readonly name: string | null;
  readonly citizenNumberMasked?: string;
  readonly mobileMasked?: string;
  readonly version: number;
}

/** A resource that a union offers to others. */
export interface ResourceRecord {
  readonly id: string;
  readonly ownerUnionId: string;
  readonly name: string;
}

/** The answer to a booking. */
export interface BookingAccepted extends Accepted {
  readonly status: 'booked' | 'waiting';
  readonly waitingPlace?: number;
}

/** A booking. */
export interface BookingRecord {
  readonly id: string;
  readonly status: 'booked' | 'waiting' | 'cancelled' | 'lapsed';
}

/** A time that can be booked. */
export interface SlotRecord {
  readonly from: string;
  readonly to: string;
  readonly free: number;
  readonly waiting: number;
}

/** How a resource is used. */
export interface ResourceUseRecord {
  readonly bookings: number;
  readonly hours: number;
  readonly unionsServed: number;
  readonly lentShare: number;
  readonly duplicationAvoided: number;
}

/** A resource of the same kind near by. */
export interface NearbyRecord {
  readonly near: 'county' | 'city' | 'province';
  readonly resource: ResourceRecord;
  readonly use: ResourceUseRecord;
}

/** A hardship case. */
export interface CaseRecord {
  readonly id: string;
  readonly memberId: string;
  readonly unionId: string;
  readonly status: 'declared' | 'verified' | 'approved' | 'rejected' | 'paid';
  readonly category?: string;
  readonly checks: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly source: string;
  }[];
  readonly amountFen?: number;
  readonly fundLineId?: string;
  readonly version: number;
}

/** A fund line. Money in fen. */
export interface FundLineRecord {
  readonly id: string;
  readonly unionId: string;
  readonly budgetFen: number;
  readonly balanceFen: number;
}

/** A notice in an inbox. */
export interface Notice {
  readonly id: string;
  readonly template: string;
  readonly aboutType: string;
  readonly aboutId: string;
  readonly read: boolean;
}

/** The newest notices of an inbox. */
export interface Inbox extends Page<Notice> {
  readonly unread: number;
}

/** Progress of one consumer in one partition. */
export interface ConsumerProgress {
  readonly service: string;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
  readonly head: number;
}

/** How an import of members ended. */
export interface ImportReport {
  readonly dryRun: boolean;
  readonly rows: number;
  readonly created: number;
  readonly skipped: number;
  readonly failed: number;
  readonly items: readonly {
    /** As in the spreadsheet program: the header is row 1. */
    readonly row: number;
    readonly status: 'created' | 'skipped' | 'failed';
    readonly id?: string;
    readonly field?: string;
    readonly code?: string;
    readonly reason?: string;
  }[];
}
