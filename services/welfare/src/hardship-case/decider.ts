import { HardshipCategory } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider, Decision, Refusal } from '@unionfold/eventsourcing';
import {
  type ApproveHardship,
  type CaseCommand,
  type CaseEvent,
  type CaseState,
  type DeclareHardship,
  type Household,
  isOpen,
  type PayAid,
  type ReassignCase,
  type RejectHardship,
  type VerifyHardship,
} from './hardship-case.ts';
import { verify } from './verification-policies.ts';

/** No standard of hardship holds today where the case is: the data lacks one, or its low-income line has run out. */
const noRuleSet: Refusal = { refused: 'rule-set-not-in-force', field: 'caseId' };

/** Longest statement and opinion, in characters. */
const longestText = 2_000;
/** Beyond these a number is a slip of the pen, not a household. */
const largestHousehold = 50;
const largestHouseholdAmountFen = 10_000_000_000n;

/** The rules of a hardship case (困难档案): 申报, 核实, 批准 or 驳回, 发放. */
export const caseDecider: Decider<CaseState, CaseCommand, CaseEvent> = {
  aggregate: 'hardship-case',
  initialState: {
    stage: 'absent',
    caseId: '',
    memberId: '',
    unionId: '',
    household: {
      size: 0,
      annualIncomeFen: 0n,
      rigidExpenditureFen: 0n,
      accidentCostFen: 0n,
    },
    verifiedBy: '',
    checks: [],
    category: HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED,
    approvedBy: '',
    amountFen: 0n,
    fundLineId: '',
  },
  decide: (command, state) => {
    if (command.type === 'DeclareHardship') return declare(command, state);
    if (state.stage === 'absent') return refuse('case-unknown', { field: 'caseId' });
    switch (command.type) {
      case 'VerifyHardship':
        return verifyDeclaration(command, state);
      case 'ApproveHardship':
        return approve(command, state);
      case 'RejectHardship':
        return reject(command, state);
      case 'PayAid':
        return pay(command, state);
      case 'ReassignCase':
        return reassign(command, state);
    }
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'HardshipDeclared': {
        const { caseId, memberId, unionId, householdSize: size, ...declared } = event.data;
        const { annualIncomeFen, rigidExpenditureFen, accidentCostFen } = declared;
        const household = { size, annualIncomeFen, rigidExpenditureFen, accidentCostFen };
        return { ...state, stage: 'declared', caseId, memberId, unionId, household };
      }
      case 'HardshipVerified': {
        const { verifiedBy, checks, category } = event.data;
        return { ...state, stage: 'verified', verifiedBy, checks, category };
      }
      case 'HardshipApproved': {
        const { approvedBy, amountFen } = event.data;
        return { ...state, stage: 'approved', approvedBy, amountFen };
      }
      case 'HardshipRejected':
        return { ...state, stage: 'rejected' };
      case 'AidPaid':
        return { ...state, stage: 'paid', fundLineId: event.data.fundLineId };
      case 'CaseReassigned':
        return { ...state, unionId: event.data.toUnionId };
    }
  },
  // No snapshots: the household's figures are personal, and snapshots are not encrypted.
};

function declare(command: DeclareHardship, state: CaseState): Decision<CaseEvent> {
  const { caseId, memberId, membership, household, consent } = command;
  if (state.stage !== 'absent') {
    return refuse('id-taken', { field: 'caseId', params: { id: caseId } });
  }
  if (membership === undefined) return refuse('member-unknown', { field: 'memberId' });
  if (!membership.live) return refuse('member-not-live', { field: 'memberId' });
  // 核对授权: no household's data is looked at before it has agreed.
  if (!consent) return refuse('consent-missing', { field: 'consent' });
  const fault = householdFault(household) ?? tooLong(command.statement, 'statement');
  if (fault !== undefined) return fault;
  const { size: householdSize, ...amounts } = household;
  return [
    {
      type: 'HardshipDeclared',
      data: {
        caseId,
        memberId,
        unionId: membership.unionId,
        householdSize,
        ...amounts,
        statement: command.statement.trim(),
        consent,
      },
    },
  ];
}

