/** Where the servers of the distributed profile answer. */
export interface ServerAddresses {
  /** Connection string with the replica set's name, without a database. */
  readonly mongodbUri: string;
  /** `host:port` of each broker to ask first. */
  readonly kafkaBrokers: readonly string[];
  readonly redisUrl: string;
}

/** Some addresses are told and others not, so that it is unclear which servers are meant. */
export class AddressesError extends Error {
  override readonly name = 'AddressesError';
}

/** The addresses as the environment variables that every process of the distributed profile reads. */
export function environmentOf(addresses: ServerAddresses): {
  readonly MONGODB_URI: string;
  readonly KAFKA_BROKERS: string;
  readonly REDIS_URL: string;
} {
  return {
    MONGODB_URI: addresses.mongodbUri,
    KAFKA_BROKERS: addresses.kafkaBrokers.join(','),
    REDIS_URL: addresses.redisUrl,
  };
}

/**
 * The addresses that the environment tells, or undefined when it tells none.
 * @throws AddressesError when it tells some of the three only
 */
export function addressesFromEnvironment(
  environment: NodeJS.ProcessEnv,
): ServerAddresses | undefined {
  const told = {
    MONGODB_URI: environment['MONGODB_URI'] || undefined,
    KAFKA_BROKERS: environment['KAFKA_BROKERS'] || undefined,
    REDIS_URL: environment['REDIS_URL'] || undefined,
  };
  const { MONGODB_URI: mongodbUri, KAFKA_BROKERS: brokers, REDIS_URL: redisUrl } = told;
  if (mongodbUri !== undefined && brokers !== undefined && redisUrl !== undefined) {
    const kafkaBrokers = brokers.split(',').map((broker) => broker.trim());
    return { mongodbUri, kafkaBrokers, redisUrl };
  }
  const missing = Object.entries(told).filter(([, value]) => value === undefined);
  if (missing.length === Object.keys(told).length) return undefined;
  throw new AddressesError(
    `set all of MONGODB_URI, KAFKA_BROKERS and REDIS_URL or none; missing: ${missing.map(([name]) => name).join(', ')}`,
  );
}
