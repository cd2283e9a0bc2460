import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '@unionfold/eventsourcing';
import {
  type DistributedSettings,
  readServiceSettings,
} from '../configuration/distributed-settings.ts';
import { SettingsError } from '../configuration/environment.ts';
import { createLogger, type Logger } from '../logger.ts';
import { openDistributedPlatform } from '../platform/distributed.ts';
import type { Platform } from '../platform/platform.ts';
import { ServiceDirectory } from '../rpc/service-directory.ts';
import { type ServiceModule, startService } from '../service.ts';
import { type StandIn, standIn, unreadyRpcServer } from './stand-in.ts';

/** A program that runs as a process of its own. */
export interface ProcessProgram<Settings extends DistributedSettings> {
  readonly name: string;
  /** @throws SettingsError, which is told as it is, and ends the process */
  readonly read: (variables: NodeJS.ProcessEnv) => Settings;
  /** Answers at the address of the process until it can start. */
  readonly standIn: (settings: Settings) => StandIn;
  readonly start: (context: ProcessContext<Settings>) => Promise<RunningProcess>;
}

/** What a process starts with. */
export interface ProcessContext<Settings extends DistributedSettings> {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly directory: ServiceDirectory;
  readonly logger: Logger;
  /** Gives the address free; to be called just before listening there. */
  readonly beforeListening: () => Promise<void>;
}

/** What runs in a process, once its platform is open. */
export interface RunningProcess {
  /** Where it listens, for people and for whoever has started it. */
  readonly address: string;
  /** Takes nothing new and finishes what is under way. */
  stop(): Promise<void>;
}

/** Pause before the stores are tried again at the start, in milliseconds. */
const retryMs = 1_000;
/** Longest that a stop in good order may take, in milliseconds: below the 30 s that Kubernetes waits. */
const graceMs = 20_000;

/** The settings are wrong, trying again does not help: as in sysexits(3). */
export const settingsExitCode = 78;
const interruptedExitCode = 130;

/** Runs a service as a process of its own, on the distributed profile, until it is told to stop. */
export async function runService(module: ServiceModule): Promise<void> {
  await runProcess({
    name: module.name,
    read: readServiceSettings,
    standIn: ({ listen }) => standIn(listen.host, listen.port, unreadyRpcServer),
    start: async ({ platform, directory, logger, settings, beforeListening }) => {
      const { host, port } = settings.listen;
      const shownHost = host.includes(':') ? `[${host}]` : host;
      const address = `${shownHost}:${port}`;
      const options = { platform, directory, logger, address, beforeListening };
      const service = await startService(module, options);
      return { address: `${shownHost}:${service.port}`, stop: () => service.stop() };
    },
  });
}

/**
 * Runs a process on the distributed profile: reads its settings, waits for the stores, starts, says where it listens,
 * and stops in good order on SIGTERM or SIGINT. A second signal means: now. It ends the process in every case.
 */
export async function runProcess<Settings extends DistributedSettings>(
  program: ProcessProgram<Settings>,
): Promise<never> {
  const settings = settingsOrExit(program);
  const logger = createLogger(settings.logLevel).child({ process: program.name });
  const stopping = stopSignal();
  const directory = new ServiceDirectory();
  for (const [service, address] of settings.addresses) directory.set(service, address);
  const waiting = program.standIn(settings);
  try {
    const started = await startWhenPossible(stopping, logger, async () => {
      await waiting.start();
      const platform = await openDistributedPlatform({ ...settings, logger });
      const beforeListening = () => waiting.giveWay();
      try {
        const context = { settings, platform, directory, logger, beforeListening };
        return { platform, running: await program.start(context) };
      } catch (error) {
        await platform.close().catch(() => undefined);
        throw error;
      }
    });
    if (started !== undefined) {
      process.stdout.write(`listening ${started.running.address}\n`);
      if (!stopping.aborted) await once(stopping, 'abort');
    }
    await started?.running.stop();
    directory.close();
    await started?.platform.close();
    logger.info('stopped in good order');
    process.exit(0);
  } catch (error) {
    logger.fatal({ err: error }, stopping.aborted ? 'stopping failed' : 'starting failed');
    process.exit(1);
  }
}

function settingsOrExit<Settings extends DistributedSettings>({
  name,
  read,
}: ProcessProgram<Settings>): Settings {
  try {
    return read(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(
      `${name} 的设置不可用 | settings of ${name} that cannot be used:\n${error.message}\n`,
    );
    process.exit(settingsExitCode);
  }
}

/** Starts; what it waits for may come later than this process. Undefined when it is told to stop before. */
async function startWhenPossible<T>(
  stopping: AbortSignal,
  logger: Logger,
  start: () => Promise<T>,
): Promise<T | undefined> {
  let told = '';
  while (!stopping.aborted) {
    try {
      return await start();
    } catch (error) {
      if (!isOfServers(error)) throw error;
      if (error.message !== told) logger.warn({ for: error.message }, 'waiting for the servers');
      told = error.message;
    }
    await sleep(retryMs, undefined, { signal: stopping }).catch(() => undefined);
  }
  return undefined;
}

/** Whether a server does not answer, or not yet as it will; kafkajs has no common class for such errors. */
function isOfServers(error: unknown): error is Error {
  if (error instanceof StoreUnavailableError) return true;
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

/** Aborts at the first signal to stop; the second one ends the process, and so does a stop that takes too long. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    if (stopping.signal.aborted) process.exit(interruptedExitCode);
    stopping.abort();
    setTimeout(() => process.exit(1), graceMs).unref();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Started by another process over a channel: it ends with that one.
  process.on('disconnect', () => {
    if (!stopping.signal.aborted) stop();
  });
  return stopping.signal;
}
