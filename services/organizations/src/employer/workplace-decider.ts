import type { EventOf } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider } from '@unionfold/eventsourcing';

/** The event of a member's workplace. */
export type WorkplaceEvent = EventOf<'WorkplaceStated'>;

/** Where a member said they work; empty: they never said. */
export interface WorkplaceState {
  readonly creditCode: string;
  readonly employerName: string;
}

/** State a workplace (申报工作单位). */
export interface StateWorkplace {
  readonly type: 'StateWorkplace';
  readonly memberId: string;
  readonly creditCode: string;
  readonly employerName: string;
  /** Whether the membership is live. */
  readonly memberLive: boolean;
}

/** Longest name of an employer, in characters. */
const longestName = 120;

/**
 * Where a member works (工作单位), one employer each: by it the platform notices that many workers at a 会员之家 share an
 * employer that has no union. The employer need not be registered, so nobody learns here which ones are.
 */
export const workplaceDecider: Decider<WorkplaceState, StateWorkplace, WorkplaceEvent> = {
  aggregate: 'workplace',
  initialState: { creditCode: '', employerName: '' },
  decide: ({ memberId, creditCode, employerName, memberLive }, state) => {
    if (!memberLive) return refuse('member-not-live', { field: 'memberId' });
    const name = employerName.trim();
    if (name === '') return refuse('name-missing', { field: 'employerName' });
    if ([...name].length > longestName) {
      return refuse('name-too-long', { field: 'employerName', params: { maximum: longestName } });
    }
    if (state.creditCode === creditCode && state.employerName === name) return [];
    return [{ type: 'WorkplaceStated', data: { memberId, creditCode, employerName: name } }];
  },
  evolve: (_state, { data: { creditCode, employerName } }) => ({ creditCode, employerName }),
};
