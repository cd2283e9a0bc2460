import { type MasterKey, parseMasterKey } from '@unionfold/privacy';
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
  /** `host:port` of its gRPC server. */
  readonly listen: string;
}

/** What a gateway is told besides. */
export interface GatewaySettings extends DistributedSettings {
  readonly host: string;
  readonly port: number;
  /** Whether anybody may sign in as anybody: for demonstrations only. */
  readonly developmentIssuer: boolean;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
const serviceNames = ['organizations', 'members', 'welfare', 'notifications'] as const;
const hostPort = /^[^\s:,]+:\d{1,5}$/;
const addressForm = /^(dns:\/\/\/)?[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$/;

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
  return { ...shared(), listen };
}

/** @throws SettingsError that tells all that is wrong or missing */
export function readGatewaySettings(variables: NodeJS.ProcessEnv): GatewaySettings {
  const environment = new Environment(variables);
  const shared = readShared(environment);
  const host = environment.optional('HOST') ?? '127.0.0.1';
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
    /^[^\s:,]+:\d{1,5}(,[^\s:,]+:\d{1,5})*$/,
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
      addressForm,
      'host:port, several with commas, or dns:///name:port',
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

function readMasterKey(environment: Environment): MasterKey | undefined {
  const allowed =
    '43 base64url characters, the same for all processes (a new one: openssl rand -base64 32 | tr "+/" "-_" | tr -d =)';
  const text = environment.required('MASTER_KEY', allowed);
  if (text === '') return undefined;
  const key = parseMasterKey(text);
  if (key === undefined) environment.refuseSecret('MASTER_KEY', allowed);
  return key;
}
