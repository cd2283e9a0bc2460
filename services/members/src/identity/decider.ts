import type { EventOf } from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import type { Decider } from '@unionfold/eventsourcing';

/** The events of a citizen number's keyed hash (身份). */
export type IdentityEvent = EventOf<'IdentityClaimed' | 'IdentityReleased'>;

/** Whose live membership holds the citizen number; empty when nobody's. */
export interface IdentityState {
  readonly heldBy: string;
}

/** What can be asked of an identity. */
export interface IdentityCommand {
  readonly type: 'ClaimIdentity' | 'ReleaseIdentity';
  readonly citizenNumberIndex: string;
  readonly memberId: string;
}

/**
 * Nationwide, a person has at most one live membership (会籍唯一). The claim is appended together with the member's own
 * event, and the version of this stream decides between two who claim at the same moment.
 */
export const identityDecider: Decider<IdentityState, IdentityCommand, IdentityEvent> = {
  aggregate: 'identity',
  initialState: { heldBy: '' },
  decide: ({ type, citizenNumberIndex, memberId }, { heldBy }) => {
    const data = { citizenNumberIndex, memberId };
    if (type === 'ReleaseIdentity') {
      return heldBy === memberId ? [{ type: 'IdentityReleased', data }] : [];
    }
    if (heldBy === memberId) return [];
    // Whose it is stays unsaid: the caller may have no right to know of that member.
    if (heldBy !== '') return refuse('member-duplicate', { field: 'citizenNumber' });
    return [{ type: 'IdentityClaimed', data }];
  },
  evolve: (_state, event) => ({
    heldBy: event.type === 'IdentityClaimed' ? event.data.memberId : '',
  }),
};
