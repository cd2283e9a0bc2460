import type { DomainEvent, RecordedEvent } from './event.ts';
import type { JsonObject } from './json.ts';

/** A recorded event with its decoded form beside it. */
export interface DecodedEvent<Event extends DomainEvent = DomainEvent> {
  readonly event: Event;
  readonly recorded: RecordedEvent;
}

/**
 * Between the events that deciders know and what the log holds: canonical proto3 JSON under the full type name,
 * personal fields encrypted, old versions upcast. Batches, because keys are fetched together.
 */
export interface EventCodec {
  /**
   * @throws on an event type that the catalogue does not have
   */
  encode(
    events: readonly DomainEvent[],
  ): Promise<readonly { readonly type: string; readonly data: JsonObject }[]>;
  /**
   * Decodes events; one that cannot be decoded becomes an `UndecodableEvent` in its place, so that one bad event does
   * not hide its neighbours.
   */
  decode(
    events: readonly RecordedEvent[],
    options?: DecodeOptions,
  ): Promise<readonly (DecodedEvent | UndecodableEvent)[]>;
  /** Whether other services get events of this full type name. */
  isPublic(type: string): boolean;
}

/** How events are decoded. */
export interface DecodeOptions {
  /** Whether personal fields are opened. Otherwise they are as if absent: who does not need them never has them. */
  readonly openPersonal: boolean;
}

/** Stands where an event should be that cannot be read: unknown type, bad payload. */
export interface UndecodableEvent {
  readonly undecodable: string;
  readonly recorded: RecordedEvent;
}

/** Tells an undecodable event from a decoded one. */
export function isUndecodable(event: DecodedEvent | UndecodableEvent): event is UndecodableEvent {
  return 'undecodable' in event;
}
