import { deepStrictEqual, equal } from 'node:assert/strict';
import { FundSource } from '@unionfold/contracts';
import { isRefusal } from '@unionfold/eventsourcing';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type FundLineEvent, fundLineDecider, type OpenFundLine } from './decider.ts';

const { given } = specificationFor(fundLineDecider);
const line = {
  fundLineId: 'spring',
  unionId: 'county',
  source: FundSource.FUND_SOURCE_LOCAL_BUDGET,
  name: '送温暖',
  budgetFen: 1_000n,
};
const open: OpenFundLine = { type: 'OpenFundLine', ...line, unionLive: true };
const opened: FundLineEvent = { type: 'FundLineOpened', data: line };
const charge = (amountFen: bigint) =>
  ({ type: 'ChargeFund', paymentId: 'p1', caseId: 'c1', amountFen }) as const;
const charged = (amountFen: bigint, balanceFen: bigint, unionId = 'county'): FundLineEvent => ({
  type: 'FundCharged',
  data: {
    fundLineId: 'spring',
    paymentId: 'p1',
    caseId: 'c1',
    amountFen,
    balanceFen,
    unionId,
  },
});

describe('A fund line', () => {
  it('is opened with a budget', () => {
    given([])
      .when({ ...open, name: ' 送温暖 ' })
      .then([opened]);
  });

  it('is not opened twice, for no live union, without a source, a name or money', () => {
    given([opened]).when(open).thenRefused('id-taken', 'fundLineId');
    const refused: [Partial<OpenFundLine>, string, string][] = [
      [{ unionLive: undefined }, 'union-unknown', 'unionId'],
      [{ unionLive: false }, 'union-not-live', 'unionId'],
      [{ source: FundSource.FUND_SOURCE_UNSPECIFIED }, 'fund-source-missing', 'source'],
      [{ name: '  ' }, 'name-missing', 'name'],
      [{ name: '长'.repeat(121) }, 'name-too-long', 'name'],
      [{ budgetFen: 0n }, 'amount-invalid', 'budgetFen'],
      [{ budgetFen: -1n }, 'amount-invalid', 'budgetFen'],
      [{ budgetFen: 100_000_000_000_001n }, 'amount-invalid', 'budgetFen'],
    ];
    for (const [fault, code, field] of refused) {
      given([])
        .when({ ...open, ...fault })
        .thenRefused(code, field);
    }
  });

  it('is charged down to nothing, and not a fen further', () => {
    given([opened])
      .when(charge(1_000n))
      .then([charged(1_000n, 0n)]);
    given([opened]).when(charge(1_001n)).thenRefused('fund-line-insufficient', 'fundLineId');
    given([opened, charged(600n, 400n)])
      .when(charge(400n))
      .then([charged(400n, 0n)]);
    given([opened, charged(600n, 400n)])
      .when(charge(401n))
      .thenRefused('fund-line-insufficient');
  });

  it('that was never opened cannot be charged', () => {
    given([]).when(charge(1n)).thenRefused('fund-line-unknown', 'fundLineId');
  });

  it('passes to another union once, with what it holds', () => {
    const pass = {
      type: 'ReassignFundLine',
      toUnionId: 'city',
      reason: 'union-dissolved',
    } as const;
    const passed: FundLineEvent = {
      type: 'FundLineReassigned',
      data: {
        fundLineId: 'spring',
        fromUnionId: 'county',
        toUnionId: 'city',
        reason: 'union-dissolved',
      },
    };
    given([opened, charged(600n, 400n)])
      .when(pass)
      .then([passed]);
    given([opened, passed]).when(pass).thenNothing();
    given([opened, charged(600n, 400n), passed])
      .when(charge(400n))
      .then([charged(400n, 0n, 'city')]);
  });

  it('never holds less than nothing, and budget = charges + balance, whatever is asked of it', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 700n })), (amounts) => {
        let state = fundLineDecider.evolve(fundLineDecider.initialState, opened);
        let paid = 0n;
        for (const amount of amounts) {
          const decision = fundLineDecider.decide(charge(amount), state);
          if (isRefusal(decision)) continue;
          paid += amount;
          state = decision.reduce(fundLineDecider.evolve, state);
        }
        equal(state.balanceFen >= 0n, true);
        equal(state.balanceFen + paid, line.budgetFen);
      }),
    );
  });

  it('comes back from a snapshot as it was', () => {
    const state = [opened, charged(600n, 400n)].reduce(
      fundLineDecider.evolve,
      fundLineDecider.initialState,
    );
    const json = JSON.stringify(fundLineDecider.snapshot?.toJson(state));
    deepStrictEqual(fundLineDecider.snapshot?.fromJson(JSON.parse(json)), state);
  });
});
