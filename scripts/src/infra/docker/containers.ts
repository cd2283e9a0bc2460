import type { StartedDockerComposeEnvironment } from 'testcontainers';
import { DockerComposeEnvironment, Wait } from 'testcontainers';
import { localAddresses } from '../local-addresses.ts';
import type { ServerName } from '../native/server-program.ts';
import { runTool } from '../packages/run-tool.ts';
import { freePort } from '../processes/ports.ts';
import { kafkaAnswers, mongodbAnswers, redisAnswers } from '../readiness.ts';
import type { ServerHandle, Servers } from '../servers.ts';
import { composeEnvironment, composeFile, composeFolder } from './engine.ts';

const wait = { withinMs: 90_000 };

/**
 * The servers of infra/docker-compose.yml as containers of this process alone, started. Testcontainers' reaper removes
 * them when this process ends without doing so.
 */
export async function containers(): Promise<Servers> {
  // Ports are chosen before: Kafka and the replica set tell their clients the address to come back to.
  const ports = {
    mongodb: await freePort(),
    kafka: await freePort(),
    redis: await freePort(),
  };
  const environment = await new DockerComposeEnvironment(composeFolder, composeFile)
    .withEnvironment(composeEnvironment(ports))
    .withDefaultWaitStrategy(Wait.forHealthCheck())
    .withStartupTimeout(10 * 60_000)
    .up();
  const addresses = localAddresses(ports);
  const { mongodbUri: uri, kafkaBrokers: brokers, redisUrl: url } = addresses;
  const stop = async () => {
    await environment.down({ removeVolumes: true });
  };
  return {
    addresses,
    mongodb: { ...handleOf(environment, 'mongodb', () => mongodbAnswers(uri, wait)), uri },
    kafka: { ...handleOf(environment, 'kafka', () => kafkaAnswers(brokers, wait)), brokers },
    redis: { ...handleOf(environment, 'redis', () => redisAnswers(url, wait)), url },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Testcontainers removes what it stops; the chaos tests want it back with its data: docker's own commands do that. */
function handleOf(
  environment: StartedDockerComposeEnvironment,
  name: ServerName,
  answers: () => Promise<void>,
): ServerHandle {
  const id = environment.getContainer(`${name}-1`).getId();
  const docker = async (command: string) => {
    await runTool('docker', [command, id], { withinMs: 60_000 });
  };
  return {
    start: async () => {
      await docker('start');
      await answers();
    },
    stop: () => docker('stop'),
    kill: () => docker('kill'),
  };
}
