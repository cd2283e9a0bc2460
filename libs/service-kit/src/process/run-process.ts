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

/** What runs in a process, once its platform is open. */
export interface Running {
  /** Where it listens, for people and for whoever has started it. */
  readonly address: string;
  /** Takes nothing new and finishes what is under way. */
  stop(): Promise<void>;
}

/** What a process starts with. */
export interface ProcessContext<Settings extends DistributedSettings> {
  readonly settings: Settings;
  readonly platform: Platform;
  readonly directory: ServiceDirectory;
  readonly logger: Logger;
}

/** Pause before the stores are tried again at the start, in milliseconds. */
const retryMs = 1_000;
/** Longest that a stop in good order may take, in milliseconds. */
const graceMs = 20_000;
/** As in sysexits(3): the settings are wrong, trying again will not help. */
const settingsExit = 78;

/** Runs a service as a process of its own, on the distributed profile, until it is told to stop. */
export async function runService(module: ServiceModule): Promise<void> {
  await runProcess(module.name, readServiceSettings, async (context) => {
    const { platform, directory, logger, settings } = context;
    const service = await startService(module, {
      platform,
      directory,
      logger,
      address: settings.listen,
    });
    const [host] = settings.listen.split(':');
    return { address: `${host}:${service.port}`, stop: () => service.stop() };
  });
}

/**
 * Runs a process on the distributed profile: reads its settings, waits for the stores, starts, says where it listens,
 * and stops in good order on SIGTERM or SIGINT. A second signal means: now.
 * @param read throws SettingsError, which is told as it is, and ends the process
 */
export async function runProcess<Settings extends DistributedSettings>(
  name: string,
  read: (variables: NodeJS.ProcessEnv) => Settings,
  start: (context: ProcessContext<Settings>) => Promise<Running>,
): Promise<void> {
  const settings = settingsOrExit(name, read);
  const logger = createLogger(settings.logLevel).child({ process: name });
  const stopping = new AbortController();
  const asked = stopSignal(stopping);
  const directory = new ServiceDirectory();
  for (const [service, address] of settings.addresses) directory.set(service, address);
  const started = await startWhenPossible(stopping.signal, logger, async () => {
    const platform = await openDistributedPlatform({ ...settings, logger });
    try {
      return { platform, running: await start({ settings, platform, directory, logger }) };
    } catch (error) {
      await platform.close().catch(() => undefined);
      throw error;
    }
  });
  if (started !== undefined) {
    process.stdout.write(`listening ${started.running.address}\n`);
    await asked;
  }
  // Not held up for ever by what does not end; a connection that is kept open must not hold the process either.
  setTimeout(() => process.exit(1), graceMs).unref();
  try {
    await started?.running.stop();
    directory.close();
    await started?.platform.close();
    process.exit(0);
  } catch (error) {
    logger.error({ err: error }, 'stopping');
    process.exit(1);
  }
}

function settingsOrExit<Settings>(
  name: string,
  read: (variables: NodeJS.ProcessEnv) => Settings,
): Settings {
  try {
    return read(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${name} 的设置不可用 | settings of ${name} that cannot be used:\n${error.message}\n`);
    process.exit(settingsExit);
  }
}

/** Starts; what it waits for may come later than this process. Undefined when it is told to stop before. */
async function startWhenPossible<T>(
  signal: AbortSignal,
  logger: Logger,
  start: () => Promise<T>,
): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await start();
    } catch (error) {
      if (!isOfServers(error)) throw error;
      logger.warn({ err: error }, 'waiting for the servers');
    }
    await sleep(retryMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

function isOfServers(error: unknown): boolean {
  if (error instanceof StoreUnavailableError) return true;
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

function stopSignal(stopping: AbortController): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      if (stopping.signal.aborted) process.exit(130);
      stopping.abort();
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
    // Started by another process over a channel: it ends with that.
    process.on('disconnect', stop);
  });
}
