import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventData, EventStore } from '@unionfold/eventsourcing';
import {
  durabilityPragmas,
  eventStoreSchema,
  insertEventSql,
  SqliteEventStore,
} from '@unionfold/storage';
import type { Bench } from './figures.ts';
import { inFolder } from './folder.ts';

const seconds = 4;

/** Acknowledged single-event appends per second, beside plain inserts of the same rows in equal transactions. */
export const append: Bench = ({ tell }) =>
  inFolder(async (folder) => {
    const store = await SqliteEventStore.open({ file: join(folder, 'events.db'), partitions: 1 });
    const figures: Record<string, number> = {};
    try {
      for (const writers of [1, 64, 1_024]) {
        tell(`${writers} writers for ${seconds} s`);
        figures[`writers_${writers}`] = await appendsPerSecond(store, writers);
      }
    } finally {
      await store.close();
    }
    tell('raw inserts, 64 rows a transaction');
    figures['raw'] = rawInsertsPerSecond(join(folder, 'raw.db'), 64);
    figures['writers_64_of_raw'] = (figures['writers_64'] ?? 0) / figures['raw'];
    figures['writers_1024_of_1'] = (figures['writers_1024'] ?? 0) / (figures['writers_1'] ?? 1);
    return figures;
  });

/** Each writer appends to a stream of its own, one event after the acknowledgement of the one before. */
async function appendsPerSecond(store: EventStore, writers: number): Promise<number> {
  let acknowledged = 0;
  const began = performance.now();
  const until = began + seconds * 1_000;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const stream = `bench-${writers}-${writer}`;
      for (let version = 0; performance.now() < until; version++) {
        await store.append([{ stream, expectedVersion: version, events: [event(stream)] }]);
        acknowledged += 1;
      }
    }),
  );
  return acknowledged / ((performance.now() - began) / 1_000);
}

function rawInsertsPerSecond(file: string, rowsEach: number): number {
  const database = new DatabaseSync(file);
  database.exec(durabilityPragmas);
  database.exec(eventStoreSchema(1));
  const insert = database.prepare(insertEventSql(0));
  let position = 0;
  const began = performance.now();
  const until = began + seconds * 1_000;
  while (performance.now() < until) {
    database.exec('BEGIN IMMEDIATE');
    for (let row = 0; row < rowsEach; row++) {
      position += 1;
      const stream = `bench-raw-${row}`;
      const { id, type, data, metadata } = event(stream);
      const version = Math.ceil(position / rowsEach);
      insert.run(
        position,
        row,
        version,
        stream,
        id,
        type,
        JSON.stringify(data),
        JSON.stringify(metadata),
        Date.now(),
      );
    }
    database.exec('COMMIT');
  }
  const rate = position / ((performance.now() - began) / 1_000);
  database.close();
  return rate;
}

/** About 230 bytes of payload and metadata: a union's renaming. */
function event(stream: string): EventData {
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
