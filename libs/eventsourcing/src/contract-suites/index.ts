export * from './document-store-contract.ts';
export type {
  DocumentStoreFixture,
  DocumentStoreFixtureFactory,
} from './document-store-fixture.ts';
export * from './event-log-contract.ts';
export { type EventLogHarness, isPublicContractEvent } from './event-log-fixture.ts';
export * from './event-store-contract.ts';
export type { EventStoreFixture, EventStoreFixtureFactory } from './event-store-fixture.ts';
export * from './relay-store-contract.ts';
