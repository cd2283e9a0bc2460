import { CheckOutcome, FundSource, HardshipCategory } from '@unionfold/contracts';
import { CaseStatus } from '@unionfold/contracts/welfare';
import Type, { type Static } from 'typebox';
import { enumWords, wordSchema } from '../http/enum-words.ts';
import type { Scope } from '../jurisdiction/jurisdiction.ts';
import type { CaseDocument, FundLineDocument } from '../read-models/federation/documents.ts';

/** Where a case stands (状态). */
export const caseStatuses = enumWords({
  declared: CaseStatus.CASE_STATUS_DECLARED,
  verified: CaseStatus.CASE_STATUS_VERIFIED,
  approved: CaseStatus.CASE_STATUS_APPROVED,
  rejected: CaseStatus.CASE_STATUS_REJECTED,
  paid: CaseStatus.CASE_STATUS_PAID,
});

/** Where money comes from (资金来源). */
export const fundSources = enumWords({
  'central-budget': FundSource.FUND_SOURCE_CENTRAL_BUDGET,
  'local-budget': FundSource.FUND_SOURCE_LOCAL_BUDGET,
  'union-dues': FundSource.FUND_SOURCE_UNION_DUES,
  donation: FundSource.FUND_SOURCE_DONATION,
});

const categories = enumWords({
  deep: HardshipCategory.HARDSHIP_CATEGORY_DEEP,
  relative: HardshipCategory.HARDSHIP_CATEGORY_RELATIVE,
  accident: HardshipCategory.HARDSHIP_CATEGORY_ACCIDENT,
});

const outcomes = enumWords({
  passed: CheckOutcome.CHECK_OUTCOME_PASSED,
  failed: CheckOutcome.CHECK_OUTCOME_FAILED,
});

/** A hardship case in the work list. What the household declared is not in it. */
export const HardshipCase = Type.Object(
  {
    id: Type.String(),
    memberId: Type.String(),
    unionId: Type.String(),
    status: wordSchema(caseStatuses, '已申报、已核实、已批准、已驳回、已发放'),
    category: Type.Optional(wordSchema(categories, '深度困难、相对困难、意外致困')),
    checks: Type.Array(
      Type.Object({
        name: Type.String(),
        outcome: wordSchema(outcomes),
        source: Type.String({ description: '数据来源 | Which data answered.' }),
      }),
    ),
    ruleSet: Type.Optional(Type.String()),
    amountFen: Type.Optional(Type.Integer()),
    fundLineId: Type.Optional(
      Type.String({ description: '管辖范围内的资金项 | Where it is in the jurisdiction.' }),
    ),
    declaredAt: Type.String({ format: 'date-time' }),
    version: Type.Integer(),
  },
  {
    $id: 'HardshipCase',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7p',
        memberId: '01k2ab3cd4ef5gh6jk7m',
        unionId: '01k2ab3cd4ef5gh6jk7n',
        status: 'verified',
        category: 'relative',
        checks: [{ name: 'live-membership', outcome: 'passed', source: 'members' }],
        ruleSet: 'sd-2020',
        declaredAt: '2026-05-01T02:03:04.000Z',
        version: 2,
      },
    ],
  },
);

/** A fund line with what is left of it. */
export const FundLine = Type.Object(
  {
    id: Type.String(),
    unionId: Type.String(),
    source: wordSchema(fundSources, '中央财政专项、地方财政、工会经费、社会捐赠'),
    name: Type.String(),
    budgetFen: Type.Integer(),
    balanceFen: Type.Integer(),
    version: Type.Integer(),
  },
  {
    $id: 'FundLine',
    examples: [
      {
        id: '01k2ab3cd4ef5gh6jk7q',
        unionId: 'cn-370202',
        source: 'union-dues',
        name: '2026年帮扶资金',
        budgetFen: 50_000_000,
        balanceFen: 48_750_000,
        version: 3,
      },
    ],
  },
);

/** @param fundLine the line that paid; its id is told only where it lies inside */
export function caseAnswer(
  document: CaseDocument,
  fundLine: FundLineDocument | undefined,
  scope: Scope,
): Static<typeof HardshipCase> {
  const { id, memberId, unionId, declaredAt, version, ruleSet, amountFen } = document;
  const category = categories.toWord(document.category);
  return {
    id,
    memberId,
    unionId,
    status: caseStatuses.toWord(document.status) ?? 'declared',
    ...(category === undefined ? {} : { category }),
    checks: document.checks.map(({ name, outcome, source }) => ({
      name,
      outcome: outcomes.toWord(outcome) ?? 'failed',
      source,
    })),
    ...(ruleSet === '' ? {} : { ruleSet }),
    ...(amountFen === 0 ? {} : { amountFen }),
    ...(fundLine !== undefined && scope.covers(fundLine.path) ? { fundLineId: fundLine.id } : {}),
    declaredAt,
    version,
  };
}

export function fundLineAnswer(document: FundLineDocument): Static<typeof FundLine> {
  const { id, unionId, name, budgetFen, balanceFen, version } = document;
  const source = fundSources.toWord(document.source) ?? 'union-dues';
  return { id, unionId, source, name, budgetFen, balanceFen, version };
}
