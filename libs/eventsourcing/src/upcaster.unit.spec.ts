import { describe, expect, it } from 'vitest';
import { type Upcaster, UpcasterChain } from './upcaster.ts';

const step = (from: string, to: string): Upcaster => ({
  from,
  to,
  upcast: (data) => ({ ...data, way: `${data['way'] ?? from}>${to}` }),
});

describe('UpcasterChain', () => {
  it('goes on until no upcaster reads the type any more, and leaves the stored event as it is', () => {
    const chain = new UpcasterChain([step('b', 'c'), step('a', 'b')]);
    const stored = { kept: 1 };
    expect(chain.upcast('a', stored)).toEqual({ type: 'c', data: { kept: 1, way: 'a>b>c' } });
    expect(stored).toEqual({ kept: 1 });
    expect(chain.upcast('c', stored)).toEqual({ type: 'c', data: stored });
  });

  it('tells what it reads', () => {
    const chain = new UpcasterChain([step('a', 'b')]);
    expect([chain.reads('a'), chain.reads('b')]).toEqual([true, false]);
  });

  it('refuses two upcasters of one type', () => {
    expect(() => new UpcasterChain([step('a', 'b'), step('a', 'c')])).toThrow('same type');
  });

  it.each([
    [['a', 'a']],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [
      ['x', 'a'],
      ['a', 'b'],
      ['b', 'a'],
    ],
  ])('refuses a circle: %j', (...ways) => {
    const steps = ways.map(([from = '', to = '']) => step(from, to));
    expect(() => new UpcasterChain(steps)).toThrow('circle');
  });
});
