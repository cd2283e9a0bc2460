import { resolve } from 'node:path';
import { Environment, logLevels } from '@unionfold/service-kit';
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

const mostPartitions = 64;

/**
 * Reads the settings.
 * @throws SettingsError that tells all that cannot be used
 */
export function readSettings(variables: NodeJS.ProcessEnv): StartSettings {
  const environment = new Environment(variables);
  const seed = environment.oneOf('SEED', ['federations', 'townships', 'none'], 'federations');
  const partitions = environment.wholeNumber('PARTITIONS', 1, mostPartitions, 0);
  const settings: StartSettings = {
    host: environment.optional('HOST') ?? '127.0.0.1',
    port: environment.wholeNumber('PORT', 0, 65_535, 8_080),
    dataDir: resolve(environment.optional('DATA_DIR') ?? '.data'),
    logLevel: environment.oneOf('LOG_LEVEL', logLevels, 'warn'),
    partitions: partitions === 0 ? undefined : partitions,
    seed: seed === 'none' ? undefined : { ...firstLoad, townships: seed === 'townships' },
  };
  environment.check();
  return settings;
}
