import { addMonths, dateOfDayNumber, dayNumber } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TermRuleSet, termRuleSets, termRulesInForce, warningMonthsOf } from './term-rules.ts';
import { warningAfter, warningDue } from './warning-policy.ts';

const works = { type: UnionType.UNION_TYPE_ENTERPRISE, regionCode: '370202' };

describe('the rules of terms', () => {
  it('hold for every type of union, and say everything', () => {
    const types = Object.values(UnionType).filter(
      (type) => type !== UnionType.UNION_TYPE_UNSPECIFIED && !/UNRECOGNIZED/.test(type),
    );
    for (const type of types) {
      const rules = termRulesInForce({ type, regionCode: '' }, '2026-05-01');
      expect(rules?.termYears.length, type).toBeGreaterThan(0);
      for (const size of [rules?.committee, rules?.audit, rules?.women]) {
        expect(size?.minimum, type).toBeLessThanOrEqual(size?.maximum ?? 0);
      }
    }
  });

  it('have terms of three or five years, and committees of 3 to 11 at the grassroots', () => {
    expect(termRulesInForce(works, '2026-05-01')).toMatchObject({
      termYears: [3, 5],
      committee: { minimum: 3, maximum: 11, odd: true },
      audit: { minimum: 3, maximum: 5, odd: true },
      committeeFromMembers: 25,
      warningMonths: [6, 3, 0],
    });
  });

  it('are those of the narrowest region, of these the newest, in force on the day', () => {
    const [national] = termRuleSets as [TermRuleSet];
    const province: TermRuleSet = {
      ...national,
      id: 'province',
      regionPrefix: '37',
      effectiveFrom: '2025-01-01',
      effectiveTo: '2026-12-31',
    };
    const newer: TermRuleSet = {
      ...province,
      id: 'newer',
      effectiveFrom: '2026-01-01',
      effectiveTo: null,
      postponementMonths: 3,
    };
    const idOn = (date: string, union = works) =>
      termRulesInForce(union, date, [national, province, newer])?.id;
    expect(idOn('2024-12-31')).toBe(national.id);
    expect(idOn('2025-01-01')).toBe('province');
    expect(idOn('2026-01-01')).toBe('newer');
    expect(idOn('2026-01-01', { ...works, regionCode: '110101' })).toBe(national.id);
    expect(idOn('1999-12-31')).toBeUndefined();
  });

  it('do not hold for a type that no set speaks of', () => {
    const union = { type: UnionType.UNION_TYPE_UNSPECIFIED, regionCode: '' };
    expect(termRulesInForce(union, '2026-05-01')).toBeUndefined();
  });

  it('tell the months of warnings by their id', () => {
    expect(warningMonthsOf('acftu-terms')).toEqual([6, 3, 0]);
    expect(warningMonthsOf('of-a-later-release')).toEqual([]);
  });
});

describe('warnings', () => {
  it('are given in order, each once, none early and none late, whichever days are looked at', () => {
    const looks = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 30 });
    fc.assert(
      fc.property(looks, (days) => {
        const dueOn = '2027-05-20';
        const first = dayNumber('2026-09-01');
        let warned: number | undefined;
        for (const day of days.toSorted((a, b) => a - b)) {
          const today = dateOfDayNumber(first + day);
          const next = warningAfter(dueOn, [6, 3, 0], warned);
          const due = warningDue(dueOn, [6, 3, 0], warned, today);
          // The list of due warnings and the rule agree on whether there is something to do.
          expect(due !== undefined).toBe(next !== undefined && next.on <= today);
          if (due === undefined) continue;
          expect(warned === undefined || due.level < warned).toBe(true);
          const from = due.level === 0 ? dueOn : addMonths(dueOn, -due.level);
          expect(due.level === 0 ? today > from : today >= from).toBe(true);
          warned = due.level;
        }
        const last = days.length === 0 ? 0 : Math.max(...days);
        expect(warningDue(dueOn, [6, 3, 0], warned, dateOfDayNumber(first + last))).toBeUndefined();
      }),
    );
  });
});
