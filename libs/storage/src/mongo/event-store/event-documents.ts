import type {
  AppendedEvent,
  AppendResult,
  EventMetadata,
  JsonObject,
  JsonValue,
  RecordedEvent,
  Snapshot,
  StoredReceipt,
} from '@unionfold/eventsourcing';
import type { EncodedEvent } from '../../prepared-append.ts';

/** Positions of one partition lie in one stretch of ids, so that it is read along the collection itself. */
const positionsPerPartition = 2 ** 44;

/** The most partitions whose ids are exact in a double. */
export const maxPartitions = 512;

/** An event, one document. */
export interface EventDocument {
  /** partition × 2^44 + position: exact, and in the order of positions. */
  readonly _id: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  /**
   * Canonical proto3 JSON as text: exactly what was decided, whatever its keys and numbers are, and what the relay
   * passes on as it is.
   */
  readonly data: string;
  readonly metadata: EventMetadata;
  readonly recordedAt: Date;
}

/** The counter of a partition. Every transaction that concerns the partition writes it. */
export interface PartitionDocument {
  readonly _id: number;
  /** Last position given out. */
  readonly position: number;
  /**
   * Which of which writer's transactions moved it last, `<writer>/<number>`: another value each time, because a change
   * stream tells of values that have changed.
   */
  readonly by?: string;
  /** Counts transactions that relied on a stream of the partition without appending to it. */
  readonly guards: number;
}

/** A receipt. A stream's events of one append follow each other in version and in position. */
export interface ReceiptDocument {
  readonly _id: string;
  readonly fingerprint: string;
  /** JSON. */
  readonly result: string;
  readonly appended: readonly {
    readonly stream: string;
    readonly partition: number;
    readonly version: number;
    readonly position: number;
    readonly events: number;
  }[];
  readonly at: Date;
}

export interface SnapshotDocument {
  readonly _id: string;
  readonly version: number;
  readonly schema: number;
  /** JSON. */
  readonly state: string;
}

/** The id of a position; of position 0, the id just before the partition's first. */
export function eventId(partition: number, position: number): number {
  return partition * positionsPerPartition + position;
}

/** The partition of an event's id. */
export function partitionOfId(id: number): number {
  return Math.floor(id / positionsPerPartition);
}

export function eventDocument(
  { stream, version, partition, position }: AppendedEvent,
  { id, type, data, metadata }: EncodedEvent,
  recordedAt: Date,
): EventDocument {
  const _id = eventId(partition, position);
  return { _id, stream, version, id, type, data, metadata, recordedAt };
}

export function recordedEvent(document: EventDocument): RecordedEvent {
  const { _id, stream, version, id, type, data, metadata, recordedAt } = document;
  const partition = partitionOfId(_id);
  return {
    id,
    type,
    data: JSON.parse(data) as JsonObject,
    metadata,
    stream,
    version,
    partition,
    position: _id - partition * positionsPerPartition,
    recordedAt: recordedAt.toISOString(),
  };
}

export function receiptDocument(
  receipt: { readonly key: string; readonly fingerprint: string; readonly result: string },
  appended: AppendResult,
  at: Date,
): ReceiptDocument {
  const stretches: {
    -readonly [K in keyof ReceiptDocument['appended'][number]]: ReceiptDocument['appended'][number][K];
  }[] = [];
  for (const { stream, partition, version, position } of appended) {
    const last = stretches.at(-1);
    if (last?.stream === stream) last.events += 1;
    else stretches.push({ stream, partition, version, position, events: 1 });
  }
  return {
    _id: receipt.key,
    fingerprint: receipt.fingerprint,
    result: receipt.result,
    appended: stretches,
    at,
  };
}

export function storedSnapshot({
  _id: stream,
  version,
  schema,
  state,
}: SnapshotDocument): Snapshot {
  return { stream, version, schema, state: JSON.parse(state) as JsonValue };
}

export function storedReceipt(document: ReceiptDocument): StoredReceipt {
  return {
    key: document._id,
    fingerprint: document.fingerprint,
    result: JSON.parse(document.result) as JsonObject,
    appended: document.appended.flatMap(({ stream, partition, version, position, events }) =>
      Array.from({ length: events }, (_, nth) => ({
        stream,
        version: version + nth,
        partition,
        position: position + nth,
      })),
    ),
  };
}
