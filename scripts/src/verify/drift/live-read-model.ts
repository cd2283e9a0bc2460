import type { JsonObject } from '@unionfold/eventsourcing';

/** A document with its id among its fields. */
export type LiveDocument = JsonObject & { readonly id: string };

/** The live generation of a projection, as it stood at one moment. */
export interface LiveReadModel {
  readonly generation: number;
  /** Version of the projection that has built it. */
  readonly version: number;
  /** How far it is, by place. */
  readonly positions: ReadonlyMap<string, number>;
  /** Events that it could not handle, or that are parked, by {@link eventKey}. */
  readonly leftOut: ReadonlySet<string>;
  /** One of its collections, in the order of ids as UTF-8 bytes. */
  documents(collection: string): AsyncIterable<LiveDocument>;
}

/** Where live read models are read. */
export interface LiveReadModels {
  /**
   * Gives the work the live generation as it stands at one moment; undefined when the projection has none.
   * @throws MomentPassedError when the moment can no longer be read
   */
  at<T>(projection: string, work: (live: LiveReadModel | undefined) => Promise<T>): Promise<T>;
}

/** What was read belongs to a moment that the server does not keep any more: reading anew is the cure. */
export class MomentPassedError extends Error {
  override readonly name = 'MomentPassedError';
}

/** Names an event by where it is. */
export function eventKey(topic: string, partition: number, position: number): string {
  return `${topic}/${partition}@${position}`;
}
