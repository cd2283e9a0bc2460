import type { EventMetadata, JsonObject } from '@unionfold/eventsourcing';

/** An event as its store has it, read without the store's own code. */
export interface StoredEvent {
  readonly position: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
  /** ISO 8601 UTC. */
  readonly recordedAt: string;
}

/** The events of one partition, as far as the check of a topic asks for them. */
export interface PartitionEvents {
  /** In the order of positions, after a position, at most `limit`. */
  after(position: number, limit: number): Promise<readonly StoredEvent[]>;
  /** By position; those that are not there are left out. */
  at(positions: readonly number[]): Promise<ReadonlyMap<number, StoredEvent>>;
}

/** A record of a topic, as it lies in Kafka. */
export interface TopicRecord {
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** What the relay says of one partition. */
export interface RelayRecord {
  /** Last position dealt with. */
  readonly position: number;
  /** Last public position that Kafka has acknowledged. */
  readonly published: number;
}
