import { HardshipDeclared, MemberEnrolled } from '@unionfold/contracts';
import type { DecodedEvent } from '@unionfold/eventsourcing';
import { describe, expect, it } from 'vitest';
import { describeFailure } from './failure-description.ts';

function of(type: string, data: unknown): DecodedEvent {
  return { event: { type, data }, recorded: {} as DecodedEvent['recorded'] };
}

const enrolment = of(
  'MemberEnrolled',
  MemberEnrolled.fromPartial({ memberId: 'm1', name: '张三', mobile: '13800138000' }),
);

describe('describeFailure', () => {
  it('takes out what the event tells of its person, and masks numbers of anybody', () => {
    const error = new RangeError('张三 (m1, 13800138000) is not 李四, 11010119900307371X');
    expect(describeFailure(error, enrolment)).toBe(
      'RangeError: [personal] (m1, [personal]) is not 李四, 110***********371X',
    );
  });

  it('takes out numbers that stand alone, and leaves those that only look alike', () => {
    const declared = HardshipDeclared.fromPartial({
      memberId: 'm1',
      householdSize: 3,
      annualIncomeFen: 2_500_000n,
    });
    const error = new Error('2500000 fen for 3 persons in 2023, case 13');
    expect(describeFailure(error, of('HardshipDeclared', declared))).toBe(
      'Error: [personal] fen for [personal] persons in 2023, case 13',
    );
  });

  it('copes with anything that is thrown', () => {
    expect(describeFailure('张三', enrolment)).toBe('string');
    expect(describeFailure(undefined, enrolment)).toBe('undefined');
    expect(describeFailure(new Error('x'.repeat(9_999)), enrolment)).toHaveLength(507);
    expect(describeFailure(new TypeError('odd'), of('Unheard', null))).toBe('TypeError: odd');
  });
});
