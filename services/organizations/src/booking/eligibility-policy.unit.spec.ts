import { UnionType } from '@unionfold/contracts';
import { describe, expect, it } from 'vitest';
import { isEligible } from './eligibility-policy.ts';

const { UNION_TYPE_COUNTY: county, UNION_TYPE_ENTERPRISE: enterprise } = UnionType;
const union = { unionId: 'works', unionType: enterprise, memberId: '' };
const worker = { ...union, memberId: 'm1' };

describe('Who may book', () => {
  it('are unions, workers or both', () => {
    const everybody = { unions: true, workers: true, unionTypes: [] };
    expect([union, worker].map((one) => isEligible(everybody, one))).toEqual([true, true]);
    const unions = { ...everybody, workers: false };
    expect([union, worker].map((one) => isEligible(unions, one))).toEqual([true, false]);
    const workers = { ...everybody, unions: false };
    expect([union, worker].map((one) => isEligible(workers, one))).toEqual([false, true]);
  });

  it('are of the types named, a worker by the type of their union', () => {
    const named = { unions: true, workers: true, unionTypes: [county] };
    expect([union, worker].map((one) => isEligible(named, one))).toEqual([false, false]);
    expect(isEligible(named, { ...worker, unionType: county })).toBe(true);
  });
});
