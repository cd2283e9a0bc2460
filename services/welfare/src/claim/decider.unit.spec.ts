import { deepStrictEqual } from 'node:assert/strict';
import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { type ClaimEvent, claimDecider } from './decider.ts';

const { given } = specificationFor(claimDecider);
const memberId = 'li';
const opened: ClaimEvent = { type: 'ClaimOpened', data: { memberId, caseId: 'first' } };
const closed: ClaimEvent = { type: 'ClaimClosed', data: { memberId, caseId: 'first' } };

describe('A worker’s claim', () => {
  it('is opened by a case', () => {
    given([]).when({ type: 'OpenClaim', memberId, caseId: 'first' }).then([opened]);
  });

  it('takes no second case while one is open', () => {
    given([opened])
      .when({ type: 'OpenClaim', memberId, caseId: 'second' })
      .thenRefused('case-open-already', 'memberId');
  });

  it('is closed by its case, once, and by no other', () => {
    given([opened]).when({ type: 'CloseClaim', memberId, caseId: 'first' }).then([closed]);
    given([opened, closed]).when({ type: 'CloseClaim', memberId, caseId: 'first' }).thenNothing();
    given([opened]).when({ type: 'CloseClaim', memberId, caseId: 'second' }).thenNothing();
  });

  it('is free for the next case after that, and remembers them all', () => {
    const second: ClaimEvent = { type: 'ClaimOpened', data: { memberId, caseId: 'second' } };
    given([opened, closed]).when({ type: 'OpenClaim', memberId, caseId: 'second' }).then([second]);
    deepStrictEqual(
      [opened, closed, second].reduce(claimDecider.evolve, claimDecider.initialState),
      { openCaseId: 'second', caseIds: ['first', 'second'] },
    );
  });
});
