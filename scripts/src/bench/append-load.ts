import { randomUUID } from 'node:crypto';

/** How long each number of writers appends, in seconds. */
export const loadSeconds = 4;

/** One event's append to a stream at its version, resolved when it is acknowledged. */
export type AppendOne = (stream: string, version: number) => Promise<unknown>;

/**
 * Acknowledged appends per second. Each writer appends to a stream of its own, one event after the acknowledgement of
 * the one before.
 * @param series names the streams, so that no two runs share one
 */
export async function appendsPerSecond(
  appendOne: AppendOne,
  series: string,
  writers: number,
): Promise<number> {
  let acknowledged = 0;
  const began = performance.now();
  const until = began + loadSeconds * 1_000;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const stream = `${series}-${writers}-${writer}`;
      for (let version = 0; performance.now() < until; version++) {
        await appendOne(stream, version);
        acknowledged += 1;
      }
    }),
  );
  return acknowledged / ((performance.now() - began) / 1_000);
}

/** About 230 bytes of payload and metadata: a union's renaming. */
export function renaming(stream: string) {
  return {
    id: randomUUID(),
    type: 'unionfold.organizations.v1.UnionRenamed',
    data: { unionId: stream, name: '青岛市市南区示例企业工会委员会', reason: '企业更名' },
    metadata: {
      actor: 'cadre-4711',
      correlationId: stream,
      occurredAt: '2026-01-01T08:00:00.000Z',
    },
  };
}
