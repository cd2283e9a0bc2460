import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseEngine, type Engine } from './docker/engine.ts';
import { localAddresses } from './local-addresses.ts';
import { NativeServer } from './native/native-server.ts';
import { type ServerName, serverNames } from './native/server-program.ts';
import { nativePrograms } from './packages/native-programs.ts';
import type { Tell } from './packages/run-tool.ts';
import { freePort } from './processes/ports.ts';
import { Watchdog } from './processes/watchdog.ts';
import type { ServerHandle, Servers } from './servers.ts';

export interface StartServersOptions {
  /** Where data is kept, to be used again by a later start; absent: a temporary folder. Native servers only. */
  readonly dir?: string;
  /** Which are started at once; the others wait for their handle's start(). Absent: all. */
  readonly names?: readonly ServerName[];
  readonly engine?: Engine;
  readonly tell?: Tell;
}

/**
 * Starts servers for a test, a demo or a bench: containers where Docker answers, else processes of this machine.
 * @throws MissingToolsError, ToolError, ServerStartError, NotReadyError; whatever was started is stopped then
 */
export async function startServers(options: StartServersOptions = {}): Promise<Servers> {
  const engine = options.engine ?? (await chooseEngine());
  const names = options.names ?? serverNames;
  const tell = options.tell ?? (() => undefined);
  const servers = engine === 'docker' ? await inContainers() : await processes(options.dir, tell);
  try {
    await Promise.all(names.map((name) => servers[name].start()));
  } catch (error) {
    await servers.stop();
    throw error;
  }
  return servers;
}

async function inContainers(): Promise<Servers> {
  // Testcontainers is large, and most starts do without.
  const { containers } = await import('./docker/containers.ts');
  return await containers();
}

/** Native servers that are not started yet. */
async function processes(dir: string | undefined, tell: Tell): Promise<Servers> {
  const programs = await nativePrograms(tell);
  const folder = dir ?? (await mkdtemp(join(tmpdir(), 'unionfold-servers-')));
  const watchdog = new Watchdog();
  if (dir === undefined) watchdog.tell({ removeFolder: folder });
  const server = async (name: ServerName) =>
    new NativeServer({
      program: programs[name],
      folder: join(folder, name),
      port: await freePort(),
      onStarted: (identity) => watchdog.tell({ watch: identity }),
      onEnded: (identity) => watchdog.tell({ forget: identity }),
    });
  const mongodb = await server('mongodb');
  const kafka = await server('kafka');
  const redis = await server('redis');
  const addresses = localAddresses({
    mongodb: mongodb.port,
    kafka: kafka.port,
    redis: redis.port,
  });
  const stop = async () => {
    await Promise.all([mongodb, kafka, redis].map((each) => each.stop()));
    watchdog.release();
    if (dir === undefined) await rm(folder, { recursive: true, force: true });
  };
  return {
    addresses,
    mongodb: { ...handleOf(mongodb), uri: addresses.mongodbUri },
    kafka: { ...handleOf(kafka), brokers: addresses.kafkaBrokers },
    redis: { ...handleOf(redis), url: addresses.redisUrl },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function handleOf(server: NativeServer): ServerHandle {
  return {
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}
