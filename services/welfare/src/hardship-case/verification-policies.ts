import { CheckOutcome, HardshipCategory, type VerificationCheck } from '@unionfold/contracts';
import type { RuleSet } from '../rule-set/rule-set.ts';
import { categoryOf } from './category-policies.ts';
import type { HeldMembership, Household } from './hardship-case.ts';

/** What a declaration is checked against. */
export interface VerificationFacts {
  readonly household: Household;
  /** The union that has the case. */
  readonly unionId: string;
  readonly membership: HeldMembership | undefined;
  readonly unionLive: boolean;
  readonly ruleSet: RuleSet;
}

/** One check of a declaration (核对项). */
export interface VerificationPolicy {
  /** Stable: it stands in events. */
  readonly name: string;
  /** Why it is checked. */
  readonly source: string;
  /** Which data answers. */
  readonly answeredBy: (facts: VerificationFacts) => string;
  readonly holds: (facts: VerificationFacts) => boolean;
}

/** The worker is a member in good standing. */
export const liveMembership: VerificationPolicy = {
  name: 'live-membership',
  source:
    '《中央财政专项帮扶资金使用管理办法》(2015): 依档帮扶, 实名制; migrant workers must have joined',
  answeredBy: () => 'members',
  holds: ({ membership }) => membership?.live === true,
};

/** The membership is still where the case is. */
export const declaredUnion: VerificationPolicy = {
  name: 'declared-union',
  source: '《工会会员会籍管理办法》(2016): a membership follows the labour relation',
  answeredBy: () => 'members',
  holds: ({ membership, unionId }) => membership?.unionId === unionId,
};

/** The union that has the case is approved and not dissolved. */
export const unionLive: VerificationPolicy = {
  name: 'union-live',
  source: '《工会法》 Art. 11: a union exists by its upper union’s approval',
  answeredBy: () => 'organizations',
  holds: (facts) => facts.unionLive,
};

/** The household meets the test of some category. */
export const income: VerificationPolicy = {
  name: 'income',
  source: '鲁会办〔2020〕58号',
  answeredBy: ({ ruleSet }) => `rule-set:${ruleSet.id}`,
  holds: ({ household, ruleSet }) =>
    categoryOf(household, ruleSet) !== HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED,
};

/** Every check, in the order in which cadres read them. */
export const verificationPolicies: readonly VerificationPolicy[] = [
  liveMembership,
  declaredUnion,
  unionLive,
  income,
];

/** Runs every check. The household has its category only if all of them pass. */
export function verify(facts: VerificationFacts): {
  readonly checks: VerificationCheck[];
  readonly category: HardshipCategory;
} {
  const results = verificationPolicies.map((policy) => ({ policy, passed: policy.holds(facts) }));
  return {
    checks: results.map(({ policy, passed }) => ({
      name: policy.name,
      outcome: passed ? CheckOutcome.CHECK_OUTCOME_PASSED : CheckOutcome.CHECK_OUTCOME_FAILED,
      source: policy.answeredBy(facts),
    })),
    category: results.every(({ passed }) => passed)
      ? categoryOf(facts.household, facts.ruleSet)
      : HardshipCategory.HARDSHIP_CATEGORY_UNSPECIFIED,
  };
}
