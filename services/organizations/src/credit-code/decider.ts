import type { EventOf } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider } from '@unionfold/eventsourcing';

/** The events of a unified social credit code of unions (工会统一社会信用代码, GB 32100). */
export type CreditCodeEvent = EventOf<'CreditCodeClaimed' | 'CreditCodeReleased'>;

/** Who has the code: the id of a live union, or nobody. */
export interface CreditCodeState {
  readonly unionId: string;
}

/** What can be asked of a code. */
export type CreditCodeCommand =
  | { readonly type: 'ClaimCreditCode'; readonly creditCode: string; readonly unionId: string }
  | { readonly type: 'ReleaseCreditCode'; readonly creditCode: string; readonly unionId: string };

/** One union a code: a union that is established claims its code in the same transaction. */
export const creditCodeDecider: Decider<CreditCodeState, CreditCodeCommand, CreditCodeEvent> = {
  aggregate: 'credit-code',
  initialState: { unionId: '' },
  decide: ({ type, creditCode, unionId }, state) => {
    if (type === 'ClaimCreditCode') {
      if (state.unionId === unionId) return [];
      if (state.unionId !== '') return refuse('credit-code-taken', { field: 'creditCode' });
      return [{ type: 'CreditCodeClaimed', data: { creditCode, unionId } }];
    }
    return state.unionId === unionId
      ? [{ type: 'CreditCodeReleased', data: { creditCode, unionId } }]
      : [];
  },
  evolve: (_state, event) => ({
    unionId: event.type === 'CreditCodeClaimed' ? event.data.unionId : '',
  }),
};
