import { resolve } from 'node:path';
import type { SeedSize } from './seed/seed.ts';
import { firstLoad } from './seed/seed.ts';

/** What `npm start` is told by its environment. */
export interface StartSettings {
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly logLevel: string;
  readonly partitions: number | undefined;
  /** What the first start loads; undefined loads nothing. */
  readonly seed: SeedSize | undefined;
}

/** A setting that cannot be used: names the variable, what it holds and what it may hold. */
export class SettingError extends Error {
  override readonly name = 'SettingError';

  constructor(variable: string, value: string, allowed: string) {
    super(`${variable}=${value}: ${allowed}`);
  }
}

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
const loads = { federations: false, townships: true, none: undefined } as const;

/**
 * Reads the settings.
 * @throws SettingError for a value that cannot be used
 */
export function readSettings(environment: NodeJS.ProcessEnv): StartSettings {
  const {
    HOST: host = '127.0.0.1',
    DATA_DIR: dataDir = '.data',
    LOG_LEVEL: logLevel = 'warn',
    SEED: load = 'federations',
  } = environment;
  if (!levels.includes(logLevel)) {
    throw new SettingError('LOG_LEVEL', logLevel, `one of ${levels.join(', ')}`);
  }
  if (!isLoad(load))
    throw new SettingError('SEED', load, `one of ${Object.keys(loads).join(', ')}`);
  const townships = loads[load];
  return {
    host,
    port: number('PORT', environment['PORT'] ?? '8080', 0, 65_535),
    dataDir: resolve(dataDir),
    logLevel,
    partitions:
      environment['PARTITIONS'] === undefined
        ? undefined
        : number('PARTITIONS', environment['PARTITIONS'], 1, 64),
    seed: townships === undefined ? undefined : { ...firstLoad, townships },
  };
}

function isLoad(text: string): text is keyof typeof loads {
  return Object.hasOwn(loads, text);
}

function number(variable: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new SettingError(variable, text, `a whole number from ${least} to ${most}`);
  }
  return value;
}
