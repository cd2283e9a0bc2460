import { catalogue, eventByName } from '@unionfold/contracts';
import type { DecodedEvent, JsonObject } from '@unionfold/eventsourcing';
import { REDACTED, redactText } from '@unionfold/privacy';

const longest = 500;

/**
 * Why an event could not be handled, for dead letters: the error's name and message. What the event tells of a person
 * is taken out of the message wherever it stands, and citizen and mobile numbers of anybody are masked.
 */
export function describeFailure(error: unknown, { event, recorded }: DecodedEvent): string {
  if (!(error instanceof Error)) return typeof error;
  const descriptor = eventByName(event.type) ?? catalogue.get(recorded.type);
  let message = error.message.slice(0, longest);
  for (const { field } of descriptor?.personal ?? []) {
    const value = (event.data as JsonObject)[field] as unknown;
    const text = typeof value === 'bigint' || typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || text === '' || text === '0') continue;
    message = /^\d+$/.test(text)
      ? message.replaceAll(new RegExp(`(?<!\\d)${text}(?!\\d)`, 'g'), REDACTED)
      : message.replaceAll(text, REDACTED);
  }
  return `${error.name}: ${redactText(message)}`;
}
