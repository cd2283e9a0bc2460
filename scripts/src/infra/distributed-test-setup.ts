import { addressesFromEnvironment } from './addresses.ts';
import { allAnswer } from './readiness.ts';

/**
 * Runs before all tests of the distributed profile: a server that does not answer fails the run at once and by name,
 * instead of each test by its time limit.
 */
export async function setup(): Promise<void> {
  const addresses = addressesFromEnvironment(process.env);
  if (addresses === undefined) {
    throw new Error('no MONGODB_URI, KAFKA_BROKERS and REDIS_URL: run npm run test:distributed');
  }
  await allAnswer(addresses, { withinMs: 15_000 });
}
