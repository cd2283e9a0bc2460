import type { EventPayloads } from '../generated/catalogue.ts';
import type { EventDescriptor, EventName, JsonObject, JsonValue } from './event-descriptor.ts';

/**
 * A stored payload that is not one of its event. The field is told where it is the event's own; the value, which may
 * be personal, never is.
 */
export class EventPayloadError extends Error {
  override readonly name = 'EventPayloadError';

  constructor(
    readonly event: string,
    readonly field: string | undefined,
  ) {
    const place = field === undefined ? 'a message in the event' : `the field ${field}`;
    super(`${event}: ${place} does not hold what its type allows`);
  }
}

/** What a field holds in proto3 JSON; for an enum, the names it may hold. */
type JsonKind =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'number'
  | 'list'
  | 'object'
  | readonly string[];

const INTEGER = /^-?[0-9]{1,20}$/;

interface PayloadCodec<Payload> {
  fromJSON(json: unknown): Payload;
  toJSON(payload: Payload): unknown;
}

interface EventFacts extends Omit<EventDescriptor, 'name' | 'toJson' | 'fromJson'> {
  readonly fields: Readonly<Record<string, JsonKind>>;
}

/** Makes the descriptor of one event; called by the generated catalogue. */
export function describeEvent<Name extends EventName>(
  name: Name,
  codec: PayloadCodec<EventPayloads[Name]>,
  { fields, ...facts }: EventFacts,
): EventDescriptor<Name> {
  const checks = Object.entries(fields);
  return {
    name,
    ...facts,
    toJson: (payload) => codec.toJSON(payload) as JsonObject,
    fromJson: (json) => {
      // ts-proto coerces: without this check a ciphertext in a number becomes NaN, and "false" becomes true.
      for (const [field, kind] of checks) {
        const value = json[field];
        if (value !== undefined && value !== null && !isOfKind(value, kind)) {
          throw new EventPayloadError(facts.fullName, field);
        }
      }
      try {
        return codec.fromJSON(json);
      } catch {
        // ts-proto's own message repeats the value.
        throw new EventPayloadError(facts.fullName, undefined);
      }
    },
  };
}

function isOfKind(value: JsonValue, kind: JsonKind): boolean {
  switch (kind) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'int32':
      return Number.isSafeInteger(value);
    case 'int64':
      return typeof value === 'string' ? INTEGER.test(value) : Number.isSafeInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'list':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && !Array.isArray(value);
    default:
      return typeof value === 'string' && kind.includes(value);
  }
}
