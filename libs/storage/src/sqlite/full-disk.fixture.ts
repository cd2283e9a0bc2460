import { SqliteEventStore } from './sqlite-event-store.ts';

/**
 * Run under a limit of the file size: appends until the disk is "full", then goes on within the room that is left.
 * Prints one JSON object; for the test that sets the limit.
 */
const file = process.argv[2] ?? '';
const store = await SqliteEventStore.open({ file, partitions: 1 });

const append = (stream: string, bytes: number) =>
  store.append([
    {
      stream,
      expectedVersion: 'any',
      events: [
        {
          id: stream,
          type: 'unionfold.test.v1.Happened',
          data: { filler: 'x'.repeat(bytes) },
          metadata: { actor: 'a', correlationId: 'c', occurredAt: '2026-01-01T00:00:00.000Z' },
        },
      ],
    },
  ]);

let acknowledged = 0;
const refusals: string[] = [];
for (let nth = 0; nth < 200 && refusals.length < 3; nth += 1) {
  const outcomes = await Promise.allSettled([
    append(`s-${nth}`, 50_000),
    append(`t-${nth}`, 50_000),
  ]);
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') acknowledged += 1;
    else refusals.push(outcome.reason instanceof Error ? outcome.reason.name : 'unknown');
  }
}
const heads = await store.heads();
const read = await store.readPartition(0, 0, 1000);
process.stdout.write(
  JSON.stringify({
    acknowledged,
    refusals,
    heads,
    positions: read.map(({ position }) => position),
  }),
);
