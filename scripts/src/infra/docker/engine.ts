import { join, resolve } from 'node:path';
import type { Ports } from '../local-addresses.ts';
import { runTool } from '../packages/run-tool.ts';

export const composeFolder = resolve(import.meta.dirname, '..', '..', '..', '..', 'infra');
export const composeFile = 'docker-compose.yml';

/** Whether a Docker engine answers and the compose command is there. */
export async function dockerAnswers(): Promise<boolean> {
  try {
    await runTool('docker', ['info', '--format', '{{.ServerVersion}}'], { withinMs: 15_000 });
    await runTool('docker', ['compose', 'version'], { withinMs: 15_000 });
    return true;
  } catch {
    return false;
  }
}

export type Engine = 'docker' | 'native';

/**
 * What runs the servers on this machine: Docker where it answers. INFRA_ENGINE=docker or native decides otherwise.
 * @throws Error for another value of INFRA_ENGINE
 */
export async function chooseEngine(): Promise<Engine> {
  const told = process.env['INFRA_ENGINE'];
  if (told === 'docker' || told === 'native') return told;
  if (told !== undefined && told !== '') {
    throw new Error(`INFRA_ENGINE=${told}: docker, native or nothing`);
  }
  return (await dockerAnswers()) ? 'docker' : 'native';
}

/** The ports of infra/docker-compose.yml as its variables. */
export function composeEnvironment(ports: Ports) {
  return {
    MONGODB_PORT: String(ports.mongodb),
    KAFKA_PORT: String(ports.kafka),
    REDIS_PORT: String(ports.redis),
  };
}

/**
 * Runs `docker compose` on infra/docker-compose.yml.
 * @throws ToolError
 */
export async function compose(
  project: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  const file = join(composeFolder, composeFile);
  await runTool('docker', ['compose', '--project-name', project, '--file', file, ...args], {
    env,
    withinMs: 20 * 60_000,
    work: { name: `docker compose ${args[0]}`, tell: (line) => process.stderr.write(`${line}\n`) },
  });
}
