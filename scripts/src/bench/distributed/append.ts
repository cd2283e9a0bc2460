import { MongoConnection, MongoEventStore } from '@unionfold/storage';
import { MongoClient } from 'mongodb';
import { appendsPerSecond, loadSeconds, renaming } from '../append-load.ts';
import type { Bench, Figures } from '../figures.ts';
import { openEmmett } from './emmett.ts';
import { inDatabase } from './in-database.ts';
import { inWords, ProcessorUse } from './processor-use.ts';
import { serverProcesses } from './server-processes.ts';

const partitions = 4;

/**
 * Acknowledged (majority, journal) single-event appends per second, beside Emmett's MongoDB store and beside plain
 * `insertMany` of the same documents in batches of 1,000, on the same server in the same run.
 */
export const append: Bench = ({ tell }) =>
  inDatabase(async ({ addresses, prefix }) => {
    const { mongodbUri } = addresses;
    const use = new ProcessorUse(await serverProcesses());
    const figures: Figures = {};
    const note = (name: string, rate: number) => {
      figures[name] = rate;
      const taken = use.lap();
      tell(`${name}: ${Math.round(rate)}/s (${inWords(taken)})`);
      for (const [what, value] of Object.entries(taken)) figures[`${name}_${what}`] = value;
    };
    const connection = await MongoConnection.open({ uri: mongodbUri });
    const store = await MongoEventStore.open({
      connection,
      database: `${prefix}_ours`,
      partitions,
    });
    for (const writers of [1, 64, 1_024]) {
      const rate = await appendsPerSecond(
        (stream, expectedVersion) =>
          store.append([{ stream, expectedVersion, events: [renaming(stream)] }]),
        'bench',
        writers,
      );
      note(`writers_${writers}`, rate);
    }
    await store.close();
    await connection.close();
    note('raw', await rawInsertsPerSecond(mongodbUri, `${prefix}_raw`));
    const emmett = await openEmmett(mongodbUri, `${prefix}_emmett`);
    for (const writers of [64, 1_024]) {
      note(`emmett_${writers}`, await appendsPerSecond(emmett.appendOne, 'bench', writers));
    }
    await emmett.close();
    const of = (name: string) => figures[name] ?? 0;
    figures['writers_64_of_emmett'] = of('writers_64') / of('emmett_64');
    figures['writers_1024_of_emmett'] = of('writers_1024') / of('emmett_1024');
    figures['writers_1024_of_raw'] = of('writers_1024') / of('raw');
    return figures;
  });

/** The same documents in a collection of the same form, without anything else. */
async function rawInsertsPerSecond(uri: string, name: string): Promise<number> {
  const client = await MongoClient.connect(uri, { writeConcern: { w: 'majority', journal: true } });
  const database = client.db(name);
  await database.createCollection('events', {
    clusteredIndex: { key: { _id: 1 }, unique: true },
  });
  const events = database.collection<{ _id: number }>('events');
  await events.createIndex({ stream: 1, version: 1 }, { unique: true });
  let inserted = 0;
  const began = performance.now();
  while (performance.now() - began < loadSeconds * 1_000) {
    const documents = Array.from({ length: 1_000 }, (_, nth) => {
      const stream = `bench-raw-${nth}`;
      const { data, ...event } = renaming(stream);
      inserted += 1;
      return {
        _id: inserted,
        stream,
        version: Math.ceil(inserted / 1_000),
        ...event,
        data: JSON.stringify(data),
        recordedAt: new Date(),
      };
    });
    await events.insertMany(documents);
  }
  const rate = inserted / ((performance.now() - began) / 1_000);
  await client.close();
  return rate;
}
