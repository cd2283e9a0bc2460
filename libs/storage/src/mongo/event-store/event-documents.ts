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

/** Where events are. */
export const eventsCollection = 'recorded_events';

/** Places of one partition lie in one stretch, so that it is read along one index. */
const positionsPerPartition = 2 ** 44;

/** The most partitions whose places are exact in a double. */
export const maxPartitions = 512;

/** Where an event stands in its stream. Keys are compared field by field, and so are in the order of versions. */
export interface StreamPlace {
  readonly stream: string;
  readonly version: number;
}

/** An event, one document. */
export interface EventDocument {
  /** As the key of the document it is unique, whoever writes. */
  readonly _id: StreamPlace;
  /** In the log: partition × 2^44 + position, which is exact, and in the order of positions. */
  readonly place: number;
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

/** The keys of a stream's events from a version on. */
export function keysOf(stream: string, fromVersion = 1) {
  return { $gte: { stream, version: fromVersion }, $lte: { stream, version: Infinity } };
}

/** The place of a position; of position 0, the place just before the partition's first. */
export function placeOf(partition: number, position: number): number {
  return partition * positionsPerPartition + position;
}

/** The partition that a place lies in. */
export function partitionAt(place: number): number {
  return Math.floor(place / positionsPerPartition);
}

export function eventDocument(
  { stream, version, partition, position }: AppendedEvent,
  { id, type, data, metadata }: EncodedEvent,
  recordedAt: Date,
): EventDocument {
  const place = placeOf(partition, position);
  return { _id: { stream, version }, place, id, type, data, metadata, recordedAt };
}

export function recordedEvent(document: EventDocument): RecordedEvent {
  const { _id, place, id, type, data, metadata, recordedAt } = document;
  const partition = partitionAt(place);
  return {
    id,
    type,
    data: JSON.parse(data) as JsonObject,
    metadata,
    stream: _id.stream,
    version: _id.version,
    partition,
    position: place - partition * positionsPerPartition,
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
