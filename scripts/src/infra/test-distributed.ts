// npm run test:distributed [-- VITEST'S ARGUMENTS] - the tests that need real servers: those of the environment
// (MONGODB_URI, KAFKA_BROKERS, REDIS_URL), else servers of its own, which are gone afterwards.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { addressesFromEnvironment, environmentOf, type ServerAddresses } from './addresses.ts';
import { explainFailure } from './explain-failure.ts';
import type { Servers } from './servers.ts';
import { startServers } from './start-servers.ts';

const root = resolve(import.meta.dirname, '..', '..', '..');
const tell = (line: string) => process.stderr.write(`${line}\n`);

/**
 * What a signal does: before the tests run it ends this process, and the watchdog ends the servers; while they run it goes
 * to them.
 */
let onSignal = (signal: NodeJS.Signals): void => process.exit(exitCodeOf(signal));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, (name) => onSignal(name));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  tell(explainFailure(error));
  process.exitCode = 1;
}

/** @returns the exit code of vitest */
async function main(args: readonly string[]): Promise<number> {
  const told = addressesFromEnvironment(process.env);
  if (told !== undefined) return await runTests(told, args);
  tell('starting servers for the tests');
  const servers: Servers = await startServers({ tell });
  try {
    return await runTests(servers.addresses, args);
  } finally {
    await servers.stop();
  }
}

async function runTests(addresses: ServerAddresses, args: readonly string[]): Promise<number> {
  const vitest = resolve(root, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=TimeoutNegativeWarning',
      vitest,
      'run',
      '--config',
      'vitest.distributed.config.ts',
      ...args,
    ],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...environmentOf(addresses) } },
  );
  onSignal = (signal) => {
    child.kill(signal);
  };
  return await new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code, signal) => done(code ?? exitCodeOf(signal ?? 'SIGTERM')));
  });
}

/** As shells tell it: 128 and the signal's number. */
function exitCodeOf(signal: NodeJS.Signals): number {
  return signal === 'SIGINT' ? 130 : 143;
}
