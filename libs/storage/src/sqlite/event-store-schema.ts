import type { DatabaseFormat } from './sqlite-database.ts';

/**
 * One table a partition, keyed by position: every append goes to the right-hand edge of a B-tree, which keeps pages
 * full and the log short, and a partition is read as one range.
 *
 * A stream is found by its number, a hash of its name (see StreamDirectory): eight bytes in the index where the name
 * would take forty or more, for a third to a half more appends a second. The unique index is the last guard of the
 * expected version.
 * @param partition 0-based
 */
function partitionSchema(partition: number): string {
  return `
CREATE TABLE events_${partition} (
  position INTEGER PRIMARY KEY,
  stream_number INTEGER NOT NULL,
  version INTEGER NOT NULL,
  stream TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  data TEXT NOT NULL,
  metadata TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_${partition}_by_stream ON events_${partition} (stream_number, version);
`;
}

/** The tables of an event store with this many partitions, empty; goes into a transaction. */
export function eventStoreSchema(partitions: number): string {
  const tables = Array.from({ length: partitions }, (_, partition) => partitionSchema(partition));
  return `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('partitions', ${partitions});
CREATE TABLE receipts (
  key TEXT NOT NULL UNIQUE,
  fingerprint TEXT NOT NULL,
  result TEXT NOT NULL,
  appended TEXT NOT NULL
) STRICT;
CREATE TABLE snapshots (
  stream TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  schema INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT;
${tables.join('')}`;
}

/**
 * The statement that writes one event. Parameters in order: position, stream number, version, stream, id, type, data
 * (JSON), metadata (JSON), recorded at (milliseconds since 1970, UTC).
 * @param partition 0-based
 */
export function insertEventSql(partition: number): string {
  return `INSERT INTO events_${partition}
  (position, stream_number, version, stream, id, type, data, metadata, recorded_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`;
}

/** The event store's file format. */
export function eventStoreFormat(partitions: number): DatabaseFormat {
  return {
    kind: 'event store',
    applicationId: 0x55466576, // UFev
    schemaVersion: 1,
    schema: eventStoreSchema(partitions),
  };
}
