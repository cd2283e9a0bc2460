import type { EventOf, HardshipCategory, VerificationCheck } from '@unionfold/contracts';
import type { RuleSet } from '../rule-set/rule-set.ts';

/** The events of a hardship case (困难档案). */
export type CaseEvent = EventOf<
  | 'HardshipDeclared'
  | 'HardshipVerified'
  | 'HardshipApproved'
  | 'HardshipRejected'
  | 'AidPaid'
  | 'CaseReassigned'
>;

/** Where a case stands: 已申报, 已核实, 已批准, 已驳回, 已发放. */
export type CaseStage = 'absent' | 'declared' | 'verified' | 'approved' | 'rejected' | 'paid';

/** What the worker said of the household. Money of the last year, in fen. */
export interface Household {
  /** Persons, the worker included. */
  readonly size: number;
  readonly annualIncomeFen: bigint;
  readonly rigidExpenditureFen: bigint;
  readonly accidentCostFen: bigint;
}

/** What is known of a case. It holds personal data: it is never put into a snapshot. */
export interface CaseState {
  readonly stage: CaseStage;
  readonly caseId: string;
  readonly memberId: string;
  readonly unionId: string;
  readonly household: Household;
  readonly verifiedBy: string;
  readonly checks: readonly VerificationCheck[];
  readonly category: HardshipCategory;
  readonly approvedBy: string;
  readonly amountFen: bigint;
  readonly fundLineId: string;
}

/** What the platform holds of the worker's membership. */
export interface HeldMembership {
  readonly unionId: string;
  readonly live: boolean;
}

/** Declare (申报). */
export interface DeclareHardship {
  readonly type: 'DeclareHardship';
  readonly caseId: string;
  readonly memberId: string;
  /** The worker's membership; undefined when there is no such member. */
  readonly membership: HeldMembership | undefined;
  readonly household: Household;
  readonly statement: string;
  readonly consent: boolean;
}

/** Verify (核实) against held data. */
export interface VerifyHardship {
  readonly type: 'VerifyHardship';
  readonly verifiedByUnionId: string;
  readonly verifiedBy: string;
  /** The upper unions of the case's union, the nearest first. */
  readonly upperUnionIds: readonly string[];
  /** The worker's membership, with its union's successor where that was dissolved. */
  readonly membership: HeldMembership | undefined;
  readonly unionLive: boolean;
  /** What holds today in the case's union; undefined when nothing does. */
  readonly ruleSet: RuleSet | undefined;
}

/** Approve (批准). */
export interface ApproveHardship {
  readonly type: 'ApproveHardship';
  readonly approvedByUnionId: string;
  readonly approvedBy: string;
  readonly upperUnionIds: readonly string[];
  readonly amountFen: bigint;
  readonly ruleSet: RuleSet | undefined;
  /** Aid that the household was paid earlier in this calendar year. */
  readonly paidThisYearFen: bigint;
}

/** Turn down (驳回). */
export interface RejectHardship {
  readonly type: 'RejectHardship';
  readonly rejectedByUnionId: string;
  readonly rejectedBy: string;
  readonly upperUnionIds: readonly string[];
  readonly opinion: string;
}

/** Pay (发放). */
export interface PayAid {
  readonly type: 'PayAid';
  readonly paymentId: string;
  readonly fundLineId: string;
  /** The union whose fund line it is; undefined when there is no such fund line. */
  readonly fundLineUnionId: string | undefined;
  readonly paidBy: string;
  readonly upperUnionIds: readonly string[];
}

/** Pass the case to another union (移交). */
export interface ReassignCase {
  readonly type: 'ReassignCase';
  readonly toUnionId: string;
  readonly reason: string;
}

/** What can be asked of a case. */
export type CaseCommand =
  | DeclareHardship
  | VerifyHardship
  | ApproveHardship
  | RejectHardship
  | PayAid
  | ReassignCase;

/** Whether the worker still waits for this case's outcome. */
export function isOpen({ stage }: CaseState): boolean {
  return stage === 'declared' || stage === 'verified' || stage === 'approved';
}
