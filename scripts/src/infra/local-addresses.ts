import type { ServerAddresses } from './addresses.ts';
import { kafkaBroker } from './native/kafka.ts';
import { mongodbUri } from './native/mongodb.ts';
import { redisUrl } from './native/redis.ts';
import type { ServerName } from './native/server-program.ts';

/** A port of this machine for each server. */
export type Ports = Readonly<Record<ServerName, number>>;

/** Where servers on these ports of 127.0.0.1 answer, native or in containers. */
export function localAddresses(ports: Ports): ServerAddresses {
  return {
    mongodbUri: mongodbUri(ports.mongodb),
    kafkaBrokers: [kafkaBroker(ports.kafka)],
    redisUrl: redisUrl(ports.redis),
  };
}
