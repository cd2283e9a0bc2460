import { ElectionKind, type EventOf } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import { approvalFault, deciderFault } from '../../union/approval-policy.ts';
import type { Approval } from '../../union/union.ts';
import type { CommitteeState } from '../committee.ts';
import type { TermRules } from '../term-rules/term-rules.ts';
import { exceptionFault } from './exception-policy.ts';

/** The events of a request to elect early or late (提前或延期换届申请). */
export type ElectionExceptionEvent = EventOf<
  'ElectionExceptionRequested' | 'ElectionExceptionApproved' | 'ElectionExceptionRejected'
>;

/** A request and where it stands: 待批复, 已批准, 不予批准. */
export interface ElectionExceptionState {
  readonly status: 'absent' | 'pending' | 'approved' | 'rejected';
  readonly exceptionId: string;
  readonly unionId: string;
  readonly kind: ElectionKind;
  readonly holdBy: string;
  readonly reason: string;
}

/** Ask to elect early or late (申请). */
export interface RequestElectionException {
  readonly type: 'RequestElectionException';
  readonly exceptionId: string;
  readonly unionId: string;
  readonly kind: ElectionKind;
  readonly holdBy: string;
  readonly reason: string;
  /** The union's bodies as they are now. */
  readonly committee: CommitteeState;
  readonly rules: TermRules | undefined;
  readonly today: string;
}

/** What can be asked of a request. */
export type ElectionExceptionCommand =
  | RequestElectionException
  | { readonly type: 'ApproveElectionException'; readonly approval: Approval }
  | {
      readonly type: 'RejectElectionException';
      readonly rejectedByUnionId: string;
      readonly upperUnionIds: readonly string[];
      readonly reason: string;
    };

/** The rules of a request to elect early or late, from asking to the upper union's answer. */
export const electionExceptionDecider: Decider<
  ElectionExceptionState,
  ElectionExceptionCommand,
  ElectionExceptionEvent
> = {
  aggregate: 'election-exception',
  initialState: {
    status: 'absent',
    exceptionId: '',
    unionId: '',
    kind: ElectionKind.ELECTION_KIND_UNSPECIFIED,
    holdBy: '',
    reason: '',
  },
  decide: (command, state) => {
    if (command.type === 'RequestElectionException') return request(command, state);
    const field = 'exceptionId';
    if (state.status === 'absent') return refuse('election-exception-unknown', { field });
    if (state.status !== 'pending') return refuse('election-exception-already-decided', { field });
    const { exceptionId, unionId } = state;
    if (command.type === 'ApproveElectionException') {
      const { approvedByUnionId } = command.approval;
      const approvalDocument = command.approval.approvalDocument.trim();
      const data = { exceptionId, unionId, approvedByUnionId, approvalDocument };
      return (
        approvalFault(unionId, command.approval) ?? [{ type: 'ElectionExceptionApproved', data }]
      );
    }
    const { rejectedByUnionId, upperUnionIds, reason } = command;
    if (reason.trim() === '') return refuse('reason-missing', { field: 'reason' });
    const data = { exceptionId, unionId, rejectedByUnionId, reason: reason.trim() };
    return (
      deciderFault(unionId, rejectedByUnionId, upperUnionIds, 'rejectedByUnionId') ?? [
        { type: 'ElectionExceptionRejected', data },
      ]
    );
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ElectionExceptionRequested':
        return { status: 'pending', ...event.data };
      case 'ElectionExceptionApproved':
        return { ...state, status: 'approved' };
      case 'ElectionExceptionRejected':
        return { ...state, status: 'rejected' };
    }
  },
};

function request(
  command: RequestElectionException,
  state: ElectionExceptionState,
): Decision<ElectionExceptionEvent> {
  const { exceptionId, unionId, kind, holdBy, committee, rules, today } = command;
  if (state.status !== 'absent') return refuse('id-taken', { field: 'exceptionId' });
  const reason = command.reason.trim();
  if (reason === '') return refuse('reason-missing', { field: 'reason' });
  const data = { exceptionId, unionId, kind, holdBy, reason };
  return (
    exceptionFault({ kind, holdBy }, committee, rules, today) ?? [
      { type: 'ElectionExceptionRequested', data },
    ]
  );
}
