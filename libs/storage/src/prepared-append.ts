import {
  type CommandReceipt,
  type EventData,
  type EventMetadata,
  partitionOf,
  type StreamAppend,
} from '@unionfold/eventsourcing';

/** An event with the JSON of its data written out. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: EventMetadata;
}

/** One stream's part of an append, ready to be written. */
export interface PreparedStream {
  readonly stream: string;
  readonly partition: number;
  readonly expectedVersion: number | 'any';
  readonly events: readonly EncodedEvent[];
}

/** A receipt with its JSON written out. */
export interface PreparedReceipt {
  readonly key: string;
  readonly fingerprint: string;
  readonly result: string;
}

/** An append with all that can be done before its transaction. */
export interface PreparedAppend {
  readonly streams: readonly PreparedStream[];
  readonly receipt: PreparedReceipt | undefined;
  readonly eventCount: number;
}

/**
 * Checks and encodes an append.
 * @throws RangeError when a stream stands twice or a version is not one; TypeError when data is not JSON
 */
export function prepareAppend(
  appends: readonly StreamAppend[],
  receipt: CommandReceipt | undefined,
  partitions: number,
): PreparedAppend {
  if (appends.length > 1 && new Set(appends.map(({ stream }) => stream)).size < appends.length) {
    throw new RangeError('the same stream stands twice in one append');
  }
  let eventCount = 0;
  const streams = appends.map(({ stream, expectedVersion, events }) => {
    if (
      expectedVersion !== 'any' &&
      !(Number.isSafeInteger(expectedVersion) && expectedVersion >= 0)
    ) {
      throw new RangeError(`expected version ${expectedVersion} is not a version`);
    }
    eventCount += events.length;
    return {
      stream,
      partition: partitionOf(stream, partitions),
      expectedVersion,
      events: events.map(encodeEvent),
    };
  });
  return {
    streams,
    receipt: receipt && {
      key: receipt.key,
      fingerprint: receipt.fingerprint,
      result: JSON.stringify(receipt.result),
    },
    eventCount,
  };
}

/** Takes what is needed when the event is handed in: later changes to the objects have no effect. */
function encodeEvent(event: EventData): EncodedEvent {
  return {
    id: event.id,
    type: event.type,
    data: JSON.stringify(event.data),
    metadata: copyOf(event.metadata),
  };
}

/** As JSON has it: what is undefined is not there. */
function copyOf(metadata: EventMetadata): EventMetadata {
  const entries = Object.entries(metadata);
  return entries.some(([, value]) => value === undefined)
    ? (Object.fromEntries(
        entries.filter(([, value]) => value !== undefined),
      ) as unknown as EventMetadata)
    : { ...metadata };
}
