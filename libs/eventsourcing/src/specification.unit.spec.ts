import { describe, expect, it } from 'vitest';
import type { Decider } from './decider.ts';
import { isRefusal, refuse } from './refusal.ts';
import { specificationFor } from './specification.ts';

type Lit = { readonly type: 'Lit'; readonly data: { readonly hours: number } };

const lamp: Decider<boolean, { readonly hours: number }, Lit> = {
  aggregate: 'lamp',
  initialState: false,
  decide: ({ hours }, lit) => {
    if (hours < 0) return refuse('hours-negative', { field: 'hours' });
    return lit ? [] : [{ type: 'Lit', data: { hours } }];
  },
  evolve: () => true,
};

describe('The test language', () => {
  const { given } = specificationFor(lamp);
  const lit: Lit = { type: 'Lit', data: { hours: 1 } };

  it('passes what is so', () => {
    given([]).when({ hours: 1 }).then([lit]);
    given([lit]).when({ hours: 2 }).thenNothing();
    given([]).when({ hours: -1 }).thenRefused('hours-negative', 'hours');
  });

  it.each<[string, () => void]>([
    ['other events', () => given([]).when({ hours: 2 }).then([lit])],
    ['a refusal instead of events', () => given([]).when({ hours: -1 }).then([])],
    ['nothing instead of events', () => given([lit]).when({ hours: 1 }).then([lit])],
    ['events instead of nothing', () => given([]).when({ hours: 1 }).thenNothing()],
    ['a refusal instead of nothing', () => given([]).when({ hours: -1 }).thenNothing()],
    ['another refusal', () => given([]).when({ hours: -1 }).thenRefused('other')],
    ['another field', () => given([]).when({ hours: -1 }).thenRefused('hours-negative', 'x')],
    ['events instead of a refusal', () => given([]).when({ hours: 1 }).thenRefused('other')],
  ])('fails on %s', (_, check) => {
    expect(check).toThrow();
  });

  it('fails on a decider that does not answer the same a second time', () => {
    let calls = 0;
    const moody = { ...lamp, decide: () => [{ type: 'Lit', data: { hours: calls++ } } as const] };
    const check = () => specificationFor(moody).given([]).when({ hours: 1 }).thenNothing();
    expect(check).toThrow('decides differently');
  });
});

describe('isRefusal', () => {
  it('takes refusals and nothing else', () => {
    expect(isRefusal(refuse('x'))).toBe(true);
    for (const other of [undefined, null, 'refused', [], {}, { refused: 3 }, { refused: ['x'] }]) {
      expect(isRefusal(other)).toBe(false);
    }
  });
});
