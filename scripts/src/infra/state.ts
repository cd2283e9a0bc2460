import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ServerAddresses } from './addresses.ts';
import type { Engine } from './docker/engine.ts';
import type { Ports } from './local-addresses.ts';
import { type ServerName, serverNames } from './native/server-program.ts';
import { identify, isAlive, type ProcessIdentity } from './processes/process-identity.ts';

/** A server of `npm run infra:up`. The port stays while the server is down; a container has no process here. */
export interface ServerRecord {
  readonly name: ServerName;
  readonly port: number;
  readonly pid?: number;
  readonly startTime?: string;
}

/** What `npm run infra:up` has started: the content of state.json. */
export interface InfraState extends ServerAddresses {
  readonly engine: Engine;
  readonly servers: readonly ServerRecord[];
}

/** The state cannot be used, or another process works on it. */
export class InfraStateError extends Error {
  override readonly name = 'InfraStateError';
}

/** Where the servers of `npm run infra:up` keep their data: INFRA_DIR, else .infra beside the packages. */
export function infraDir(): string {
  const told = process.env['INFRA_DIR'];
  return told ? resolve(told) : resolve(import.meta.dirname, '..', '..', '..', '.infra');
}

/**
 * The state kept in a folder, or undefined when nothing was started there.
 * @throws InfraStateError when it is damaged
 */
export async function readState(dir: string): Promise<InfraState | undefined> {
  const file = join(dir, 'state.json');
  if (!existsSync(file)) return undefined;
  try {
    const state: InfraState = JSON.parse(await readFile(file, 'utf8'));
    const known = state.servers.every(
      ({ name, port }) => serverNames.includes(name) && Number.isInteger(port),
    );
    if (known && state.engine !== undefined) return state;
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
  }
  throw new InfraStateError(
    `${file} is damaged: end the servers it names, then remove it; their data stays`,
  );
}

/** Writes the state so that a reader sees the old one or the new one, whole. */
export async function writeState(dir: string, state: InfraState): Promise<void> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'state.json');
  await writeFile(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** The process of a record; undefined when it has none. */
export function processOf({ pid, startTime }: ServerRecord): ProcessIdentity | undefined {
  return pid === undefined || startTime === undefined ? undefined : { pid, startTime };
}

/** The port of each server. */
export function portsOf(records: readonly ServerRecord[]): Ports {
  const port = (name: ServerName) => {
    const record = records.find((server) => server.name === name);
    if (record === undefined) throw new InfraStateError(`state.json has no ${name}`);
    return record.port;
  };
  return { mongodb: port('mongodb'), kafka: port('kafka'), redis: port('redis') };
}

/**
 * Works on a folder's state alone.
 * @throws InfraStateError when another process does
 */
export async function alone<T>(dir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dir, { recursive: true });
  const file = join(dir, 'lock.json');
  const own = JSON.stringify(await identify(process.pid));
  for (;;) {
    try {
      await writeFile(file, own, { flag: 'wx' });
      break;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error;
      const holder = await lockHolder(file);
      if (holder !== undefined && (await isAlive(holder))) {
        throw new InfraStateError(`process ${holder.pid} is starting or stopping these servers`);
      }
      // Its holder was killed.
      await rm(file, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function lockHolder(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}
