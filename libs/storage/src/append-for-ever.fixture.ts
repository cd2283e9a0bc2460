import { randomUUID } from 'node:crypto';
import type { EventStore } from '@unionfold/eventsourcing';

/**
 * Appends from 50 writers, each to a stream of its own, and prints the id of every acknowledged event on a line of its
 * own. For processes that a test kills.
 */
export async function appendForEver(store: EventStore): Promise<void> {
  await Promise.all(Array.from({ length: 50 }, (_, writer) => write(store, writer)));
}

async function write(store: EventStore, writer: number): Promise<never> {
  for (let version = 0; ; version += 1) {
    const id = randomUUID();
    const metadata = { actor: 'a-1', correlationId: id, occurredAt: '2026-01-01T00:00:00.000Z' };
    await store.append(
      [
        {
          stream: `union-${process.pid}-${writer}`,
          expectedVersion: version,
          events: [{ id, type: 'unionfold.test.v1.Happened', data: { writer, version }, metadata }],
        },
      ],
      { key: id, fingerprint: id, result: { version } },
    );
    // Written directly, the pipe would refuse a line when the reader is slow.
    await new Promise((written) => process.stdout.write(`${id}\n`, written));
  }
}
