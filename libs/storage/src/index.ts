export { eventStoreSchema, insertEventSql } from './sqlite/event-store-schema.ts';
export { durabilityPragmas } from './sqlite/sqlite-database.ts';
export { SqliteEventStore, type SqliteEventStoreOptions } from './sqlite/sqlite-event-store.ts';
