import { isDeepStrictEqual } from 'node:util';
import type { StoredEvent, TopicRecord } from './topic-records.ts';

/**
 * What a record does not say as its event does: CloudEvents 1.0, binary mode (Kafka protocol binding 1.0.2), with the
 * platform's extension attributes. Names of headers; `key` and `value` for those.
 * @param source the service's `ce_source`
 */
export function differencesOf(event: StoredEvent, record: TopicRecord, source: string): string[] {
  const { metadata } = event;
  const expected: Readonly<Record<string, string | undefined>> = {
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
    ce_causationid: metadata.causationId,
    ce_traceparent: metadata.traceparent,
    traceparent: metadata.traceparent,
  };
  const different = Object.entries(expected)
    .filter(([name, value]) => record.headers[name] !== value)
    .map(([name]) => name);
  if (record.key !== event.stream) different.push('key');
  if (!isDeepStrictEqual(parsed(record.value), event.data)) different.push('value');
  return different;
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
