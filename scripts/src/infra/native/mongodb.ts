import { mkdir } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { ensureReplicaSet, mongodbAnswers } from '../readiness.ts';
import type { ServerProgram } from './server-program.ts';

/** A mongod binary and the folder of libraries that it needs beside the system's. */
export interface MongodInstallation {
  readonly mongod: string;
  readonly libraries?: string;
}

/** MongoDB as a replica set of one: that is what gives it transactions and change streams. */
export function mongodbProgram({ mongod, libraries }: MongodInstallation): ServerProgram {
  return {
    name: 'mongodb',
    graceMs: 20_000,
    prepare: async (folder, port) => {
      const data = join(folder, 'data');
      await mkdir(data, { recursive: true });
      const path = [libraries, process.env['LD_LIBRARY_PATH']].filter((part) => part !== undefined);
      return {
        file: mongod,
        args: [
          ...['--replSet', 'rs0', '--dbpath', data, '--bind_ip', '127.0.0.1', '--port', `${port}`],
          ...['--wiredTigerCacheSizeGB', String(cacheGigabytes())],
          // The socket file would lie in a folder that all users share.
          '--nounixsocket',
        ],
        ...(path.length === 0 ? {} : { env: { LD_LIBRARY_PATH: path.join(':') } }),
      };
    },
    answers: async (port, signal) => {
      const options = { withinMs: 60_000, signal };
      await ensureReplicaSet(port, options);
      await mongodbAnswers(mongodbUri(port), options);
    },
  };
}

export function mongodbUri(port: number): string {
  return `mongodb://127.0.0.1:${port}/?replicaSet=rs0`;
}

/**
 * What MONGODB_CACHE_GB says; else a gigabyte, less on a small machine. A quarter is the least that MongoDB takes.
 * @throws RangeError when the setting is no such number
 */
function cacheGigabytes(): number {
  const setting = process.env['MONGODB_CACHE_GB'] ?? '';
  if (setting !== '') {
    const wanted = Number(setting);
    if (wanted >= 0.25 && wanted <= 10_000) return wanted;
    throw new RangeError(`MONGODB_CACHE_GB is ${setting}: gigabytes are wanted, 0.25 at least`);
  }
  const eighth = totalmem() / 2 ** 30 / 8;
  return Math.min(1, Math.max(0.25, Math.round(eighth * 4) / 4));
}
