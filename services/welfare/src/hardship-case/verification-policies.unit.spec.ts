import { deepStrictEqual, equal } from 'node:assert/strict';
import { CheckOutcome, HardshipCategory } from '@unionfold/contracts';
import { describe, it } from 'vitest';
import {
  declaredUnion,
  income,
  liveMembership,
  unionLive,
  type VerificationFacts,
  verify,
} from './verification-policies.ts';

const good: VerificationFacts = {
  household: {
    size: 1,
    annualIncomeFen: 0n,
    rigidExpenditureFen: 0n,
    accidentCostFen: 0n,
  },
  unionId: 'works',
  membership: { unionId: 'works', live: true },
  unionLive: true,
  ruleSet: {
    id: 'sd-2020',
    source: 'test',
    lowIncomeLineFen: 106_200n,
    relativeIncomePercent: 200n,
    accidentCostPercent: 80n,
    livingAidCapFen: 1_274_400n,
  },
};
const rich = { ...good.household, annualIncomeFen: 100_000_000n };

describe('live-membership', () => {
  it('fails for one who left and for one who is not known', () => {
    equal(liveMembership.holds(good), true);
    equal(liveMembership.holds({ ...good, membership: { unionId: 'works', live: false } }), false);
    equal(liveMembership.holds({ ...good, membership: undefined }), false);
  });
});

describe('declared-union', () => {
  it('fails when the membership is elsewhere', () => {
    equal(declaredUnion.holds(good), true);
    equal(declaredUnion.holds({ ...good, membership: { unionId: 'mill', live: true } }), false);
    equal(declaredUnion.holds({ ...good, membership: undefined }), false);
  });
});

describe('union-live', () => {
  it('fails for a union that is pending or dissolved', () => {
    equal(unionLive.holds(good), true);
    equal(unionLive.holds({ ...good, unionLive: false }), false);
  });
});

describe('income', () => {
  it('fails when the household meets the test of no category', () => {
    equal(income.holds(good), true);
    equal(income.holds({ ...good, household: rich }), false);
  });
});

describe('A verification', () => {
  it('gives the category when every check passes, and tells what answered each', () => {
    const passed = CheckOutcome.CHECK_OUTCOME_PASSED;
    deepStrictEqual(verify(good), {
      checks: [
        { name: 'live-membership', outcome: passed, source: 'members' },
        { name: 'declared-union', outcome: passed, source: 'members' },
        { name: 'union-live', outcome: passed, source: 'organizations' },
        { name: 'income', outcome: passed, source: 'rule-set:sd-2020' },
      ],
      category: HardshipCategory.HARDSHIP_CATEGORY_DEEP,
    });
  });

  it('gives no category when one check fails', () => {
    const faults: Partial<VerificationFacts>[] = [
      { membership: undefined },
      { membership: { unionId: 'mill', live: true } },
      { unionLive: false },
      { household: rich },
    ];
    for (const fault of faults) {
      const { checks, category } = verify({ ...good, ...fault });
      equal(category, HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED);
      equal(
        checks.some(({ outcome }) => outcome === CheckOutcome.CHECK_OUTCOME_FAILED),
        true,
      );
    }
  });
});
