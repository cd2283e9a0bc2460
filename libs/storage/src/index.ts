export { DataFolder, type DataFolderOptions } from './data-folder/data-folder.ts';
export { DataFolderError, type DataFolderErrorCode } from './data-folder/data-folder-error.ts';
export { DocumentNotUniqueError } from './document-not-unique-error.ts';
export { AbandonedTransactions } from './mongo/connection/abandoned-transactions.ts';
export {
  MongoConnection,
  type MongoConnectionOptions,
} from './mongo/connection/mongo-connection.ts';
export { patiently } from './mongo/connection/patience.ts';
export {
  MongoDocumentStore,
  type MongoDocumentStoreOptions,
} from './mongo/document-store/mongo-document-store.ts';
export {
  MongoEventStore,
  type MongoEventStoreOptions,
} from './mongo/event-store/mongo-event-store.ts';
export { MongoKeyStore } from './mongo/key-store/mongo-key-store.ts';
export { MongoRelayStore } from './mongo/relay-store/mongo-relay-store.ts';
export { eventStoreSchema, insertEventSql } from './sqlite/event-store-schema.ts';
export { durabilityPragmas } from './sqlite/sqlite-database.ts';
export {
  SqliteDocumentStore,
  type SqliteDocumentStoreOptions,
} from './sqlite/sqlite-document-store.ts';
export { SqliteEventStore, type SqliteEventStoreOptions } from './sqlite/sqlite-event-store.ts';
export { SqliteKeyStore, type SqliteKeyStoreOptions } from './sqlite/sqlite-key-store.ts';
export { streamNumber } from './sqlite/stream-number.ts';
