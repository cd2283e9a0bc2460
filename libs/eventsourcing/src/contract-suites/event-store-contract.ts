import { describe } from 'vitest';
import { appendingContract } from './event-store-appending.ts';
import { concurrencyContract } from './event-store-concurrency.ts';
import { durabilityContract } from './event-store-durability.ts';
import type { EventStoreFixtureFactory } from './event-store-fixture.ts';
import { modelContract } from './event-store-model.ts';
import { readingContract } from './event-store-reading.ts';
import { receiptsContract } from './event-store-receipts.ts';
import { subscriptionsContract } from './event-store-subscriptions.ts';

/**
 * What every adapter of the event store port must do, as vitest suites.
 * @param name the adapter's name in the report
 * @param factory makes an empty store for each test
 */
export function eventStoreContract(name: string, factory: EventStoreFixtureFactory): void {
  describe(`${name} keeps the event store contract`, () => {
    appendingContract(factory);
    receiptsContract(factory);
    readingContract(factory);
    concurrencyContract(factory);
    subscriptionsContract(factory);
    durabilityContract(factory);
    modelContract(factory);
  });
}
