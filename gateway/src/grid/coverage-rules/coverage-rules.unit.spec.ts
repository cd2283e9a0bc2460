import { parseDate } from '@unionfold/codes';
import { describe, expect, it } from 'vitest';
import { type CoverageRulesRecord, coverageRules, coverageRulesInForce } from './coverage-rules.ts';

const record: CoverageRulesRecord = {
  id: 'all',
  source: 'test',
  regionPrefix: '',
  effectiveFrom: '2020-01-01',
  effectiveTo: '2025-12-31',
  committeeFrom: 25,
  promptFrom: 10,
};

describe('The rules of coverage in force', () => {
  it('are those of the day, ends included', () => {
    const next = { ...record, id: 'next', effectiveFrom: '2026-01-01', effectiveTo: null };
    const on = (date: string) => coverageRulesInForce('370202', date, [record, next])?.id;
    expect(on('2019-12-31')).toBeUndefined();
    expect(on('2020-01-01')).toBe('all');
    expect(on('2025-12-31')).toBe('all');
    expect(on('2026-01-01')).toBe('next');
  });

  it('are those of the narrowest region, and of two for one region the newer', () => {
    const rows = [
      { ...record, id: 'city', regionPrefix: '3702' },
      record,
      { ...record, id: 'old', regionPrefix: '37' },
      { ...record, id: 'new', regionPrefix: '37', effectiveFrom: '2024-01-01' },
    ];
    const at = (region: string) => coverageRulesInForce(region, '2024-05-01', rows)?.id;
    expect(at('370202')).toBe('city');
    expect(at('371000')).toBe('new');
    expect(at('440100')).toBe('all');
    expect(at('')).toBe('all');
  });

  it('have real days and positive numbers, and one of them holds today', () => {
    for (const { effectiveFrom, effectiveTo, committeeFrom, promptFrom } of coverageRules) {
      expect(parseDate(effectiveFrom).ok).toBe(true);
      if (effectiveTo !== null) expect(parseDate(effectiveTo).ok).toBe(true);
      expect(committeeFrom).toBeGreaterThan(0);
      expect(promptFrom).toBeGreaterThan(0);
    }
    expect(coverageRulesInForce('370202', '2026-05-01')?.committeeFrom).toBe(25);
  });
});
