import { HardshipCategory } from '@unionfold/contracts';
import type { RuleSet } from '../rule-set/rule-set.ts';
import type { Household } from './hardship-case.ts';

/** A test that puts a household into a category (困难类别). Its numbers are the rule set's. */
export interface CategoryPolicy {
  readonly name: string;
  readonly category: HardshipCategory;
  readonly source: string;
  readonly holds: (household: Household, ruleSet: RuleSet) => boolean;
}

const monthsOfYear = 12n;
const source = '鲁会办〔2020〕58号';

/** 深度困难: income less rigid expenditure, per person and month, is below the low-income line. */
export const deepHardship: CategoryPolicy = {
  name: 'deep',
  category: HardshipCategory.HARDSHIP_CATEGORY_DEEP,
  source,
  holds: (household, ruleSet) => livesBelow(household, ruleSet.lowIncomeLineFen * 100n),
};

/** 相对困难: the same is below the rule set's percentage of the low-income line. */
export const relativeHardship: CategoryPolicy = {
  name: 'relative',
  category: HardshipCategory.HARDSHIP_CATEGORY_RELATIVE,
  source,
  holds: (household, ruleSet) =>
    livesBelow(household, ruleSet.lowIncomeLineFen * ruleSet.relativeIncomePercent),
};

/** 意外致困: an accident, disaster or serious illness cost more than the rule set's percentage of the year's income. */
export const hardshipByAccident: CategoryPolicy = {
  name: 'accident',
  category: HardshipCategory.HARDSHIP_CATEGORY_ACCIDENT,
  source,
  holds: ({ accidentCostFen, annualIncomeFen }, { accidentCostPercent }) =>
    accidentCostFen * 100n > annualIncomeFen * accidentCostPercent,
};

/** All categories, the gravest first: a household belongs to the first whose test it meets. */
export const categoryPolicies: readonly CategoryPolicy[] = [
  deepHardship,
  relativeHardship,
  hardshipByAccident,
];

/** The household's category; unspecified when it meets no test. */
export function categoryOf(household: Household, ruleSet: RuleSet): HardshipCategory {
  return (
    categoryPolicies.find((policy) => policy.holds(household, ruleSet))?.category ??
    HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED
  );
}

/** Multiplied out, because a division would round a household across the line. */
function livesBelow(household: Household, hundredthsPerPersonAndMonth: bigint): boolean {
  const left = household.annualIncomeFen - household.rigidExpenditureFen;
  return left * 100n < hundredthsPerPersonAndMonth * monthsOfYear * BigInt(household.size);
}
