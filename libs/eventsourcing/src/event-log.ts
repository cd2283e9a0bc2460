import type { RecordedEvent } from './event.ts';

/** A stretch of one partition of one topic, in order. */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  /** Public events only; may be empty when the stretch held none. */
  readonly events: readonly RecordedEvent[];
  /** Position of the owning store that the stretch reaches. */
  readonly position: number;
  /** The log's cursor after the stretch, opaque to consumers. */
  readonly cursor: string;
}

/** What a consumer asks of the log. */
export interface ConsumeOptions {
  /** Members of one group share the partitions; each partition has one member at a time. */
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Whether one member has all partitions of the group and the others stand by. For consumers whose documents depend on
   * events of several partitions. Default false. All members of a group say the same.
   */
  readonly exclusive?: boolean;
  readonly maxBatch: number;
  /** Asked when a partition is assigned: the consumer's own checkpoint, or undefined to start at the beginning. */
  readonly startAfter: (
    topic: string,
    partition: number,
  ) => Promise<{ readonly position: number; readonly cursor: string } | undefined>;
  /**
   * Resolves when the effects and the checkpoint are durable. A rejection means that nothing of the batch counts: the
   * partition is asked for its checkpoint again after a back-off and delivered from there.
   */
  readonly handle: (batch: LogBatch) => Promise<void>;
  /** Told of every rejection and of every failure to read. */
  readonly onError: (error: unknown) => void;
}

/** A member of a consumer group. */
export interface LogConsumer {
  /** The partitions this member has now. */
  assignments(): readonly { readonly topic: string; readonly partition: number }[];
  /** Leaves the group; resolves when the batch under way has ended. */
  stop(): Promise<void>;
}

/**
 * The reading side of the event log between services.
 *
 * Adapters hold: per partition in order, one batch at a time; at least once; nothing that was not appended; a member
 * that leaves or dies is replaced by another one of its group.
 */
export interface EventLog {
  /** Joins the group and starts. */
  consume(options: ConsumeOptions): LogConsumer;
  /**
   * How far every partition of a topic goes; index = partition. At least the position of its last public event that was
   * published when asked; a consumer that has handled all that is published has reached it.
   * @throws UnknownTopicError when the log does not have the topic (yet)
   */
  heads(topic: string): Promise<readonly number[]>;
  /**
   * Publishes a dead letter beside the log, where the log has a place for it, so that operators' tools see it. At least
   * once; resolves when it is durable.
   */
  publishDeadLetter?(letter: PublishedDeadLetter): Promise<void>;
  close(): Promise<void>;
}

/** An event that a consumer could not handle, or that waits behind one. */
export interface PublishedDeadLetter {
  readonly consumer: string;
  readonly topic: string;
  readonly recorded: RecordedEvent;
  /** Free of personal data. */
  readonly reason: string;
  readonly attempts: number;
  readonly parked: boolean;
  /** ISO 8601 UTC. */
  readonly failedAt: string;
}

/** The log has no such topic, or not yet. */
export class UnknownTopicError extends Error {
  override readonly name = 'UnknownTopicError';

  constructor(readonly topic: string) {
    super(`the event log has no topic ${topic}`);
  }
}

/** The topic that holds a service's public events. */
export function eventsTopic(service: string): string {
  return `unionfold.${service}.events.v1`;
}
