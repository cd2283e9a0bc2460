import { ElectionKind } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision } from '@unionfold/eventsourcing';
import { approvalFault, deciderFault } from '../../union/approval-policy.ts';
import type { ElectionCommand, ElectionEvent, ElectionState, ReportElection } from './election.ts';
import { electionFault } from './election-policies.ts';

/** The rules of an election from its report to its approval (选举结果报批). */
export const electionDecider: Decider<ElectionState, ElectionCommand, ElectionEvent> = {
  aggregate: 'election',
  initialState: {
    status: 'absent',
    electionId: '',
    unionId: '',
    result: {
      kind: ElectionKind.ELECTION_KIND_UNSPECIFIED,
      heldOn: '',
      termYears: 0,
      seats: [],
    },
  },
  decide: (command, state) => {
    if (command.type === 'ReportElection') return report(command, state);
    if (state.status === 'absent') return refuse('election-unknown', { field: 'electionId' });
    if (state.status !== 'pending') {
      return refuse('election-already-decided', { field: 'electionId' });
    }
    const { electionId, unionId } = state;
    if (command.type === 'ApproveElection') {
      const { approval, approvedOn } = command;
      const { approvedByUnionId } = approval;
      const approvalDocument = approval.approvalDocument.trim();
      const data = { electionId, unionId, approvedByUnionId, approvalDocument, approvedOn };
      return approvalFault(unionId, approval) ?? [{ type: 'ElectionApproved', data }];
    }
    const { rejectedByUnionId, upperUnionIds, reason } = command;
    if (reason.trim() === '') return refuse('reason-missing', { field: 'reason' });
    const data = { electionId, unionId, rejectedByUnionId, reason: reason.trim() };
    return (
      deciderFault(unionId, rejectedByUnionId, upperUnionIds, 'rejectedByUnionId') ?? [
        { type: 'ElectionRejected', data },
      ]
    );
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'ElectionReported': {
        const { electionId, unionId, approvedByUnionId: _, ...result } = event.data;
        return { status: 'pending', electionId, unionId, result };
      }
      case 'ElectionApproved':
        return { ...state, status: 'approved' };
      case 'ElectionRejected':
        return { ...state, status: 'rejected' };
    }
  },
};

function report(command: ReportElection, state: ElectionState): Decision<ElectionEvent> {
  const { electionId, unionId, result, approvedByUnionId, rules, ...circumstances } = command;
  if (state.status !== 'absent') return refuse('id-taken', { field: 'electionId' });
  if (rules === undefined) return refuse('term-rules-not-in-force', { field: 'heldOn' });
  const seats = [...result.seats];
  const data = { electionId, unionId, ...result, seats, approvedByUnionId };
  return electionFault(result, { ...circumstances, rules }) ?? [{ type: 'ElectionReported', data }];
}
