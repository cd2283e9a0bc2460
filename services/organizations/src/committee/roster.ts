import type { RosterServiceService } from '@unionfold/contracts/members';
import { isRefusal } from '@unionfold/eventsourcing';
import type { CallOrigin, RemoteMethods } from '@unionfold/service-kit';
import type { Roster } from './election/election.ts';

/** The service that owns the members. */
export type RosterOwner = Pick<RemoteMethods<typeof RosterServiceService>, 'checkRoster'>;

/**
 * Asks which of some members do not belong to a union, and how many it has, as far as the rules need to count.
 * @throws RemoteUnavailableError when the owning service does not answer
 */
export async function checkRoster(
  owner: RosterOwner,
  question: {
    readonly unionId: string;
    readonly memberIds: readonly string[];
    readonly countUpTo: number;
  },
  { actor, correlationId, traceparent }: CallOrigin,
): Promise<Roster> {
  const { unionId, memberIds, countUpTo } = question;
  const answer = await owner.checkRoster(
    { unionId, memberIds: [...memberIds], countUpTo },
    { actor, correlationId, ...(traceparent === undefined ? {} : { traceparent }) },
  );
  if (isRefusal(answer)) throw new Error(`members refused to tell of a roster: ${answer.refused}`);
  return answer;
}
