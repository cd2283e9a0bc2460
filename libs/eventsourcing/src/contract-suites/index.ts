export * from './event-log-contract.ts';
export * from './event-store-contract.ts';
export type { EventStoreFixture, EventStoreFixtureFactory } from './event-store-fixture.ts';
