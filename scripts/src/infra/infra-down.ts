import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compose, composeEnvironment } from './docker/engine.ts';
import { composeProject } from './infra-up.ts';
import { serverNames } from './native/server-program.ts';
import type { Tell } from './packages/run-tool.ts';
import { endProcess, isAlive } from './processes/process-identity.ts';
import { alone, type InfraState, portsOf, processOf, readState, writeState } from './state.ts';

/** As long as the slowest server may take to finish its work. */
const graceMs = 30_000;

/**
 * Stops what `npm run infra:up` started in a folder, and nothing else.
 * @throws InfraStateError, ToolError
 */
export async function infraDown(
  dir: string,
  options: { readonly deleteData: boolean },
  tell: Tell,
): Promise<void> {
  if (!existsSync(dir)) {
    tell('nothing was started here');
    return;
  }
  await alone(dir, async () => {
    const state = await readState(dir);
    if (state === undefined) tell('nothing was started here');
    else if (state.engine === 'docker') await downInDocker(dir, state, options.deleteData);
    else await downNatively(dir, state, tell);
    if (options.deleteData) await deleteData(dir);
  });
  // The folder itself goes only when nothing else is in it.
  if (options.deleteData) await rmdir(dir).catch(() => undefined);
}

async function downNatively(dir: string, state: InfraState, tell: Tell): Promise<void> {
  await Promise.all(
    state.servers.map(async (record) => {
      const running = processOf(record);
      if (running === undefined || !(await isAlive(running))) return;
      await endProcess(running, graceMs);
      tell(`${record.name} stopped`);
    }),
  );
  const servers = state.servers.map(({ name, port }) => ({ name, port }));
  await writeState(dir, { ...state, servers });
}

async function downInDocker(dir: string, state: InfraState, volumes: boolean): Promise<void> {
  const args = volumes ? ['down', '--volumes'] : ['down'];
  await compose(composeProject(dir), args, composeEnvironment(portsOf(state.servers)));
}

/** Removes what the servers made, by name: the folder may be one that holds other things, too. */
async function deleteData(dir: string): Promise<void> {
  for (const name of [...serverNames, 'state.json']) {
    await rm(join(dir, name), { recursive: true, force: true });
  }
}
