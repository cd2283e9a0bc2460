import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  durabilityPragmas,
  eventStoreSchema,
  insertEventSql,
  SqliteEventStore,
} from '@unionfold/storage';
import { appendsPerSecond, loadSeconds, renaming } from './append-load.ts';
import type { Bench } from './figures.ts';
import { inFolder } from './folder.ts';

/** Acknowledged single-event appends per second, beside plain inserts of the same rows in equal transactions. */
export const append: Bench = ({ tell }) =>
  inFolder(async (folder) => {
    const store = await SqliteEventStore.open({ file: join(folder, 'events.db'), partitions: 1 });
    const figures: Record<string, number> = {};
    try {
      for (const writers of [1, 64, 1_024]) {
        tell(`${writers} writers for ${loadSeconds} s`);
        figures[`writers_${writers}`] = await appendsPerSecond(
          (stream, expectedVersion) =>
            store.append([{ stream, expectedVersion, events: [renaming(stream)] }]),
          'bench',
          writers,
        );
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

function rawInsertsPerSecond(file: string, rowsEach: number): number {
  const database = new DatabaseSync(file);
  database.exec(durabilityPragmas);
  database.exec(eventStoreSchema(1));
  const insert = database.prepare(insertEventSql(0));
  let position = 0;
  const began = performance.now();
  const until = began + loadSeconds * 1_000;
  while (performance.now() < until) {
    database.exec('BEGIN IMMEDIATE');
    for (let row = 0; row < rowsEach; row++) {
      position += 1;
      const stream = `bench-raw-${row}`;
      const { id, type, data, metadata } = renaming(stream);
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
