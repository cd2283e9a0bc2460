import { expect, it } from 'vitest';
import { addressesFromEnvironment, environmentOf } from './addresses.ts';

const addresses = {
  mongodbUri: 'mongodb://db:27017/?replicaSet=rs0',
  kafkaBrokers: ['one:9092', 'two:9092'],
  redisUrl: 'redis://cache:6379',
};

it('reads back the environment that it writes', () => {
  expect(addressesFromEnvironment(environmentOf(addresses))).toEqual(addresses);
});

it('takes empty variables for none', () => {
  expect(addressesFromEnvironment({ MONGODB_URI: '', REDIS_URL: '' })).toBeUndefined();
});

it('refuses some of the three, naming those that are missing', () => {
  expect(() => addressesFromEnvironment({ REDIS_URL: 'redis://cache:6379' })).toThrow(
    'missing: MONGODB_URI, KAFKA_BROKERS',
  );
});
