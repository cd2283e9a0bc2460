import type { CoveredUnit, EventOf, SplitPart, UnionRecord, UnionType } from '@unionfold/contracts';

/** The events of a union's life (工会). */
export type UnionEvent = EventOf<
  | 'UnionPreparationBegun'
  | 'UnionEstablished'
  | 'UnionApproved'
  | 'UnionRenamed'
  | 'UnionMoved'
  | 'UnionIndustryParentChanged'
  | 'UnionTypeChanged'
  | 'UnionSuspended'
  | 'UnionResumed'
  | 'UnionSplit'
  | 'UnionDissolved'
  | 'UnionRestored'
  | 'UnionRecordCorrected'
  | 'UnionRecordVerified'
  | 'UnitCovered'
  | 'UnitReleased'
>;

/** Where a union stands: 筹建, 待批复, 在册, 暂停活动, 已撤销. */
export type UnionStatus = 'absent' | 'preparing' | 'pending' | 'active' | 'suspended' | 'dissolved';

/** What is known of a union. */
export interface UnionState {
  readonly status: UnionStatus;
  readonly unionId: string;
  readonly name: string;
  readonly type: UnionType;
  readonly territorialParentId: string;
  readonly industryParentId: string;
  readonly regionCode: string;
  readonly creditCode: string;
  readonly foundedOn: string;
  readonly synthetic: boolean;
  readonly successorId: string;
  readonly record: UnionRecord;
  /** Employers whose workers it covers, by their credit code. */
  readonly units: Readonly<Record<string, CoveredUnit>>;
  /** When somebody last found the record right: yyyy-MM-dd, or empty. */
  readonly verifiedOn: string;
}

/** Prepare (筹建): a place and a name for a union that is not live yet. */
export interface PrepareUnion {
  readonly type: 'PrepareUnion';
  readonly unionId: string;
  readonly name: string;
  readonly territorialParentId: string;
  readonly regionCode: string;
  readonly synthetic: boolean;
  /** The upper union as it is now; undefined when none was named. */
  readonly upper: UnionState | undefined;
}

/** Establish (成立). What the command needs to know of other unions comes with it. */
export interface EstablishUnion {
  readonly type: 'EstablishUnion';
  readonly unionId: string;
  readonly name: string;
  readonly unionType: UnionType;
  readonly territorialParentId: string;
  readonly industryParentId: string;
  readonly regionCode: string;
  readonly creditCode: string;
  readonly foundedOn: string;
  readonly synthetic: boolean;
  /** The upper union as it is now; undefined when none was named. */
  readonly upper: UnionState | undefined;
  /** The industry line's upper union as it is now; undefined when none was named. */
  readonly industryUpper: UnionState | undefined;
  /** Present when an upper union establishes and approves in one. */
  readonly approval: Approval | undefined;
}

/** An upper union's approval (批复). */
export interface Approval {
  readonly approvedByUnionId: string;
  readonly approvalDocument: string;
  /** The union's upper unions, the nearest first. */
  readonly upperUnionIds: readonly string[];
}

/** Approve (批复成立). */
export interface ApproveUnion {
  readonly type: 'ApproveUnion';
  readonly approval: Approval;
}

/** Rename (更名). */
export interface RenameUnion {
  readonly type: 'RenameUnion';
  readonly name: string;
  readonly reason: string;
}

/** Move under another upper union, with all below (变更隶属关系). */
export interface MoveUnion {
  readonly type: 'MoveUnion';
  readonly toParentId: string;
  readonly reason: string;
  /** The new upper union as it is now. */
  readonly upper: UnionState;
  /** The new upper union's own upper unions. */
  readonly upperUnionIds: readonly string[];
}

/** Change the industry line (变更产业隶属). */
export interface ChangeIndustryParent {
  readonly type: 'ChangeIndustryParent';
  /** Empty: under none. */
  readonly toParentId: string;
  readonly reason: string;
  /** The new industry union as it is now; undefined when none is named. */
  readonly industryUpper: UnionState | undefined;
}

/** Change the type (变更类型). */
export interface ChangeUnionType {
  readonly type: 'ChangeUnionType';
  readonly unionType: UnionType;
  readonly reason: string;
  /** The upper union as it is now. */
  readonly upper: UnionState | undefined;
  /** Types of the unions directly below. */
  readonly subordinateTypes: readonly UnionType[];
}

/** Suspend (暂停活动). */
export interface SuspendUnion {
  readonly type: 'SuspendUnion';
  readonly reason: string;
}

/** Resume (恢复活动). */
export interface ResumeUnion {
  readonly type: 'ResumeUnion';
  readonly reason: string;
}

/** Split (分立): note who came out of the union. */
export interface SplitUnion {
  readonly type: 'SplitUnion';
  readonly parts: readonly SplitPart[];
  readonly reason: string;
}

/** Restore a dissolved union (恢复). */
export interface RestoreUnion {
  readonly type: 'RestoreUnion';
  readonly reason: string;
  /** The upper union of before, as it is now. */
  readonly upper: UnionState | undefined;
}

/** Correct the record (更正登记信息): all of it as it is to be. */
export interface CorrectUnionRecord {
  readonly type: 'CorrectUnionRecord';
  readonly record: UnionRecord;
  readonly reason: string;
}

/** Confirm that the record is right (信息核实). */
export interface VerifyUnionRecord {
  readonly type: 'VerifyUnionRecord';
  /** yyyy-MM-dd in China. */
  readonly today: string;
}

/** Cover an employer, or correct what is known of it (登记覆盖单位). */
export interface CoverUnit {
  readonly type: 'CoverUnit';
  readonly unit: CoveredUnit;
}

/** Cover an employer no longer (移出覆盖单位). */
export interface ReleaseUnit {
  readonly type: 'ReleaseUnit';
  readonly creditCode: string;
  readonly reason: string;
}

/** Dissolve (撤销). */
export interface DissolveUnion {
  readonly type: 'DissolveUnion';
  readonly successorId: string;
  readonly reason: string;
  /** The successor as it is now. */
  readonly successor: UnionState;
  /** How many unions stand directly below. */
  readonly subordinates: number;
  /** It is merged into its successor (并入). */
  readonly merged?: boolean;
}

/** What can be asked of a union. */
export type UnionCommand =
  | PrepareUnion
  | EstablishUnion
  | ApproveUnion
  | RenameUnion
  | MoveUnion
  | ChangeIndustryParent
  | ChangeUnionType
  | SuspendUnion
  | ResumeUnion
  | SplitUnion
  | DissolveUnion
  | RestoreUnion
  | CorrectUnionRecord
  | VerifyUnionRecord
  | CoverUnit
  | ReleaseUnit;
