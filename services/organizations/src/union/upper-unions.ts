import type { CommandSession } from '@unionfold/eventsourcing';
import { unionDecider } from './decider.ts';

/** Deepest tree that is walked upwards; a guard against damaged data, far above any real depth. */
export const deepest = 32;

/** This union and those above it, the nearest first; none for an empty id. */
export async function uppersFrom(session: CommandSession, unionId: string): Promise<string[]> {
  const ids: string[] = [];
  for (let id = unionId; id !== '' && ids.length < deepest; ) {
    ids.push(id);
    id = (await session.load(unionDecider, id)).state.territorialParentId;
  }
  return ids;
}
