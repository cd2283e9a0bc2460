import type { JsonValue } from './json.ts';

/** A document: JSON with an id. */
export interface Document {
  readonly id: string;
  readonly [field: string]: JsonValue | undefined;
}

/** An index over fields, in order. Lists are read along an index, so the sort fields of a query stand last in one. */
export interface IndexSpec {
  readonly fields: readonly string[];
  readonly unique?: boolean;
}

/** What a collection's documents are found by. */
export interface CollectionSpec {
  /** Letters, digits, `_` and `-`. */
  readonly name: string;
  /** Indexed fields hold strings, numbers, booleans or nothing. */
  readonly indexes: readonly IndexSpec[];
  /**
   * Fields that hold a path such as `/cn/cn-37/cn-3702/`: every segment ends with `/`, so that a subtree is a prefix.
   * They can be rewritten in bulk ({@link PathRewrite}).
   */
  readonly paths?: readonly string[];
  /** A field that holds an array of search terms; a query's `term` finds the documents that have it. */
  readonly terms?: string;
}

/** A field's value to look for; `undefined` and `null` both mean that the field is absent. */
export type Scalar = string | number | boolean | null;

/** A query along one collection. All conditions hold at once. */
export interface DocumentQuery {
  /** Field equals value, or one of several values. */
  readonly where?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  /** String field starts with. */
  readonly prefix?: Readonly<Record<string, string>>;
  /** The collection's terms field contains this term. */
  readonly term?: string;
  /** Sort fields, ascending; `id` is always added last, so the order is total. */
  readonly orderBy?: readonly string[];
  /** Keyset pagination: values of the sort fields (with `id`) of the last document of the page before. */
  readonly after?: readonly Scalar[];
  /** At most this many documents. */
  readonly limit: number;
}

/** Replaces a path prefix in every document of a collection whose path starts with it: moves a whole subtree. */
export interface PathRewrite {
  readonly collection: string;
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** How far a consumer has come in one partition of one topic. */
export interface Checkpoint {
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  /** Last position of the owning event store that was handled, parked or dead-lettered. */
  readonly position: number;
  /** The event log's own cursor after that event. */
  readonly cursor: string;
}

/** Moves a checkpoint forward, if it still stands where the consumer believes. */
export interface CheckpointAdvance extends Checkpoint {
  /** The position before; 0 where there was no checkpoint. */
  readonly expectedPosition: number;
}

/** The right to write for a consumer, as {@link DocumentStore.takeOver} has given it. */
export interface Tenure {
  readonly consumer: string;
  readonly epoch: number;
}

/** Everything one batch does, written at once or not at all, in the order: rewrites, puts, deletes, checkpoints. */
export interface DocumentChange {
  /**
   * Whose change it is. Refused when another process has taken over since, so that what a holder has read stays true
   * until its change is written, whatever partition it came from.
   */
  readonly tenure?: Tenure;
  readonly rewrites?: readonly PathRewrite[];
  readonly puts?: readonly { readonly collection: string; readonly document: Document }[];
  readonly deletes?: readonly { readonly collection: string; readonly id: string }[];
  readonly checkpoints?: readonly CheckpointAdvance[];
}

/**
 * The document store port: read models and the checkpoints of what feeds them.
 *
 * Adapters hold: a change is atomic and survives the process once its promise resolves (a power loss may take the last
 * changes away, whole and with their checkpoints, so that their events come again); readers see it whole or not at all; a change
 * whose checkpoint does not stand at the expected position is refused whole, so that two consumers of the same
 * partition can never both apply an event.
 */
export interface DocumentStore {
  /** The same store read past a cache, where it has one: for consumers, which read each document once. */
  readonly uncached?: DocumentStore;
  /** Creates collections and indexes that are missing. */
  define(collections: readonly CollectionSpec[]): Promise<void>;
  /** Removes collections with all that is in them. */
  drop(collections: readonly string[]): Promise<void>;
  /** Names of the collections that exist. */
  collections(): Promise<readonly string[]>;

  get(collection: string, id: string): Promise<Document | undefined>;
  /** Documents by id; ids that are not there are left out. */
  getMany(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Document>>;
  find(collection: string, query: DocumentQuery): Promise<readonly Document[]>;
  /** Counts documents that meet `where`, `prefix` and `term`, stopping at `limit`. */
  count(collection: string, query: DocumentQuery): Promise<number>;

  /**
   * @throws CheckpointConflictError when another consumer has moved a checkpoint; nothing was written
   * @throws TenureEndedError when another process has taken over the change's consumer; nothing was written
   * @throws StoreUnavailableError when the store cannot take it now
   */
  commit(change: DocumentChange): Promise<void>;

  /**
   * Makes the caller the one holder of a consumer: the changes of every holder before are refused from now on, and what
   * they wrote is visible to the caller's reads. Epochs grow by one and survive a restart.
   */
  takeOver(consumer: string): Promise<Tenure>;
  /** The checkpoints of a consumer, all topics and partitions. */
  checkpoints(consumer: string): Promise<readonly Checkpoint[]>;
  /** Forgets a consumer's checkpoints; its epoch stays. */
  dropCheckpoints(consumer: string): Promise<void>;

  /** Waits for changes under way, then closes. */
  close(): Promise<void>;
}

/** Another consumer has advanced the checkpoint: this one no longer owns the partition. */
export class CheckpointConflictError extends Error {
  override readonly name = 'CheckpointConflictError';

  constructor(
    readonly consumer: string,
    readonly topic: string,
    readonly partition: number,
  ) {
    super(`checkpoint of ${consumer} in ${topic}/${partition} has moved`);
  }
}

/** Another process has taken the consumer over: this one's reads may be out of date. */
export class TenureEndedError extends Error {
  override readonly name = 'TenureEndedError';

  constructor(
    readonly consumer: string,
    readonly epoch: number,
  ) {
    super(`${consumer} was taken over since epoch ${epoch}`);
  }
}
