import { connect } from 'node:net';
import { addressesFromEnvironment, type ServerAddresses } from './addresses.ts';
import { isAlive } from './processes/process-identity.ts';
import { infraDir, processOf, readState, type ServerRecord } from './state.ts';

/** There are no servers to work with; the message says how to get some. */
export class NoServersError extends Error {
  override readonly name = 'NoServersError';
}

/**
 * The addresses of the servers to work with: those of the environment (MONGODB_URI, KAFKA_BROKERS, REDIS_URL), else those
 * of `npm run infra:up` when all of them run.
 * @throws NoServersError when there are neither
 * @throws AddressesError when the environment tells some of the three only
 */
export async function findServers(): Promise<ServerAddresses> {
  const told = addressesFromEnvironment(process.env);
  if (told !== undefined) return told;
  const state = await readState(infraDir());
  const missing = 'set MONGODB_URI, KAFKA_BROKERS and REDIS_URL, or start some: npm run infra:up';
  if (state === undefined) throw new NoServersError(`no servers are known: ${missing}`);
  for (const record of state.servers) {
    if (!(await runs(record))) throw new NoServersError(`${record.name} is down: ${missing}`);
  }
  const { mongodbUri, kafkaBrokers, redisUrl } = state;
  return { mongodbUri, kafkaBrokers, redisUrl };
}

async function runs(record: ServerRecord): Promise<boolean> {
  const running = processOf(record);
  if (running !== undefined) return await isAlive(running);
  return await new Promise((resolve) => {
    const socket = connect(record.port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
