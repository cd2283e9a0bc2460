import type { EventData, RecordedEvent } from './event.ts';
import type { JsonObject, JsonValue } from './json.ts';

/** The version a stream must have for an append: 0 means it must not exist, `'any'` asks nothing. */
export type ExpectedVersion = number | 'any';

/** Events for one stream. With no events, the append only checks the version (a guard). */
export interface StreamAppend {
  readonly stream: string;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly EventData[];
}

/** What remembers a command, so that the same idempotency key finds its first result. */
export interface CommandReceipt {
  readonly key: string;
  /** Hash of the command; the same key with another fingerprint is a caller's mistake. */
  readonly fingerprint: string;
  readonly result: JsonObject;
}

/** Where one appended event went. */
export interface AppendedEvent {
  readonly stream: string;
  readonly version: number;
  readonly partition: number;
  readonly position: number;
}

/** What an append did, one entry an event, in the order given. */
export type AppendResult = readonly AppendedEvent[];

/** A receipt as found again, with what its append did. */
export interface StoredReceipt extends CommandReceipt {
  readonly appended: AppendResult;
}

/** The newest state of a stream, kept so that loading need not fold it all. A cache: may be dropped at any time. */
export interface Snapshot {
  readonly stream: string;
  readonly version: number;
  /** The decider's snapshot schema; a snapshot of another schema is ignored. */
  readonly schema: number;
  readonly state: JsonValue;
}

/**
 * The event store port.
 *
 * Adapters hold: an append is durable once its promise resolves; versions of a stream and positions of a partition
 * have no gaps, and a reader that has seen position n never later finds a new event at or below n; all streams of one
 * append are written or none; concurrent appends share transactions.
 */
export interface EventStore {
  /** Number of partitions; fixed when the store is created. */
  readonly partitions: number;

  /**
   * Appends to one or several streams atomically. The same stream may stand only once.
   * @throws VersionConflictError when an expected version does not hold; nothing was written
   * @throws DuplicateReceiptError when the receipt's key is known; nothing was written
   * @throws StoreUnavailableError when the store cannot take it now; nothing was acknowledged
   */
  append(appends: readonly StreamAppend[], receipt?: CommandReceipt): Promise<AppendResult>;

  /** Reads a stream in version order, from `fromVersion` (default 1); empty if there is nothing. */
  readStream(stream: string, fromVersion?: number): Promise<readonly RecordedEvent[]>;

  /** Reads a partition in position order, after `afterPosition`, at most `limit` events. */
  readPartition(
    partition: number,
    afterPosition: number,
    limit: number,
  ): Promise<readonly RecordedEvent[]>;

  /** The last position of every partition, 0 where it is empty; index = partition. */
  heads(): Promise<readonly number[]>;

  /**
   * Follows a partition from after a position: calls the handler with batches in order, the next one when the promise
   * of the one before has resolved. A rejection ends the subscription and is given to `onError`.
   */
  subscribe(options: StoreSubscriptionOptions): StoreSubscription;

  /** Finds a receipt by its key. */
  findReceipt(key: string): Promise<StoredReceipt | undefined>;

  loadSnapshot(stream: string): Promise<Snapshot | undefined>;

  /** Keeps a snapshot unless a newer one of the same schema is there. */
  saveSnapshot(snapshot: Snapshot): Promise<void>;

  /** Waits for appends under way, then closes. */
  close(): Promise<void>;
}

/** See {@link EventStore.subscribe}. */
export interface StoreSubscriptionOptions {
  readonly partition: number;
  readonly afterPosition: number;
  /** Largest batch. */
  readonly maxBatch: number;
  readonly handle: (events: readonly RecordedEvent[]) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** A running subscription. */
export interface StoreSubscription {
  /** Stops; resolves when the handler under way has ended. */
  stop(): Promise<void>;
}

/** The stream is not at the expected version: somebody else was faster. Loading again and deciding anew is the cure. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';

  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`stream ${stream} is at version ${actual}, expected ${expected}`);
  }
}

/** The command was carried out before; the receipt tells its first result. */
export class DuplicateReceiptError extends Error {
  override readonly name = 'DuplicateReceiptError';

  constructor(readonly receipt: StoredReceipt) {
    super('a receipt with this idempotency key exists');
  }
}

/** The store cannot be reached or is closing. Does not mean that an append in flight was lost: its outcome is unknown. */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}

/** The data on disk is damaged, or belongs to something else. Nothing was changed. */
export class StoreCorruptError extends Error {
  override readonly name = 'StoreCorruptError';
}
