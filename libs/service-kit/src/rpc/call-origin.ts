import { Metadata } from '@grpc/grpc-js';
import type { CommandContext } from '@unionfold/eventsourcing';

/** Who calls and why: what a call carries besides its message. */
export interface CallOrigin extends Omit<CommandContext, 'fingerprint'> {}

const names = {
  actor: 'unionfold-actor',
  correlationId: 'unionfold-correlation-id',
  causationId: 'unionfold-causation-id',
  idempotencyKey: 'unionfold-idempotency-key',
  traceparent: 'traceparent',
} as const;

/** What gRPC carries as it is; `%` marks what was encoded. */
const plain = /^[\x21-\x24\x26-\x7e](?:[\x20-\x24\x26-\x7e]*[\x21-\x24\x26-\x7e])?$/;

/** Writes the origin into a call's metadata. */
export function toMetadata(origin: CallOrigin): Metadata {
  const metadata = new Metadata();
  for (const [field, name] of Object.entries(names)) {
    const value = origin[field as keyof typeof names];
    if (value === undefined) continue;
    metadata.set(name, plain.test(value) ? value : encodeURIComponent(value));
  }
  return metadata;
}

/** Reads the origin from a call's metadata; a call without one is anonymous. */
export function fromMetadata(metadata: Metadata, newId: () => string): CallOrigin {
  const text = (name: string) => {
    const value = metadata.get(name)[0];
    return typeof value === 'string' ? decoded(value) : undefined;
  };
  const causationId = text(names.causationId);
  const idempotencyKey = text(names.idempotencyKey);
  const traceparent = text(names.traceparent);
  return {
    actor: text(names.actor) ?? 'anonymous',
    correlationId: text(names.correlationId) ?? newId(),
    ...(causationId === undefined ? {} : { causationId }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function decoded(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    // Not ours: another client writes a percent sign as it is.
    return value;
  }
}
