import { isDeepStrictEqual } from 'node:util';
import { eventually } from '../telling/eventually.ts';
import type { Caller } from './platform-client.ts';
import type { ConsumerProgress } from './shapes.ts';

/** Every consumer's progress in every partition. */
export async function consumersOf(operator: Caller): Promise<readonly ConsumerProgress[]> {
  const { items } = await operator.get<{ items: readonly ConsumerProgress[] }>(
    '/api/v1/operations/consumers',
  );
  return items;
}

/** The last position of every partition of every topic: anything appended shows here. */
export type LogHeads = Readonly<Record<string, number>>;

/**
 * Waits until every consumer has handled everything, what they appended themselves included.
 * @returns the heads of the log that stands still
 */
export async function settled(operator: Caller, withinMs?: number): Promise<LogHeads> {
  return headsOf(await settledConsumers(operator, withinMs));
}

/** The consumers, when none has a lag. A replica hears a moment later how far the others are. */
export async function settledConsumers(
  operator: Caller,
  withinMs?: number,
): Promise<readonly ConsumerProgress[]> {
  let before: LogHeads = {};
  return await eventually(
    'consumers that have handled everything',
    async () => {
      const consumers = await consumersOf(operator);
      const heads = headsOf(consumers);
      const isStill = isDeepStrictEqual(heads, before);
      before = heads;
      // Heads and positions are read one after the other: a second look must show the same.
      return isStill && consumers.every(({ position, head }) => position >= head)
        ? consumers
        : undefined;
    },
    withinMs,
  );
}

function headsOf(consumers: readonly ConsumerProgress[]): LogHeads {
  return Object.fromEntries(
    consumers.map(({ topic, partition, head }) => [`${topic}/${partition}`, head]),
  );
}
