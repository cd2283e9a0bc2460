import type { EventOf } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider } from '@unionfold/eventsourcing';

/** The events of a worker's claim to a case (一户一档). */
export type ClaimEvent = EventOf<'ClaimOpened' | 'ClaimClosed'>;

/** Which case of a worker is open, and which there were. */
export interface ClaimState {
  /** Empty when none is open. */
  readonly openCaseId: string;
  /** Every case the worker ever had, the oldest first. */
  readonly caseIds: readonly string[];
}

/** What can be asked of a claim. */
export type ClaimCommand =
  | { readonly type: 'OpenClaim'; readonly memberId: string; readonly caseId: string }
  | { readonly type: 'CloseClaim'; readonly memberId: string; readonly caseId: string };

/** One open case for each worker: the claim's stream is the worker's, so two declarations at once collide on it. */
export const claimDecider: Decider<ClaimState, ClaimCommand, ClaimEvent> = {
  aggregate: 'claim',
  initialState: { openCaseId: '', caseIds: [] },
  decide: ({ type, memberId, caseId }, state) => {
    if (type === 'OpenClaim') {
      return state.openCaseId === ''
        ? [{ type: 'ClaimOpened', data: { memberId, caseId } }]
        : refuse('case-open-already', { field: 'memberId' });
    }
    if (state.openCaseId !== caseId) return [];
    return [{ type: 'ClaimClosed', data: { memberId, caseId } }];
  },
  evolve: ({ caseIds }, { type, data: { caseId } }) =>
    type === 'ClaimOpened'
      ? { openCaseId: caseId, caseIds: [...caseIds, caseId] }
      : { openCaseId: '', caseIds },
};
