import { CheckOutcome, HardshipCategory } from '@unionfold/contracts';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import type { RuleSet } from '../rule-set/rule-set.ts';
import { caseDecider } from './decider.ts';
import type {
  ApproveHardship,
  CaseEvent,
  DeclareHardship,
  PayAid,
  RejectHardship,
  VerifyHardship,
} from './hardship-case.ts';

const { given } = specificationFor(caseDecider);
const caseId = 'c1';
const memberId = 'li';
const upperUnionIds = ['county', 'city'];
const ruleSet: RuleSet = {
  id: 'sd-2020',
  source: 'test',
  lowIncomeLineFen: 106_200n,
  relativeIncomePercent: 200n,
  accidentCostPercent: 80n,
  livingAidCapFen: 1_274_400n,
};
const household = {
  size: 3,
  annualIncomeFen: 2_000_000n,
  rigidExpenditureFen: 500_000n,
  accidentCostFen: 0n,
};

const declare: DeclareHardship = {
  type: 'DeclareHardship',
  caseId,
  memberId,
  membership: { unionId: 'works', live: true },
  household,
  statement: ' 家中有病人 ',
  consent: true,
};
const verify: VerifyHardship = {
  type: 'VerifyHardship',
  verifiedByUnionId: 'works',
  verifiedBy: 'wang',
  upperUnionIds,
  membership: { unionId: 'works', live: true },
  unionLive: true,
  ruleSet,
};
const approve: ApproveHardship = {
  type: 'ApproveHardship',
  approvedByUnionId: 'county',
  approvedBy: 'zhao',
  upperUnionIds,
  amountFen: 300_000n,
  ruleSet,
  paidThisYearFen: 0n,
};
const reject: RejectHardship = {
  type: 'RejectHardship',
  rejectedByUnionId: 'works',
  rejectedBy: 'wang',
  upperUnionIds,
  opinion: '材料不全',
};
const pay: PayAid = {
  type: 'PayAid',
  paymentId: 'p1',
  fundLineId: 'spring',
  fundLineUnionId: 'county',
  paidBy: 'qian',
  upperUnionIds,
};

const declared: CaseEvent = {
  type: 'HardshipDeclared',
  data: {
    caseId,
    memberId,
    unionId: 'works',
    householdSize: 3,
    annualIncomeFen: 2_000_000n,
    rigidExpenditureFen: 500_000n,
    accidentCostFen: 0n,
    statement: '家中有病人',
    consent: true,
  },
};
const passed = CheckOutcome.CHECK_OUTCOME_PASSED;
const verified: CaseEvent = {
  type: 'HardshipVerified',
  data: {
    caseId,
    verifiedByUnionId: 'works',
    verifiedBy: 'wang',
    checks: [
      { name: 'live-membership', outcome: passed, source: 'members' },
      { name: 'declared-union', outcome: passed, source: 'members' },
      { name: 'union-live', outcome: passed, source: 'organizations' },
      { name: 'income', outcome: passed, source: 'rule-set:sd-2020' },
    ],
    category: HardshipCategory.HARDSHIP_CATEGORY_DEEP,
    ruleSet: 'sd-2020',
  },
};
const notEligible: CaseEvent = {
  type: 'HardshipVerified',
  data: { ...verified.data, category: HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED },
};
const approved: CaseEvent = {
  type: 'HardshipApproved',
  data: { caseId, approvedByUnionId: 'county', approvedBy: 'zhao', amountFen: 300_000n },
};
const rejected: CaseEvent = {
  type: 'HardshipRejected',
  data: {
    caseId,
    rejectedByUnionId: 'works',
    rejectedBy: 'wang',
    opinion: '材料不全',
    memberId,
  },
};
const paid: CaseEvent = {
  type: 'AidPaid',
  data: {
    caseId,
    paymentId: 'p1',
    fundLineId: 'spring',
    amountFen: 300_000n,
    paidBy: 'qian',
    unionId: 'works',
    memberId,
  },
};

