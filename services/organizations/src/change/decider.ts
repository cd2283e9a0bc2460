import { parseDate } from '@unionfold/codes';
import { ChangeKind, UnionType } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import type {
  ApproveChange,
  ChangeCommand,
  ChangeEvent,
  ChangeState,
  ProposeChange,
  RejectChange,
  UndoChange,
} from './change.ts';
import { changeRule } from './change-rules.ts';

/** The rules of a structural change (变更事项), from its proposal to its undoing. */
export const changeDecider: Decider<ChangeState, ChangeCommand, ChangeEvent> = {
  aggregate: 'change',
  initialState: {
    status: 'absent',
    changeId: '',
    plan: {
      kind: ChangeKind.CHANGE_KIND_UNSPECIFIED,
      unionId: '',
      effectiveOn: '',
      reason: '',
      name: '',
      toParentId: '',
      successorId: '',
      unionType: UnionType.UNION_TYPE_UNSPECIFIED,
      parts: [],
    },
    proposedByUnionId: '',
    approvedByUnionId: '',
    approvalDocument: '',
    reason: '',
    effect: {
      formerName: '',
      formerType: UnionType.UNION_TYPE_UNSPECIFIED,
      formerParentId: '',
      formerIndustryParentId: '',
      movedSubordinateIds: [],
      movedUnitCodes: [],
      sharedUnitCodes: [],
    },
    inEffectOn: '',
  },
  decide: (command, state) => {
    if (command.type === 'ProposeChange') return propose(command, state);
    const { changeId, status } = state;
    const { unionId } = state.plan;
    if (status === 'absent') return refuse('change-unknown', { field: 'changeId' });
    if (command.type === 'UndoChange') return undo(command, state);
    const isOpen = status === 'proposed' || status === 'approved';
    if (!isOpen) return refuse('change-not-open', { field: 'changeId' });
    switch (command.type) {
      case 'ApproveChange':
        return approve(command, state);
      case 'RejectChange':
        return reject(command, state);
      case 'WithdrawChange':
        return [{ type: 'ChangeWithdrawn', data: { changeId, unionId, reason: command.reason } }];
      case 'NoteEffect': {
        const { effect, today: on } = command;
        return [{ type: 'ChangeTookEffect', data: { changeId, unionId, ...effect, on } }];
      }
      case 'NoteFailure': {
        const { problem, field } = command;
        return [{ type: 'ChangeFailed', data: { changeId, unionId, problem, field } }];
      }
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ChangeProposed': {
        const { changeId, change, proposedByUnionId } = event.data;
        const plan = change ?? state.plan;
        return { ...state, status: 'proposed', changeId, plan, proposedByUnionId };
      }
      case 'ChangeApproved': {
        const { approvedByUnionId, approvalDocument } = event.data;
        return { ...state, status: 'approved', approvedByUnionId, approvalDocument };
      }
      case 'ChangeRejected':
        return { ...state, status: 'rejected', reason: event.data.reason };
      case 'ChangeWithdrawn':
        return { ...state, status: 'withdrawn', reason: event.data.reason };
      case 'ChangeTookEffect': {
        const { changeId: _, unionId: __, on, ...effect } = event.data;
        return { ...state, status: 'in-effect', effect, inEffectOn: on };
      }
      case 'ChangeFailed':
        return { ...state, status: 'failed', reason: event.data.problem };
      case 'ChangeUndone':
        return { ...state, status: 'undone', reason: event.data.reason };
    }
  },
};

function propose(command: ProposeChange, state: ChangeState): Decision<ChangeEvent> {
  const { changeId, plan, proposedByUnionId, today } = command;
  if (state.status !== 'absent') return refuse('id-taken', { field: 'changeId' });
  if (plan.kind === ChangeKind.CHANGE_KIND_UNSPECIFIED) {
    return refuse('change-kind-missing', { field: 'kind' });
  }
  const effectiveOn = plan.effectiveOn === '' ? today : plan.effectiveOn;
  if (!parseDate(effectiveOn).ok) return refuse('date-invalid', { field: 'effectiveOn' });
  // What was told of the past stays told: as-of answers never change afterwards.
  if (effectiveOn < today) return refuse('effective-date-past', { field: 'effectiveOn' });
  const change = { ...plan, effectiveOn };
  return [{ type: 'ChangeProposed', data: { changeId, change, proposedByUnionId } }];
}

function approve({ approval }: ApproveChange, state: ChangeState): Decision<ChangeEvent> {
  const { changeId, status, plan } = state;
  if (status === 'approved') return refuse('change-already-approved', { field: 'changeId' });
  const { approvedByUnionId, upperUnionIds } = approval;
  const approvalDocument = approval.approvalDocument.trim();
  if (approvalDocument === '') {
    return refuse('approval-document-missing', { field: 'approvalDocument' });
  }
  if (!upperUnionIds.includes(approvedByUnionId)) {
    return refuse('not-an-upper-union', { field: 'approvedByUnionId' });
  }
  const { unionId } = plan;
  return [
    { type: 'ChangeApproved', data: { changeId, unionId, approvedByUnionId, approvalDocument } },
  ];
}

function reject(command: RejectChange, state: ChangeState): Decision<ChangeEvent> {
  const { rejectedByUnionId, reason, upperUnionIds } = command;
  if (!upperUnionIds.includes(rejectedByUnionId)) {
    return refuse('not-an-upper-union', { field: 'rejectedByUnionId' });
  }
  const { changeId } = state;
  const { unionId } = state.plan;
  return [{ type: 'ChangeRejected', data: { changeId, unionId, rejectedByUnionId, reason } }];
}

function undo(command: UndoChange, state: ChangeState): Decision<ChangeEvent> {
  const { undoneByUnionId, reason, today, upperUnionIds } = command;
  const { changeId, status, inEffectOn } = state;
  const { kind, unionId } = state.plan;
  if (status !== 'in-effect') return refuse('change-not-in-effect', { field: 'changeId' });
  const { undoDays: days } = changeRule(kind, inEffectOn);
  if (daysBetween(inEffectOn, today) > days) {
    return refuse('undo-period-over', { field: 'changeId', params: { days } });
  }
  if (!upperUnionIds.includes(undoneByUnionId)) {
    return refuse('not-an-upper-union', { field: 'undoneByUnionId' });
  }
  return [{ type: 'ChangeUndone', data: { changeId, unionId, undoneByUnionId, reason } }];
}

const dayMs = 86_400_000;

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / dayMs);
}
