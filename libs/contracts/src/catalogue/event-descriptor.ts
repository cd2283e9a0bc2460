import type { EventPayloads } from '../generated/catalogue.ts';

/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** Short name of an event, unique over all services: `UnionEstablished`. */
export type EventName = keyof EventPayloads;

/** An event as deciders return and fold it; a union of them for a union of names. */
export type EventOf<Name extends EventName> = Name extends EventName
  ? { readonly type: Name; readonly data: EventPayloads[Name] }
  : never;

/** A field that tells something about a person, and the field that holds that person's id; both by JSON name. */
export interface PersonalField {
  readonly field: string;
  readonly subjectField: string;
  /** Keyed hashes of the whole value, or also of its beginnings, are kept beside the sealed text. */
  readonly search?: 'exact' | 'beginning';
}

/** What the catalogue knows of one event. */
export interface EventDescriptor<Name extends EventName = EventName> {
  readonly name: Name;
  /** `unionfold.organizations.v1.UnionEstablished`: the type under which the log holds it. */
  readonly fullName: string;
  /** From the package: 1 for `unionfold.organizations.v1`. */
  readonly version: number;
  /** The service whose event it is: `organizations`. */
  readonly owner: string;
  /** The aggregate whose stream holds it: `union`. */
  readonly aggregate: string;
  readonly titleZh: string;
  /** Stored, but not published to other services. */
  readonly internal: boolean;
  readonly personal: readonly PersonalField[];
  /** Canonical proto3 JSON: lowerCamelCase, int64 as string, enum values by name, default values left out. */
  toJson(payload: EventPayloads[Name]): JsonObject;
  /**
   * Reads what {@link toJson} wrote; what is left out takes its default, fields of later versions are passed over.
   * @throws EventPayloadError when a field holds something that its type does not allow, a later enum value included
   */
  fromJson(json: JsonObject): EventPayloads[Name];
}
