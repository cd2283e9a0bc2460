import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { AppendOne } from '../append-load.ts';
import { renaming } from '../append-load.ts';

/** What is compared with. Not a dependency of the platform: installed into the cache folder when the benchmark runs. */
const packages = [
  '@event-driven-io/emmett@0.42.0',
  '@event-driven-io/emmett-mongodb@0.42.4',
  'async-retry@1.3.3',
  // The newest driver that this version of the store allows.
  'mongodb@6.22.0',
  'uuid@10.0.0',
];

interface EmmettStore {
  appendToStream(
    stream: string,
    events: readonly { type: string; data: object; metadata: object }[],
    options: { expectedStreamVersion: bigint | 'STREAM_DOES_NOT_EXIST' },
  ): Promise<{ nextExpectedStreamVersion: bigint }>;
}

/** Emmett's MongoDB event store on the same server. */
export interface Emmett {
  readonly appendOne: AppendOne;
  close(): Promise<void>;
}

/**
 * Opens Emmett's store over its own driver, with the write concern that ours has.
 * @param database that the caller drops afterwards
 */
export async function openEmmett(mongodbUri: string, database: string): Promise<Emmett> {
  const folder = await installed();
  const load = async (name: string) =>
    (await import(pathToFileURL(createRequire(join(folder, 'x.js')).resolve(name)).href)) as object;
  const { getMongoDBEventStore } = (await load('@event-driven-io/emmett-mongodb')) as {
    getMongoDBEventStore: (options: object) => EmmettStore;
  };
  const { MongoClient } = (await load('mongodb')) as typeof import('mongodb');
  const client = new MongoClient(mongodbUri, { writeConcern: { w: 'majority', journal: true } });
  await client.connect();
  const store = getMongoDBEventStore({
    client,
    storage: { type: 'COLLECTION_PER_STREAM_TYPE', databaseName: database },
  });
  return {
    appendOne: async (stream, version) => {
      const { type, data, metadata } = renaming(stream);
      await store.appendToStream(`union:${stream}`, [{ type, data, metadata }], {
        expectedStreamVersion: version === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(version),
      });
    },
    close: () => client.close(),
  };
}

async function installed(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const folder = join(cache, 'unionfold', 'emmett-0.42.4');
  if (existsSync(join(folder, 'node_modules', '@event-driven-io', 'emmett-mongodb'))) return folder;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const quiet = [
    '--no-audit',
    '--no-fund',
    '--ignore-scripts',
    '--legacy-peer-deps',
    '--save=false',
  ];
  await promisify(execFile)('npm', ['install', ...quiet, ...packages], { cwd: folder });
  return folder;
}
