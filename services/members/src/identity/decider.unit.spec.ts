import { specificationFor } from '@unionfold/eventsourcing/specification';
import { describe, it } from 'vitest';
import { type IdentityCommand, type IdentityEvent, identityDecider } from './decider.ts';

const { given } = specificationFor(identityDecider);

const by = (memberId: string) => {
  const data = { citizenNumberIndex: 'index-1', memberId };
  return {
    claim: { type: 'ClaimIdentity', ...data } satisfies IdentityCommand,
    claimed: { type: 'IdentityClaimed', data } satisfies IdentityEvent,
    release: { type: 'ReleaseIdentity', ...data } satisfies IdentityCommand,
    released: { type: 'IdentityReleased', data } satisfies IdentityEvent,
  };
};
const [first, second] = [by('m1'), by('m2')];

describe('one live membership a person (会籍唯一)', () => {
  it('is claimed when free, and again after it was released', () => {
    given([]).when(first.claim).then([first.claimed]);
    given([first.claimed, first.released]).when(second.claim).then([second.claimed]);
  });

  it('is refused to everybody else while it is held', () => {
    given([first.claimed]).when(second.claim).thenRefused('member-duplicate', 'citizenNumber');
  });

  it('changes nothing when its holder claims it again', () => {
    given([first.claimed]).when(first.claim).thenNothing();
  });

  it('is released by its holder only', () => {
    given([first.claimed]).when(first.release).then([first.released]);
    given([first.claimed]).when(second.release).thenNothing();
    given([first.claimed, first.released, second.claimed]).when(first.release).thenNothing();
    given([]).when(first.release).thenNothing();
  });
});
