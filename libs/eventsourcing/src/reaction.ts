import { TransientError } from './consumer-definition.ts';
import type { EventMetadata, RecordedEvent } from './event.ts';
import { isRefusal } from './refusal.ts';

/**
 * Who does what follows from an event, for the command that a consumer reacts with.
 * @param consumer its name
 */
export function reactionTo(
  { id, metadata }: Pick<RecordedEvent, 'id' | 'metadata'>,
  consumer: string,
): Omit<EventMetadata, 'occurredAt'> {
  const { correlationId, traceparent } = metadata;
  return {
    actor: `system:${consumer}`,
    correlationId,
    causationId: id,
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

/**
 * What a consumer makes of the outcome of its reaction: the command is decided from how things stand, so a refusal is a
 * race that may be won another time, or a mistake.
 * @param about what the command is about, for the error
 * @throws TransientError when others were faster every time; Error for any other refusal
 */
export function expectCarriedOut(outcome: unknown, about: string): void {
  if (!isRefusal(outcome)) return;
  if (outcome.refused === 'concurrent-change') throw new TransientError(outcome.refused);
  throw new Error(`${about}: ${outcome.refused}`);
}
