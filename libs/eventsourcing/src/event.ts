import type { JsonObject } from './json.ts';

/** What a decider returns and folds: a past-tense fact, `{ type: 'UnionRenamed', data: {...} }`. */
export interface DomainEvent<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
}

/** Who and what led to an event. Holds pseudonyms only, never a person's name or number. */
export interface EventMetadata {
  /** Pseudonymous id of the caller, or `system:<consumer>` for a reaction. */
  readonly actor: string;
  /** One id for everything that follows from one outside request. */
  readonly correlationId: string;
  /** Id of the event that this one reacts to, for reactions. */
  readonly causationId?: string;
  /** W3C trace context of the command. */
  readonly traceparent?: string;
  /** When the command was decided, ISO 8601 UTC. */
  readonly occurredAt: string;
}

/** An event in its stored form: full type name and canonical proto3 JSON. */
export interface EventData {
  /** Globally unique. */
  readonly id: string;
  /** Full name in proto, version included: `unionfold.organizations.v1.UnionRenamed`. */
  readonly type: string;
  readonly data: JsonObject;
  readonly metadata: EventMetadata;
}

/** An event as the store returns it. */
export interface RecordedEvent extends EventData {
  readonly stream: string;
  /** 1 for the first event of the stream, without gaps. */
  readonly version: number;
  readonly partition: number;
  /** 1 for the first event of the partition, without gaps. */
  readonly position: number;
  /** The store's clock, ISO 8601 UTC. */
  readonly recordedAt: string;
}

/**
 * The partition of a stream: FNV-1a (32 bit) of its UTF-8 bytes, modulo the number of partitions.
 * Stable for ever: changing it would scatter existing streams.
 */
export function partitionOf(stream: string, partitions: number): number {
  if (partitions === 1) return 0;
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(stream, 'utf8')) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0) % partitions;
}
