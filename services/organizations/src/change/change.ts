import type { EventOf, PlannedChange } from '@unionfold/contracts';
import type { Approval } from '../union/union.ts';

/** The events of a structural change (变更事项). */
export type ChangeEvent = EventOf<
  | 'ChangeProposed'
  | 'ChangeApproved'
  | 'ChangeRejected'
  | 'ChangeWithdrawn'
  | 'ChangeTookEffect'
  | 'ChangeFailed'
  | 'ChangeUndone'
>;

/** Where a change stands: 待批复, 待生效, 已生效, 不予批复, 已撤回, 未能生效, 已撤销变更. */
export type ChangeStatus =
  | 'absent'
  | 'proposed'
  | 'approved'
  | 'in-effect'
  | 'rejected'
  | 'withdrawn'
  | 'failed'
  | 'undone';

/** What a change found and took along when it took effect. */
export type ChangeEffect = Omit<EventOf<'ChangeTookEffect'>['data'], 'changeId' | 'unionId' | 'on'>;

/** What is known of a change. */
export interface ChangeState {
  readonly status: ChangeStatus;
  readonly changeId: string;
  readonly plan: PlannedChange;
  readonly proposedByUnionId: string;
  readonly approvedByUnionId: string;
  readonly approvalDocument: string;
  readonly reason: string;
  readonly effect: ChangeEffect;
  /** yyyy-MM-dd; empty before it took effect. */
  readonly inEffectOn: string;
}

/** Put forward (提出). */
export interface ProposeChange {
  readonly type: 'ProposeChange';
  readonly changeId: string;
  readonly plan: PlannedChange;
  readonly proposedByUnionId: string;
  /** yyyy-MM-dd in China. */
  readonly today: string;
}

/** Approve (批复). */
export interface ApproveChange {
  readonly type: 'ApproveChange';
  /** Its upper unions are those above all that the change concerns. */
  readonly approval: Approval;
}

/** Do not approve (不予批复). */
export interface RejectChange {
  readonly type: 'RejectChange';
  readonly rejectedByUnionId: string;
  readonly reason: string;
  /** The unions above all that the change concerns. */
  readonly upperUnionIds: readonly string[];
}

/** Take back (撤回). */
export interface WithdrawChange {
  readonly type: 'WithdrawChange';
  readonly reason: string;
}

/** Note that it took effect (生效). */
export interface NoteEffect {
  readonly type: 'NoteEffect';
  readonly effect: ChangeEffect;
  readonly today: string;
}

/** Note that it could not take effect (未能生效). */
export interface NoteFailure {
  readonly type: 'NoteFailure';
  readonly problem: string;
  readonly field: string;
}

/** Bring back what was (撤销变更). */
export interface UndoChange {
  readonly type: 'UndoChange';
  readonly undoneByUnionId: string;
  readonly reason: string;
  readonly today: string;
  /** The unions above all that the change concerns. */
  readonly upperUnionIds: readonly string[];
}

/** What can be asked of a change. */
export type ChangeCommand =
  | ProposeChange
  | ApproveChange
  | RejectChange
  | WithdrawChange
  | NoteEffect
  | NoteFailure
  | UndoChange;
