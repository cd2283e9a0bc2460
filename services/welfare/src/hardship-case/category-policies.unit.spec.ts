import { equal } from 'node:assert/strict';
import { HardshipCategory } from '@unionfold/contracts';
import { describe, it } from 'vitest';
import type { RuleSet } from '../rule-set/rule-set.ts';
import {
  categoryOf,
  deepHardship,
  hardshipByAccident,
  relativeHardship,
} from './category-policies.ts';
import type { Household } from './hardship-case.ts';

const rules: RuleSet = {
  id: 'test',
  source: 'test',
  lowIncomeLineFen: 106_200n,
  relativeIncomePercent: 200n,
  accidentCostPercent: 80n,
  livingAidCapFen: 1_274_400n,
};
/** Three persons at the line: 1,062 yuan × 12 months × 3. */
const atLine = 106_200n * 12n * 3n;
const household = (facts: Partial<Household>): Household => ({
  size: 3,
  annualIncomeFen: 0n,
  rigidExpenditureFen: 0n,
  accidentCostFen: 0n,
  ...facts,
});

describe('Deep hardship', () => {
  it('is below the line by a single fen, and no more at it', () => {
    equal(deepHardship.holds(household({ annualIncomeFen: atLine - 1n }), rules), true);
    equal(deepHardship.holds(household({ annualIncomeFen: atLine }), rules), false);
  });

  it('counts what is left after rigid expenditure', () => {
    const earning = household({ annualIncomeFen: atLine + 500n, rigidExpenditureFen: 501n });
    equal(deepHardship.holds(earning, rules), true);
    equal(deepHardship.holds({ ...earning, rigidExpenditureFen: 500n }, rules), false);
  });

  it('is shared by the persons of the household', () => {
    equal(deepHardship.holds(household({ size: 2, annualIncomeFen: atLine - 1n }), rules), false);
  });
});

describe('Relative hardship', () => {
  it('ends at the rule set’s multiple of the line', () => {
    equal(relativeHardship.holds(household({ annualIncomeFen: 2n * atLine - 1n }), rules), true);
    equal(relativeHardship.holds(household({ annualIncomeFen: 2n * atLine }), rules), false);
    const elsewhere = { ...rules, relativeIncomePercent: 150n };
    equal(
      relativeHardship.holds(household({ annualIncomeFen: 2n * atLine - 1n }), elsewhere),
      false,
    );
  });
});

describe('Hardship by accident', () => {
  it('begins above the rule set’s share of the income', () => {
    const annualIncomeFen = 10_000_000n;
    const cost = (accidentCostFen: bigint) => household({ annualIncomeFen, accidentCostFen });
    equal(hardshipByAccident.holds(cost(8_000_001n), rules), true);
    equal(hardshipByAccident.holds(cost(8_000_000n), rules), false);
  });

  it('needs a cost even where there is no income', () => {
    equal(hardshipByAccident.holds(household({}), rules), false);
    equal(hardshipByAccident.holds(household({ accidentCostFen: 1n }), rules), true);
  });
});

describe('The category', () => {
  it('is the gravest whose test is met', () => {
    const poor = household({ annualIncomeFen: atLine - 1n, accidentCostFen: atLine });
    equal(categoryOf(poor, rules), HardshipCategory.HARDSHIP_CATEGORY_DEEP);
    const short = household({ annualIncomeFen: atLine, accidentCostFen: atLine });
    equal(categoryOf(short, rules), HardshipCategory.HARDSHIP_CATEGORY_RELATIVE);
    const hit = household({ annualIncomeFen: 3n * atLine, accidentCostFen: 3n * atLine });
    equal(categoryOf(hit, rules), HardshipCategory.HARDSHIP_CATEGORY_ACCIDENT);
  });

  it('is none when no test is met', () => {
    const fine = household({ annualIncomeFen: 2n * atLine });
    equal(categoryOf(fine, rules), HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED);
  });
});
