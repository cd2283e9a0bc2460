import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { creditCodeDecider } from './decider.ts';

const { given } = specificationFor(creditCodeDecider);

const code = { creditCode: '81370200MC1234566U', unionId: 'e1' } as const;
const claimed = { type: 'CreditCodeClaimed', data: code } as const;
const released = { type: 'CreditCodeReleased', data: code } as const;

describe('the credit code of a union', () => {
  it('is claimed once, and the second time nothing changes', () => {
    given([])
      .when({ type: 'ClaimCreditCode', ...code })
      .then([claimed]);
    given([claimed])
      .when({ type: 'ClaimCreditCode', ...code })
      .thenNothing();
  });

  it('is refused to another union while it is taken', () => {
    const other = { type: 'ClaimCreditCode', ...code, unionId: 'e2' } as const;
    given([claimed]).when(other).thenRefused('credit-code-taken', 'creditCode');
    given([claimed, released])
      .when(other)
      .then([{ type: 'CreditCodeClaimed', data: { ...code, unionId: 'e2' } }]);
  });

  it('is released by its union alone', () => {
    given([claimed])
      .when({ type: 'ReleaseCreditCode', ...code })
      .then([released]);
    given([claimed])
      .when({ type: 'ReleaseCreditCode', ...code, unionId: 'e2' })
      .thenNothing();
  });
});
