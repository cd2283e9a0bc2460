import type { DocumentStore } from './document-store.ts';
import type { DecodedEvent, EventCodec } from './event-codec.ts';
import type { EventLog } from './event-log.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/**
 * What is done with an event that cannot be handled after bounded retries. `park`: it becomes a dead letter, and later
 * events of its stream are parked with it, so that the others go on. `wait`: the partition waits and retries for ever.
 */
export type PoisonPolicy = 'park' | 'wait';

/** What a consumer does. */
export interface ConsumerDefinition {
  /** Name of the group and of the checkpoints; stable. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly onPoison: PoisonPolicy;
  /**
   * Whether one process at a time handles all partitions: for documents that depend on events of several partitions,
   * which two processes would write over each other. Default false: processes share the partitions.
   */
  readonly exclusive?: boolean;
  /** Whether `apply` needs personal fields in plain. Default no: they are absent, and the sealed text is at hand. */
  readonly opensPersonal?: boolean;
  /** Largest batch, and so the largest transaction. Default 500. */
  readonly maxBatch?: number;
  /** Maps collection names to those of the generation being written. */
  readonly physical?: (collection: string) => string;
  /** Reads documents that the batch will need, together. Nothing may depend on it: when it fails, the batch goes on. */
  readonly prefetch?: (events: readonly DecodedEvent[], documents: UnitOfWork) => Promise<void>;
  /**
   * Handles one event by writing documents. An effect outside the documents must be idempotent, because the event comes
   * again when the process dies before its checkpoint.
   * @throws TransientError when it should be tried again for as long as it takes
   */
  readonly apply: (event: DecodedEvent, documents: UnitOfWork) => Promise<void>;
}

/** What a consumer works with. */
export interface ConsumerEnvironment {
  readonly log: EventLog;
  readonly documents: DocumentStore;
  readonly codec: EventCodec;
  readonly clock: () => Date;
  readonly onError: (consumer: string, error: unknown) => void;
  /** Set where other processes use the same document store; see {@link PeerTimes}. */
  readonly peers?: PeerTimes;
  /**
   * Shortest time from one change of a consumer's documents to the next while less than a whole batch waits, so that
   * more events share a transaction. The first event after a pause does not wait. Milliseconds. Default 0.
   */
  readonly paceMs?: number;
  /** Tries of one event before it is given up. Default 4. */
  readonly maxAttempts?: number;
  /**
   * Why an event could not be handled, for dead letters and logs. Must tell nothing personal, although the error's
   * message may. Default: the error's name alone.
   */
  readonly describeFailure?: (error: unknown, event: DecodedEvent) => string;
}

/** How processes that share a document store take notice of each other. Milliseconds. */
export interface PeerTimes {
  /** Pause between two looks at what the others have decided about a projection's generations. */
  readonly lookMs: number;
  /** How long a replaced generation is kept for those who have not noticed: several times `lookMs`. */
  readonly graceMs: number;
}

/** Something that will work later: a service that is down, a store that does not answer. Never a dead letter. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** How far a consumer is. */
export interface ConsumerPosition {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
}
