import { MongoConnection, MongoEventStore } from '@unionfold/storage';
import { MongoClient } from 'mongodb';
import { type AppendOne, appendsPerSecond, loadSeconds, renaming } from '../append-load.ts';
import type { Bench, Figures } from '../figures.ts';
import { openEmmett } from './emmett.ts';
import { inDatabase } from './in-database.ts';
import { inWords, ProcessorUse } from './processor-use.ts';
import { serverProcesses } from './server-processes.ts';

const partitions = 4;

/** What is compared takes turns, so that a neighbour of the machine disturbs one as much as another. */
const rounds = 3;

/**
 * Acknowledged (majority, journal) single-event appends per second, beside Emmett's MongoDB store and beside plain
 * `insertMany` of the same documents in batches of 1,000, on the same server in the same run.
 */
export const append: Bench = ({ tell }) =>
  inDatabase(async ({ addresses, prefix }) => {
    const { mongodbUri } = addresses;
    const connection = await MongoConnection.open({ uri: mongodbUri });
    const database = `${prefix}_ours`;
    const store = await MongoEventStore.open({ connection, database, partitions });
    const appendOne: AppendOne = (stream, expectedVersion) =>
      store.append([{ stream, expectedVersion, events: [renaming(stream)] }]);
    const emmett = await openEmmett(mongodbUri, `${prefix}_emmett`);
    const subjects: Record<string, (series: string) => Promise<number>> = {
      writers_1: (series) => appendsPerSecond(appendOne, series, 1),
      writers_64: (series) => appendsPerSecond(appendOne, series, 64),
      writers_1024: (series) => appendsPerSecond(appendOne, series, 1_024),
      raw: (series) => rawInsertsPerSecond(mongodbUri, `${prefix}_${series}`),
      emmett_64: (series) => appendsPerSecond(emmett.appendOne, series, 64),
      emmett_1024: (series) => appendsPerSecond(emmett.appendOne, series, 1_024),
    };
    const figures: Figures = {};
    const add = (name: string, value: number) => {
      figures[name] = (figures[name] ?? 0) + value / rounds;
    };
    const use = new ProcessorUse(await serverProcesses());
    for (let round = 1; round <= rounds; round++) {
      for (const [name, measure] of Object.entries(subjects)) {
        const rate = await measure(`round${round}`);
        const taken = use.lap();
        tell(`${name}, ${round} of ${rounds}: ${Math.round(rate)}/s (${inWords(taken)})`);
        add(name, rate);
        for (const [what, value] of Object.entries(taken)) add(`${name}_${what}`, value);
      }
    }
    await emmett.close();
    await store.close();
    await connection.close();
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
  const events = database.collection<{ _id: { stream: string; version: number } }>('events');
  await events.createIndex({ place: 1 });
  let inserted = 0;
  const began = performance.now();
  while (performance.now() - began < loadSeconds * 1_000) {
    const documents = Array.from({ length: 1_000 }, (_, nth) => {
      const stream = `bench-raw-${nth}`;
      const { data, ...event } = renaming(stream);
      inserted += 1;
      return {
        _id: { stream, version: Math.ceil(inserted / 1_000) },
        place: inserted,
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