describe('Declaring hardship', () => {
  it('opens a case in the worker’s union', () => {
    given([]).when(declare).then([declared]);
  });

  it('takes a household without any income, and the largest amounts', () => {
    const events = (annualIncomeFen: bigint): CaseEvent[] => [
      { type: 'HardshipDeclared', data: { ...declared.data, annualIncomeFen } },
    ];
    for (const annualIncomeFen of [0n, 10_000_000_000n]) {
      given([])
        .when({ ...declare, household: { ...household, annualIncomeFen } })
        .then(events(annualIncomeFen));
    }
  });

  it('is refused where the worker or the declaration is at fault', () => {
    const refused: [Partial<DeclareHardship>, string, string][] = [
      [{ membership: undefined }, 'member-unknown', 'memberId'],
      [{ membership: { unionId: 'works', live: false } }, 'member-not-live', 'memberId'],
      [{ consent: false }, 'consent-missing', 'consent'],
      [{ household: { ...household, size: 0 } }, 'household-size-invalid', 'householdSize'],
      [{ household: { ...household, size: 51 } }, 'household-size-invalid', 'householdSize'],
      [{ household: { ...household, annualIncomeFen: -1n } }, 'amount-invalid', 'annualIncomeFen'],
      [
        { household: { ...household, rigidExpenditureFen: -1n } },
        'amount-invalid',
        'rigidExpenditureFen',
      ],
      [
        { household: { ...household, accidentCostFen: 10_000_000_001n } },
        'amount-invalid',
        'accidentCostFen',
      ],
      [{ statement: '长'.repeat(2_001) }, 'text-too-long', 'statement'],
    ];
    for (const [fault, code, field] of refused) {
      given([])
        .when({ ...declare, ...fault })
        .thenRefused(code, field);
    }
  });

  it('does not take an id twice', () => {
    given([declared]).when(declare).thenRefused('id-taken', 'caseId');
  });
});

describe('Verifying', () => {
  it('records every check and the category, by the union itself or one above it', () => {
    given([declared]).when(verify).then([verified]);
    given([declared])
      .when({ ...verify, verifiedByUnionId: 'city' })
      .then([{ type: 'HardshipVerified', data: { ...verified.data, verifiedByUnionId: 'city' } }]);
  });

  it('records that a household does not qualify', () => {
    const failed = CheckOutcome.CHECK_OUTCOME_FAILED;
    const checks = verified.data.checks.map((check) =>
      check.name === 'declared-union' ? { ...check, outcome: failed } : check,
    );
    given([declared])
      .when({ ...verify, membership: { unionId: 'mill', live: true } })
      .then([{ type: 'HardshipVerified', data: { ...notEligible.data, checks } }]);
  });

  it('is refused elsewhere, at another stage, and without a rule set', () => {
    given([]).when(verify).thenRefused('case-unknown', 'caseId');
    given([declared])
      .when({ ...verify, verifiedByUnionId: 'mill' })
      .thenRefused('verifier-not-responsible', 'verifiedByUnionId');
    given([declared, verified]).when(verify).thenRefused('case-wrong-status', 'caseId');
    given([declared, rejected]).when(verify).thenRefused('case-wrong-status');
    given([declared])
      .when({ ...verify, ruleSet: undefined })
      .thenRefused('rule-set-not-in-force');
  });
});

describe('Approving', () => {
  it('is an upper union’s, within the cap', () => {
    given([declared, verified]).when(approve).then([approved]);
  });

  it('is not the union’s own, nor a stranger’s', () => {
    for (const approvedByUnionId of ['works', 'mill', '']) {
      given([declared, verified])
        .when({ ...approve, approvedByUnionId })
        .thenRefused('not-an-upper-union', 'approvedByUnionId');
    }
  });

  it('needs a verified and eligible case', () => {
    given([]).when(approve).thenRefused('case-unknown');
    given([declared]).when(approve).thenRefused('case-wrong-status');
    given([declared, verified, approved]).when(approve).thenRefused('case-wrong-status');
    given([declared, notEligible]).when(approve).thenRefused('case-not-eligible');
  });

  it('is not by the one who verified', () => {
    given([declared, verified])
      .when({ ...approve, approvedBy: 'wang' })
      .thenRefused('maker-is-checker');
  });

  it('keeps the household’s aid of the year within the cap', () => {
    const within = (amountFen: bigint, paidThisYearFen: bigint) =>
      given([declared, verified]).when({ ...approve, amountFen, paidThisYearFen });
    within(1_274_400n, 0n).then([
      { type: 'HardshipApproved', data: { ...approved.data, amountFen: 1_274_400n } },
    ]);
    within(1_274_401n, 0n).thenRefused('amount-over-cap', 'amountFen');
    within(274_400n, 1_000_000n).then([
      { type: 'HardshipApproved', data: { ...approved.data, amountFen: 274_400n } },
    ]);
    within(274_401n, 1_000_000n).thenRefused('amount-over-cap', 'amountFen');
    within(0n, 0n).thenRefused('amount-invalid', 'amountFen');
    within(-1n, 0n).thenRefused('amount-invalid', 'amountFen');
    given([declared, verified])
      .when({ ...approve, ruleSet: undefined })
      .thenRefused('rule-set-not-in-force');
  });
});

