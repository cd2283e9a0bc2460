import type { EventMetadata, JsonObject, RecordedEvent } from '@unionfold/eventsourcing';
import type { IHeaders } from 'kafkajs';

/** A record as it is produced. */
export interface CloudEventRecord {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
  readonly partition: number;
}

/** A record as it is consumed. */
export interface ConsumedRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: IHeaders;
  readonly offset: string;
}

/** A record that the service which owns the topic has not written: told loudly, and passed over. */
export class ForeignRecordError extends Error {
  override readonly name = 'ForeignRecordError';
}

/**
 * A record of the service that owns the topic that is no event of it: it is damaged, or written by a version that this
 * one does not understand. Told loudly, and waited at: to pass over it could be to miss an event.
 */
export class GarbledRecordError extends Error {
  override readonly name = 'GarbledRecordError';
}

/** The source of a topic's events: `/unionfold/organizations` for `unionfold.organizations.events.v1`. */
export function sourceOf(topic: string): string {
  return `/unionfold/${topic.split('.')[1]}`;
}

/**
 * An event as a CloudEvent 1.0 in binary mode (CloudEvents Kafka protocol binding 1.0.2): attributes in headers that
 * begin with `ce_`, the payload as JSON in the value. Extension attributes are named in small letters, as the
 * specification asks. The trace context stands as `ce_traceparent` (Distributed Tracing extension) and, for tools that
 * trace Kafka, as `traceparent`.
 * @param source URI reference of the owning service, `/unionfold/organizations`
 */
export function toCloudEvent(event: RecordedEvent, source: string): CloudEventRecord {
  const { metadata } = event;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: event.id,
    ce_source: source,
    ce_type: event.type,
    ce_subject: event.stream,
    ce_time: event.recordedAt,
    ce_streamversion: String(event.version),
    ce_position: String(event.position),
    ce_occurredat: metadata.occurredAt,
    ce_actor: metadata.actor,
    ce_correlationid: metadata.correlationId,
  };
  if (metadata.causationId !== undefined) headers['ce_causationid'] = metadata.causationId;
  if (metadata.traceparent !== undefined) {
    headers['ce_traceparent'] = metadata.traceparent;
    headers['traceparent'] = metadata.traceparent;
  }
  const { stream: key, partition } = event;
  return { key, value: JSON.stringify(event.data), headers, partition };
}

/**
 * The event of a record.
 * @param partition of the topic, which is that of the owning store
 * @param source of the topic's events
 * @throws ForeignRecordError when another one has written it; GarbledRecordError when a header is missing or the value
 *   is not a JSON object. Both tell nothing of the content.
 */
export function fromCloudEvent(
  record: ConsumedRecord,
  partition: number,
  source: string,
): RecordedEvent {
  const { headers = {}, value, offset } = record;
  if (headers['ce_source']?.toString() !== source) {
    throw new ForeignRecordError(`the record at offset ${offset} is not from ${source}`);
  }
  const optional = (name: string): string | undefined => headers[name]?.toString();
  const required = (name: string): string => {
    const text = optional(name);
    if (text !== undefined) return text;
    throw new GarbledRecordError(`the record at offset ${offset} has no header ${name}`);
  };
  const causationId = optional('ce_causationid');
  const traceparent = optional('ce_traceparent');
  const metadata: EventMetadata = {
    actor: required('ce_actor'),
    correlationId: required('ce_correlationid'),
    ...(causationId === undefined ? {} : { causationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    occurredAt: required('ce_occurredat'),
  };
  return {
    id: required('ce_id'),
    type: required('ce_type'),
    data: jsonObject(value, offset),
    metadata,
    stream: required('ce_subject'),
    version: ordinal(required('ce_streamversion'), offset),
    partition,
    position: ordinal(required('ce_position'), offset),
    recordedAt: required('ce_time'),
  };
}

function jsonObject(value: Buffer | null, offset: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(value?.toString('utf8') ?? '');
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as JsonObject;
    }
  } catch {
    // Told below, without the content.
  }
  throw new GarbledRecordError(`the value at offset ${offset} is not a JSON object`);
}

function ordinal(text: string, offset: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new GarbledRecordError(`the record at offset ${offset} has a number that is none`);
}
