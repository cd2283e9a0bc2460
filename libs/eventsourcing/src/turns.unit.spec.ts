import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

describe('Turns', () => {
  it('are taken one at a time and in order, whatever becomes of the work', async () => {
    const turns = new Turns();
    const told: string[] = [];
    const work = (name: string, fails = false) =>
      turns.take('a', async () => {
        told.push(`${name} begins`);
        await new Promise((resolve) => setImmediate(resolve));
        told.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const all = [work('1'), work('2', true), work('3')];
    expect(turns.isTaken('a')).toBe(true);
    expect(await Promise.allSettled(all)).toMatchObject([
      { value: '1' },
      { reason: new Error('2') },
      { value: '3' },
    ]);
    expect(told).toEqual(['1 begins', '1 ends', '2 begins', '2 ends', '3 begins', '3 ends']);
    expect(turns.isTaken('a')).toBe(false);
  });

  it('of one key do not wait for those of another', async () => {
    const turns = new Turns();
    const gate = Promise.withResolvers<void>();
    const slow = turns.take('a', () => gate.promise);
    await turns.take('b', async () => undefined);
    gate.resolve();
    await slow;
  });
});