describe('Rejecting', () => {
  it('ends a case that is declared or verified, by the union itself or one above it', () => {
    given([declared]).when(reject).then([rejected]);
    given([declared, notEligible])
      .when({ ...reject, rejectedByUnionId: 'city', opinion: ' 材料不全 ' })
      .then([{ type: 'HardshipRejected', data: { ...rejected.data, rejectedByUnionId: 'city' } }]);
  });

  it('is refused elsewhere, at another stage, and without an opinion', () => {
    given([]).when(reject).thenRefused('case-unknown');
    given([declared])
      .when({ ...reject, rejectedByUnionId: 'mill' })
      .thenRefused('not-an-upper-union', 'rejectedByUnionId');
    given([declared, verified, approved]).when(reject).thenRefused('case-wrong-status');
    given([declared, rejected]).when(reject).thenRefused('case-wrong-status');
    given([declared])
      .when({ ...reject, opinion: ' ' })
      .thenRefused('reason-missing', 'opinion');
    given([declared])
      .when({ ...reject, opinion: '长'.repeat(2_001) })
      .thenRefused('text-too-long', 'opinion');
  });
});

describe('Paying', () => {
  const past = [declared, verified, approved];

  it('pays what was approved, from a fund line of the union or of one above it', () => {
    for (const fundLineUnionId of ['works', 'county', 'city']) {
      given(past)
        .when({ ...pay, fundLineUnionId })
        .then([paid]);
    }
  });

  it('needs an approved case, and pays it once', () => {
    given([]).when(pay).thenRefused('case-unknown');
    given([declared, verified]).when(pay).thenRefused('case-wrong-status');
    given([declared, rejected]).when(pay).thenRefused('case-wrong-status');
    given([...past, paid])
      .when(pay)
      .thenRefused('case-wrong-status');
  });

  it('is not by the one who approved', () => {
    given(past)
      .when({ ...pay, paidBy: 'zhao' })
      .thenRefused('maker-is-checker');
  });

  it('does not use the money of others', () => {
    given(past)
      .when({ ...pay, fundLineUnionId: 'mill' })
      .thenRefused('fund-line-outside-jurisdiction', 'fundLineId');
    given(past)
      .when({ ...pay, fundLineUnionId: undefined })
      .thenRefused('fund-line-unknown', 'fundLineId');
  });
});

describe('Passing a case to another union', () => {
  const pass = { type: 'ReassignCase', toUnionId: 'mill', reason: 'member-transferred' } as const;
  const reassigned: CaseEvent = {
    type: 'CaseReassigned',
    data: { caseId, fromUnionId: 'works', toUnionId: 'mill', reason: 'member-transferred' },
  };

  it('happens at every open stage, once', () => {
    for (const past of [[declared], [declared, verified], [declared, verified, approved]]) {
      given(past).when(pass).then([reassigned]);
      given([...past, reassigned])
        .when(pass)
        .thenNothing();
    }
  });

  it('does nothing to a closed case', () => {
    given([declared, rejected]).when(pass).thenNothing();
    given([declared, verified, approved, paid]).when(pass).thenNothing();
  });

  it('makes the new union responsible', () => {
    const there = { unionId: 'mill', live: true };
    given([declared, reassigned]).when(verify).thenRefused('verifier-not-responsible');
    given([declared, reassigned])
      .when({ ...verify, verifiedByUnionId: 'mill', membership: there })
      .then([{ type: 'HardshipVerified', data: { ...verified.data, verifiedByUnionId: 'mill' } }]);
  });
});
