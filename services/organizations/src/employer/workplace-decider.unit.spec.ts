import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { type StateWorkplace, workplaceDecider } from './workplace-decider.ts';

const { given } = specificationFor(workplaceDecider);
const statement = { memberId: 'm1', creditCode: '91370202YX0000017T', employerName: '某厂' };
const state: StateWorkplace = { type: 'StateWorkplace', ...statement, memberLive: true };
const stated = { type: 'WorkplaceStated', data: statement } as const;

describe('Where a member works', () => {
  it('is what they said last', () => {
    given([])
      .when({ ...state, employerName: ' 某厂 ' })
      .then([stated]);
    given([stated]).when(state).thenNothing();
    const moved = { ...statement, creditCode: '91370202YX0000025N' };
    given([stated])
      .when({ ...state, ...moved })
      .then([{ type: 'WorkplaceStated', data: moved }]);
  });

  it('is asked of live members, and has a name', () => {
    given([])
      .when({ ...state, memberLive: false })
      .thenRefused('member-not-live', 'memberId');
    given([])
      .when({ ...state, employerName: ' ' })
      .thenRefused('name-missing', 'employerName');
    given([])
      .when({ ...state, employerName: '厂'.repeat(121) })
      .thenRefused('name-too-long', 'employerName');
  });
});
