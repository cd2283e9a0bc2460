import type { EventData, EventMetadata, JsonObject, RecordedEvent } from '@unionfold/eventsourcing';

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

/** An event with its JSON written out. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** Writes out the JSON once, when the event is handed in: later changes to the objects have no effect. */
export function encodeEvent(event: EventData): EncodedEvent {
  return {
    id: event.id,
    type: event.type,
    data: JSON.stringify(event.data),
    metadata: JSON.stringify(event.metadata),
  };
}

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
