import type { EventOf, Gender } from '@unionfold/contracts';
import type { UnionStanding } from '../rosters/union-standing.ts';

/** The events of a membership (会籍). */
export type MemberEvent = EventOf<
  'MemberEnrolled' | 'MemberCorrected' | 'MemberTransferred' | 'MemberLeft'
>;

/** Where a membership stands: 在册, 已退会. */
export type MembershipStatus = 'absent' | 'active' | 'left';

/** What is known of a member. Personal: it lives in memory only, so there is no snapshot of it. */
export interface MemberState extends Particulars {
  readonly status: MembershipStatus;
  readonly memberId: string;
  readonly unionId: string;
  /** `yyyy-MM-dd` */
  readonly joinedOn: string;
  readonly synthetic: boolean;
}

/** A member's particulars (会员信息), as validated. */
export interface Particulars {
  readonly name: string;
  /** GB 11643, 18 characters. */
  readonly citizenNumber: string;
  /** Keyed hash of the citizen number. */
  readonly citizenNumberIndex: string;
  /** 11 digits, or empty. */
  readonly mobile: string;
  readonly gender: Gender;
  /** `yyyy-MM-dd` */
  readonly birthDate: string;
}

/** Particulars as they were entered. */
export interface EnteredParticulars {
  readonly name: string;
  readonly citizenNumber: string;
  /** Keyed hash of the normalised number; any text where the number is not valid. */
  readonly citizenNumberIndex: string;
  readonly mobile: string;
  /** The day in China, `yyyy-MM-dd`. */
  readonly today: string;
}

/** Enrol (入会). */
export interface EnrolMember extends EnteredParticulars {
  readonly type: 'EnrolMember';
  readonly memberId: string;
  readonly unionId: string;
  /** The union as it stands now. */
  readonly union: UnionStanding;
  /** `yyyy-MM-dd`; empty means today. */
  readonly joinedOn: string;
  readonly synthetic: boolean;
}

/** Correct (更正). An empty field stays as it is. */
export interface CorrectMember extends EnteredParticulars {
  readonly type: 'CorrectMember';
  readonly reason: string;
}

/** Transfer (转会). */
export interface TransferMember {
  readonly type: 'TransferMember';
  readonly toUnionId: string;
  /** The receiving union as it stands now. */
  readonly toUnion: UnionStanding;
  readonly reason: string;
}

/** Carry over to the successor of a dissolved union (原工会撤销), if the member is still there. */
export interface CarryOverMember {
  readonly type: 'CarryOverMember';
  readonly fromUnionId: string;
  readonly toUnionId: string;
  readonly reason: string;
}

/** Leave (退会). */
export interface LeaveUnion {
  readonly type: 'LeaveUnion';
  readonly reason: string;
}

/** What can be asked of a membership. */
export type MemberCommand =
  | EnrolMember
  | CorrectMember
  | TransferMember
  | CarryOverMember
  | LeaveUnion;
