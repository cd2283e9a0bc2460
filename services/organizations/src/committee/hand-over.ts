import type { HandOverCause } from '@unionfold/contracts';
import type { CommandSession, Refusal } from '@unionfold/eventsourcing';
import { committeeDecider } from './decider.ts';
import { officerDutiesDecider } from './officer-duties/decider.ts';

/**
 * After the officers have changed in this session: their open duties go to who holds the posts now, in the same
 * transaction (移交).
 */
export async function handOver(
  session: CommandSession,
  unionId: string,
  cause: HandOverCause,
): Promise<Refusal | undefined> {
  const committee = await session.load(committeeDecider, unionId);
  const duties = await session.load(officerDutiesDecider, unionId);
  const { seats } = committee.state;
  return duties.decide({ type: 'HandOver', unionId, seats, cause });
}
