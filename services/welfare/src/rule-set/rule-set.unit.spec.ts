import { deepStrictEqual, equal } from 'node:assert/strict';
import { chinaDate, parseDate } from '@unionfold/codes';
import { describe, it } from 'vitest';
import { type RuleSetRecord, ruleSetInForce, ruleSets } from './rule-set.ts';

const record: RuleSetRecord = {
  id: 'all',
  source: 'test',
  regionPrefix: '',
  effectiveFrom: '2020-01-01',
  effectiveTo: null,
  relativeIncomePercent: 200,
  accidentCostPercent: 80,
  livingAidCap: { months: 12, source: 'test' },
  lowIncomeLines: [
    { monthlyFen: 100_000, effectiveFrom: '2024-01-01', effectiveTo: '2024-12-31', source: 'test' },
    { monthlyFen: 106_200, effectiveFrom: '2025-01-01', effectiveTo: null, source: 'test' },
  ],
};

describe('The rule set in force', () => {
  it('has the low-income line of the day, and the cap that follows from it', () => {
    equal(ruleSetInForce('370200', '2024-12-31', [record])?.lowIncomeLineFen, 100_000n);
    const later = ruleSetInForce('370200', '2025-01-01', [record]);
    equal(later?.lowIncomeLineFen, 106_200n);
    equal(later?.livingAidCapFen, 1_274_400n);
  });

  it('is none before the first line, after the last, and outside the set’s own days', () => {
    const ended = { ...record, effectiveTo: '2025-06-30' };
    equal(ruleSetInForce('37', '2023-12-31', [record]), undefined);
    equal(ruleSetInForce('37', '2025-07-01', [ended]), undefined);
    equal(ruleSetInForce('37', '2025-06-30', [ended])?.id, 'all');
    equal(ruleSetInForce('37', '2019-12-31', [record]), undefined);
  });

  it('is the one for the narrowest region, and of two for the same region the newer', () => {
    const province = { ...record, id: 'province', regionPrefix: '37' };
    const city = { ...record, id: 'city', regionPrefix: '3702' };
    const newer = { ...record, id: 'newer', regionPrefix: '37', effectiveFrom: '2025-03-01' };
    const sets = [record, city, province, newer];
    equal(ruleSetInForce('370202', '2025-05-01', sets)?.id, 'city');
    equal(ruleSetInForce('371000', '2025-05-01', sets)?.id, 'newer');
    equal(ruleSetInForce('371000', '2025-02-01', sets)?.id, 'province');
    equal(ruleSetInForce('440100', '2025-05-01', sets)?.id, 'all');
    equal(ruleSetInForce('', '2025-05-01', sets)?.id, 'all');
  });
});

describe('The rule sets of the platform', () => {
  it('have real days and positive numbers', () => {
    for (const set of ruleSets) {
      for (const { effectiveFrom, effectiveTo } of [set, ...set.lowIncomeLines]) {
        equal(parseDate(effectiveFrom).ok, true);
        if (effectiveTo !== null) equal(parseDate(effectiveTo).ok, true);
      }
      for (const { monthlyFen } of set.lowIncomeLines) equal(monthlyFen > 0, true);
      equal(set.relativeIncomePercent >= 100, true);
      equal(set.accidentCostPercent > 0 && set.livingAidCap.months > 0, true);
    }
  });

  it('hold Shandong’s of 2020 with the line of 2025', () => {
    deepStrictEqual(ruleSetInForce('371083', '2025-08-01'), {
      id: 'sd-2020',
      source: '山东省总工会 鲁会办〔2020〕58号',
      lowIncomeLineFen: 106_200n,
      relativeIncomePercent: 200n,
      accidentCostPercent: 80n,
      livingAidCapFen: 1_274_400n,
    });
  });
});

describe('The day in China', () => {
  it('begins at 16:00 UTC of the day before', () => {
    equal(chinaDate(new Date('2025-12-31T15:59:59.999Z')), '2025-12-31');
    equal(chinaDate(new Date('2025-12-31T16:00:00.000Z')), '2026-01-01');
  });
});
