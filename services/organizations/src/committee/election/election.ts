import type { ElectionKind, EventOf, OfficerSeat } from '@unionfold/contracts';
import type { Approval } from '../../union/union.ts';
import type { CommitteeState } from '../committee.ts';
import type { TermRules } from '../term-rules/term-rules.ts';

/** The events of an election (选举). */
export type ElectionEvent = EventOf<'ElectionReported' | 'ElectionApproved' | 'ElectionRejected'>;

/** What an election came to. */
export interface ElectionResult {
  readonly kind: ElectionKind;
  /** 'yyyy-MM-dd' */
  readonly heldOn: string;
  /** 3 or 5; of a by-election 0. */
  readonly termYears: number;
  readonly seats: readonly OfficerSeat[];
}

/** What the members service knows of those elected. */
export interface Roster {
  /** Those who are not live members of the union. */
  readonly absentMemberIds: readonly string[];
  /** Members of the union, as far as the rules need to count. */
  readonly members: number;
}

/** What an election is held against. */
export interface ElectionCircumstances {
  /** The union's bodies as they are now. */
  readonly committee: CommitteeState;
  readonly roster: Roster;
  readonly rules: TermRules;
  /** 'yyyy-MM-dd' in China. */
  readonly today: string;
}

/** An election and where its approval stands: 待批复, 已批复, 不予批复. */
export interface ElectionState {
  readonly status: 'absent' | 'pending' | 'approved' | 'rejected';
  readonly electionId: string;
  readonly unionId: string;
  readonly result: ElectionResult;
}

/** Report a result (报批). What the command needs to know of the union comes with it. */
export interface ReportElection {
  readonly type: 'ReportElection';
  readonly electionId: string;
  readonly unionId: string;
  readonly result: ElectionResult;
  /** Where an upper union reports and approves in one; empty otherwise. */
  readonly approvedByUnionId: string;
  readonly committee: CommitteeState;
  readonly roster: Roster;
  /** Undefined when none are in force. */
  readonly rules: TermRules | undefined;
  readonly today: string;
}

/** Approve a result (批复). */
export interface ApproveElection {
  readonly type: 'ApproveElection';
  readonly approval: Approval;
  /** 'yyyy-MM-dd' */
  readonly approvedOn: string;
}

/** Turn a result down (不予批复). */
export interface RejectElection {
  readonly type: 'RejectElection';
  readonly rejectedByUnionId: string;
  readonly upperUnionIds: readonly string[];
  readonly reason: string;
}

/** What can be asked of an election. */
export type ElectionCommand = ReportElection | ApproveElection | RejectElection;