function verifyDeclaration(command: VerifyHardship, state: CaseState): Decision<CaseEvent> {
  const { verifiedByUnionId, verifiedBy, upperUnionIds, membership, unionLive, ruleSet } = command;
  if (![state.unionId, ...upperUnionIds].includes(verifiedByUnionId)) {
    return refuse('verifier-not-responsible', { field: 'verifiedByUnionId' });
  }
  if (state.stage !== 'declared') return refuse('case-wrong-status', { field: 'caseId' });
  if (ruleSet === undefined) return noRuleSet;
  const { household, unionId } = state;
  const { checks, category } = verify({ household, unionId, membership, unionLive, ruleSet });
  return [
    {
      type: 'HardshipVerified',
      data: {
        caseId: state.caseId,
        verifiedByUnionId,
        verifiedBy,
        checks,
        category,
        ruleSet: ruleSet.id,
      },
    },
  ];
}

function approve(command: ApproveHardship, state: CaseState): Decision<CaseEvent> {
  const { approvedByUnionId, approvedBy, upperUnionIds, amountFen, ruleSet } = command;
  if (!upperUnionIds.includes(approvedByUnionId)) {
    return refuse('not-an-upper-union', { field: 'approvedByUnionId' });
  }
  if (state.stage !== 'verified') return refuse('case-wrong-status', { field: 'caseId' });
  if (state.category === HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED) {
    return refuse('case-not-eligible', { field: 'caseId' });
  }
  if (approvedBy === state.verifiedBy) return refuse('maker-is-checker');
  if (amountFen <= 0n) return refuse('amount-invalid', { field: 'amountFen' });
  if (ruleSet === undefined) return noRuleSet;
  // 生活救助: at most the year's total of the low-income line for one household (管理办法 2015).
  if (command.paidThisYearFen + amountFen > ruleSet.livingAidCapFen) {
    return refuse('amount-over-cap', { field: 'amountFen' });
  }
  return [
    {
      type: 'HardshipApproved',
      data: { caseId: state.caseId, approvedByUnionId, approvedBy, amountFen },
    },
  ];
}

function reject(command: RejectHardship, state: CaseState): Decision<CaseEvent> {
  const { rejectedByUnionId, rejectedBy, upperUnionIds, opinion } = command;
  if (![state.unionId, ...upperUnionIds].includes(rejectedByUnionId)) {
    return refuse('not-an-upper-union', { field: 'rejectedByUnionId' });
  }
  if (state.stage !== 'declared' && state.stage !== 'verified') {
    return refuse('case-wrong-status', { field: 'caseId' });
  }
  if (opinion.trim() === '') return refuse('reason-missing', { field: 'opinion' });
  const fault = tooLong(opinion, 'opinion');
  if (fault !== undefined) return fault;
  const { caseId, memberId } = state;
  return [
    {
      type: 'HardshipRejected',
      data: { caseId, rejectedByUnionId, rejectedBy, opinion: opinion.trim(), memberId },
    },
  ];
}

function pay(command: PayAid, state: CaseState): Decision<CaseEvent> {
  const { paymentId, fundLineId, fundLineUnionId, paidBy, upperUnionIds } = command;
  if (state.stage !== 'approved') return refuse('case-wrong-status', { field: 'caseId' });
  if (paidBy === state.approvedBy) return refuse('maker-is-checker');
  if (fundLineUnionId === undefined) return refuse('fund-line-unknown', { field: 'fundLineId' });
  if (![state.unionId, ...upperUnionIds].includes(fundLineUnionId)) {
    return refuse('fund-line-outside-jurisdiction', { field: 'fundLineId' });
  }
  const { caseId, unionId, memberId, amountFen } = state;
  return [
    {
      type: 'AidPaid',
      data: { caseId, paymentId, fundLineId, amountFen, paidBy, unionId, memberId },
    },
  ];
}

function reassign({ toUnionId, reason }: ReassignCase, state: CaseState): Decision<CaseEvent> {
  if (!isOpen(state) || toUnionId === state.unionId) return [];
  const { caseId, unionId: fromUnionId } = state;
  return [{ type: 'CaseReassigned', data: { caseId, fromUnionId, toUnionId, reason } }];
}

function householdFault({ size, ...amounts }: Household): Refusal | undefined {
  if (!Number.isInteger(size) || size < 1 || size > largestHousehold) {
    return refuse('household-size-invalid', { field: 'householdSize' });
  }
  const field = Object.entries(amounts).find(
    ([, amount]) => amount < 0n || amount > largestHouseholdAmountFen,
  )?.[0];
  return field === undefined ? undefined : refuse('amount-invalid', { field });
}

function tooLong(text: string, field: string): Refusal | undefined {
  if ([...text.trim()].length <= longestText) return undefined;
  return refuse('text-too-long', { field, params: { field, maximum: longestText } });
}
