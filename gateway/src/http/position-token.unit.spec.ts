import { eventsTopic } from '@unionfold/eventsourcing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LastPositions, parsePositionToken, positionToken } from './position-token.ts';

const position = fc.record({
  service: fc.constantFrom('organizations', 'members', 'welfare', 'notifications'),
  partition: fc.integer({ min: 0, max: 99_999 }),
  position: fc.bigInt({ min: 1n, max: BigInt(Number.MAX_SAFE_INTEGER) }),
});

describe('A position token', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(position, { minLength: 1, maxLength: 64 }), (positions) => {
        const last = new LastPositions();
        last.add(positions);
        const read = parsePositionToken(last.token());
        const expected = new Map<string, unknown>();
        for (const one of positions.toSorted((a, b) => Number(a.position - b.position))) {
          expected.set(`${one.service}/${one.partition}`, {
            topic: eventsTopic(one.service),
            partition: one.partition,
            position: Number(one.position),
          });
        }
        expect(new Set(read)).toEqual(new Set(expected.values()));
      }),
    );
  });

  it('of several commands joined means the last of each', () => {
    expect(parsePositionToken('members/0/9, members/0/12,members/0/3')).toEqual([
      { topic: eventsTopic('members'), partition: 0, position: 12 },
    ]);
  });

  it.each([
    '',
    ',',
    'members',
    'members/0',
    'members/0/9/1',
    'members/-1/9',
    'members/0/1e3',
    'strangers/0/9',
    'Members/0/9',
    'members/0/9999999999999999',
    'members/0/9;members/0/9',
    Array(65).fill('members/0/9').join(','),
  ])('is not %o', (text) => {
    expect(parsePositionToken(text)).toBeUndefined();
  });

  it('of no positions is empty', () => {
    expect(positionToken([])).toBe('');
  });
});
