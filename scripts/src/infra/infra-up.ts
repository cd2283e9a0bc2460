import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { ServerAddresses } from './addresses.ts';
import { chooseEngine, compose, composeEnvironment } from './docker/engine.ts';
import { localAddresses } from './local-addresses.ts';
import { NativeServer } from './native/native-server.ts';
import { type ServerName, serverNames } from './native/server-program.ts';
import { nativePrograms } from './packages/native-programs.ts';
import type { Tell } from './packages/run-tool.ts';
import { freePort, isFree } from './processes/ports.ts';
import { isAlive } from './processes/process-identity.ts';
import { allAnswer } from './readiness.ts';
import {
  alone,
  type InfraState,
  infraDir,
  portsOf,
  processOf,
  readState,
  type ServerRecord,
  writeState,
} from './state.ts';

/**
 * Brings the servers up that are not up yet, on the data and the ports they had, and waits until all answer. They
 * outlive this process.
 * @throws MissingToolsError, ToolError, ServerStartError, NotReadyError, InfraStateError
 */
export async function infraUp(dir: string, tell: Tell): Promise<ServerAddresses> {
  return await alone(dir, async () => {
    const state = await readState(dir);
    const engine = state?.engine ?? (await chooseEngine());
    return engine === 'docker' ? await upInDocker(dir, state) : await upNatively(dir, state, tell);
  });
}

async function upNatively(
  dir: string,
  state: InfraState | undefined,
  tell: Tell,
): Promise<ServerAddresses> {
  const programs = await nativePrograms(tell);
  const records = new Map<ServerName, ServerRecord>();
  for (const name of serverNames) {
    records.set(name, await recordToStart(name, state, tell));
  }
  const addresses = localAddresses(portsOf([...records.values()]));
  // Written after every change and one after the other: a server that runs must be known to infra:down.
  let written = Promise.resolve();
  const note = (record: ServerRecord) => {
    records.set(record.name, record);
    const servers = [...records.values()];
    written = written.then(() => writeState(dir, { engine: 'native', ...addresses, servers }));
    written.catch(() => undefined);
  };
  const start = async (record: ServerRecord) => {
    const { name, port } = record;
    const running = processOf(record);
    if (running === undefined) tell(`starting ${name} on port ${port}`);
    const server = new NativeServer({
      program: programs[name],
      folder: join(dir, name),
      port,
      ...(running === undefined ? {} : { running }),
      onStarted: (identity) => note({ name, port, ...identity }),
      onEnded: () => note({ name, port }),
    });
    await server.start();
  };
  const starts = await Promise.allSettled([...records.values()].map(start));
  await written;
  const failed = starts.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return addresses;
}

/** The record of a server that runs; for one that does not, the port it had or a free one. */
async function recordToStart(
  name: ServerName,
  state: InfraState | undefined,
  tell: Tell,
): Promise<ServerRecord> {
  const record = state?.servers.find((server) => server.name === name);
  if (record === undefined) return { name, port: await freePort() };
  const running = processOf(record);
  if (running !== undefined && (await isAlive(running))) return record;
  if (await isFree(record.port)) return { name, port: record.port };
  const port = await freePort();
  tell(`port ${record.port} of ${name} is taken by another process; it moves to ${port}`);
  return { name, port };
}

async function upInDocker(dir: string, state: InfraState | undefined): Promise<ServerAddresses> {
  const ports =
    state === undefined
      ? { mongodb: await freePort(), kafka: await freePort(), redis: await freePort() }
      : portsOf(state.servers);
  const addresses = localAddresses(ports);
  const servers = serverNames.map((name) => ({ name, port: ports[name] }));
  // Before the start: what is only half up must be known to infra:down.
  await writeState(dir, { engine: 'docker', ...addresses, servers });
  await compose(composeProject(dir), ['up', '--detach', '--wait'], composeEnvironment(ports));
  await allAnswer(addresses, { withinMs: 60_000 });
  return addresses;
}

/** The compose project of a folder: `unionfold` for the usual one, else one of its own. */
export function composeProject(dir: string): string {
  if (process.env['INFRA_DIR'] === undefined && dir === infraDir()) return 'unionfold';
  return `unionfold-${createHash('sha256').update(dir).digest('hex').slice(0, 8)}`;
}
