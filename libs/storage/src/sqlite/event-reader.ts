import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { RecordedEvent } from '@unionfold/eventsourcing';
import { type EventRow, eventColumns, recordedEvents } from './event-rows.ts';
import { preparePerPartition } from './per-partition.ts';
import type { StreamDirectory } from './stream-directory.ts';

/** Reads events, synchronously. */
export class EventReader {
  readonly #streams: StreamDirectory;
  readonly #selectPartition: (partition: number) => StatementSync;
  readonly #selectStream: (partition: number) => StatementSync;
  readonly #selectHead: (partition: number) => StatementSync;

  constructor(database: DatabaseSync, partitions: number, streams: StreamDirectory) {
    this.#streams = streams;
    this.#selectPartition = preparePerPartition(
      database,
      partitions,
      (partition) =>
        `SELECT ${eventColumns} FROM events_${partition}
         WHERE position > ? ORDER BY position LIMIT ?`,
    );
    this.#selectStream = preparePerPartition(
      database,
      partitions,
      (partition) =>
        `SELECT ${eventColumns} FROM events_${partition}
         WHERE stream_number = ? AND version > ? ORDER BY version LIMIT ?`,
    );
    this.#selectHead = preparePerPartition(
      database,
      partitions,
      (partition) => `SELECT coalesce(max(position), 0) FROM events_${partition}`,
    );
  }

  /** Events of a partition in position order. */
  partition(partition: number, afterPosition: number, limit: number): RecordedEvent[] {
    const rows = this.#selectPartition(partition).all(afterPosition, limit);
    return recordedEvents(partition, rows as unknown as EventRow[]);
  }

  /** Events of a stream in version order. */
  stream(partition: number, stream: string, afterVersion: number, limit: number): RecordedEvent[] {
    const { number, version } = this.#streams.entry(partition, stream);
    if (version <= afterVersion) return [];
    const rows = this.#selectStream(partition).all(number, afterVersion, limit);
    return recordedEvents(partition, rows as unknown as EventRow[]);
  }

  /** Last position of a partition, 0 where it is empty. */
  head(partition: number): number {
    const row = this.#selectHead(partition).get() as unknown as readonly [number];
    return row[0];
  }
}
