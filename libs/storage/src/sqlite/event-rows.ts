import type { EventMetadata, JsonObject, RecordedEvent } from '@unionfold/eventsourcing';

/** The columns of an event that are read, in the order of {@link EventRow}. */
export const eventColumns = 'position, version, stream, id, type, data, metadata, recorded_at';

/** One row of {@link eventColumns}. */
export type EventRow = readonly [
  position: number,
  version: number,
  stream: string,
  id: string,
  type: string,
  data: string,
  metadata: string,
  recordedAt: number,
];

/** Rows of one partition as events. */
export function recordedEvents(partition: number, rows: readonly EventRow[]): RecordedEvent[] {
  let milliseconds = Number.NaN;
  let recordedAt = '';
  return rows.map(([position, version, stream, id, type, data, metadata, recorded]) => {
    // Neighbours share their transaction's time.
    if (recorded !== milliseconds) {
      milliseconds = recorded;
      recordedAt = new Date(recorded).toISOString();
    }
    return {
      id,
      type,
      data: JSON.parse(data) as JsonObject,
      metadata: JSON.parse(metadata) as EventMetadata,
      stream,
      version,
      partition,
      position,
      recordedAt,
    };
  });
}
