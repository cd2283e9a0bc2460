import type { EventOf, UnionType } from '@unionfold/contracts';

/** The events of a union's life (工会). */
export type UnionEvent = EventOf<
  'UnionEstablished' | 'UnionApproved' | 'UnionRenamed' | 'UnionMoved' | 'UnionDissolved'
>;

/** Where a union stands: 待批复, 在册, 已撤销. */
export type UnionStatus = 'absent' | 'pending' | 'active' | 'dissolved';

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

/** Dissolve (撤销). */
export interface DissolveUnion {
  readonly type: 'DissolveUnion';
  readonly successorId: string;
  readonly reason: string;
  /** The successor as it is now. */
  readonly successor: UnionState;
  /** How many unions stand directly below. */
  readonly subordinates: number;
}

/** What can be asked of a union. */
export type UnionCommand = EstablishUnion | ApproveUnion | RenameUnion | MoveUnion | DissolveUnion;
