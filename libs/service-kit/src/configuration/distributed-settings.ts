import { readFileSync } from 'node:fs';
import { type MasterKey, parseMasterKey } from '@unionfold/privacy';
import { serviceNames } from '../rpc/service-names.ts';
import { Environment } from './environment.ts';

/** What a process of the distributed profile is told by its environment. */
export interface DistributedSettings {
  readonly mongodbUri: string;
  readonly kafkaBrokers: readonly string[];
  /** Absent: caches, limits and leases are each process's own. */
  readonly redisUrl: string | undefined;
  /** Begins the names of databases, topics and consumer groups. */
  readonly prefix: string;
  /** Of every service's event store and topic; fixed when they are made. */
  readonly partitions: number;
  /** Copies of every topic. */
  readonly replication: number;
  readonly masterKey: MasterKey;
  /** Where other services are, by name: `host:port`, several with commas, or `dns:///name:port`. */
  readonly addresses: ReadonlyMap<string, string>;
  readonly logLevel: string;
}

/** What a service is told besides. */
export interface ServiceSettings extends DistributedSettings {
  /** Of its gRPC server. */
  readonly listen: { readonly host: string; readonly port: number };
}

/** What a gateway is told besides. */
export interface GatewaySettings extends DistributedSettings {
  readonly host: string;
  readonly port: number;
  /** Whether anybody may sign in as anybody: for demonstrations only. */
  readonly developmentIssuer: boolean;
}

/** pino's, by which every process logs. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const host = String.raw`[^\s:,\[\]/]+|\[[\da-f:]+\]`;
const port = String.raw`6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[1-5]?\d{1,4}`;
const hostPort = new RegExp(`^(${host}):(${port})$`);
const hostPorts = new RegExp(`^(${host}):(${port})(,(${host}):(${port}))*$`);
const numbered = String.raw`(\d{1,3}\.){3}\d{1,3}:(${port})`;
const serviceAddress = new RegExp(`^((dns:///)?(${host}):(${port})|${numbered}(,${numbered})+)$`);

/** @throws SettingsError that tells all that is wrong or missing */
export function readServiceSettings(variables: NodeJS.ProcessEnv): ServiceSettings {
  const environment = new Environment(variables);
  const shared = readShared(environment);
  const listen = environment.matching(
    'LISTEN',
    hostPort,
    'host:port of the gRPC server, port 0 for a free one',
    '127.0.0.1:0',
  );
  environment.check();
  const [, name = '', number = ''] = hostPort.exec(listen) ?? [];
  // As node:net has it: brackets belong to addresses with a port.
  return { ...shared(), listen: { host: name.replace(/^\[|\]$/g, ''), port: Number(number) } };
}

/** @throws SettingsError that tells all that is wrong or missing */
export function readGatewaySettings(variables: NodeJS.ProcessEnv): GatewaySettings {
  const environment = new Environment(variables);
  const shared = readShared(environment);
  const host = environment.matching('HOST', /^\S+$/, 'the address to listen at', '127.0.0.1');
  const port = environment.wholeNumber('PORT', 0, 65_535, 8_080);
  const developmentIssuer = environment.oneOf('DEVELOPMENT_ISSUER', ['on', 'off'], 'off') === 'on';
  environment.check();
  return { ...shared(), host, port, developmentIssuer };
}

/** @throws SettingsError that tells all that is wrong or missing */
export function readDistributedSettings(variables: NodeJS.ProcessEnv): DistributedSettings {
  const environment = new Environment(variables);
  const shared = readShared(environment);
  environment.check();
  return shared();
}

/** Reads what all processes are told; what it returns may be called when the environment has been checked. */
function readShared(environment: Environment): () => DistributedSettings {
  environment.oneOf('PROFILE', ['distributed'], 'distributed');
  const mongodbUri = environment.matching(
    'MONGODB_URI',
    /^mongodb(\+srv)?:\/\//,
    'mongodb://host:port,…/?replicaSet=name',
  );
  const brokers = environment.matching(
    'KAFKA_BROKERS',
    hostPorts,
    'host:port of the brokers to ask first, with commas',
  );
  const redis = environment.matching('REDIS_URL', /^rediss?:\/\//, 'redis://host:port', '');
  const prefix = environment.matching(
    'PREFIX',
    /^[a-z][a-z0-9_]{0,30}$/,
    'small letters, digits and _, at most 31',
    'unionfold',
  );
  const partitions = environment.wholeNumber('PARTITIONS', 1, 512, 4);
  const replication = environment.wholeNumber('REPLICATION', 1, 7, 1);
  const masterKey = readMasterKey(environment);
  const logLevel = environment.oneOf('LOG_LEVEL', logLevels, 'info');
  const addresses = new Map<string, string>();
  for (const name of serviceNames) {
    const variable = `${name.toUpperCase()}_ADDRESS`;
    const address = environment.matching(
      variable,
      serviceAddress,
      'host:port, dns:///name:port for all that the name stands for, or several of IPv4 numbers, with commas',
      '',
    );
    if (address !== '') addresses.set(name, address);
  }
  return () => {
    if (masterKey === undefined) throw new Error('the environment has not been checked');
    return {
      mongodbUri,
      kafkaBrokers: brokers.split(','),
      redisUrl: redis === '' ? undefined : redis,
      prefix,
      partitions,
      replication,
      masterKey,
      addresses,
      logLevel,
    };
  };
}

/** The key itself, or a file that holds it, such as a mounted secret. */
function readMasterKey(environment: Environment): MasterKey | undefined {
  const form = '43 base64url characters, the same for all processes';
  const file = environment.optional('MASTER_KEY_FILE');
  if (file === undefined) {
    const text = environment.required(
      'MASTER_KEY',
      `${form}; or MASTER_KEY_FILE, a file with them`,
    );
    if (text === '') return undefined;
    const key = parseMasterKey(text);
    if (key === undefined) environment.refuseSecret('MASTER_KEY', form);
    return key;
  }
  if (environment.optional('MASTER_KEY') !== undefined) {
    environment.refuse('MASTER_KEY_FILE', 'not together with MASTER_KEY');
    return undefined;
  }
  const key = parseMasterKey(contentOf(file) ?? '');
  if (key === undefined)
    environment.refuse('MASTER_KEY_FILE', `a readable file of one line: ${form}`);
  return key;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
