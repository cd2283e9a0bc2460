import type { Admin } from 'kafkajs';

/** How a topic is made. */
export interface TopicSettings {
  /** That of the service's event store: partition i of the store is partition i of the topic. */
  readonly partitions: number;
  readonly replication: number;
  /** Default -1: for ever. Milliseconds. */
  readonly retentionMs?: number;
}

/** A topic is not as the service needs it. Nothing was changed. */
export class TopicMismatchError extends Error {
  override readonly name = 'TopicMismatchError';
}

/** Largest record, compressed: above the largest event that a store takes. Bytes. */
const maxRecordBytes = 8 * 2 ** 20;

/** The topic of those events of a topic that a consumer could not handle. */
export function deadLettersTopicOf(topic: string): string {
  return topic.replace('.events.', '.dead-letters.');
}

/**
 * Makes a topic of events, and that of its dead letters, where they are missing; several processes may do so at once.
 * @param prefix of all topics, empty but where installations share a cluster
 * @throws TopicMismatchError when the topic has another number of partitions than the store
 */
export async function migrateTopics(
  admin: Admin,
  topic: string,
  settings: TopicSettings,
  prefix = '',
): Promise<void> {
  const { partitions, replication, retentionMs = -1 } = settings;
  const events = prefix + topic;
  const deadLetters = prefix + deadLettersTopicOf(topic);
  const existing = new Set(await admin.listTopics());
  const configEntries = [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(retentionMs) },
    { name: 'retention.bytes', value: '-1' },
    { name: 'max.message.bytes', value: String(maxRecordBytes) },
    // With three copies, an acknowledgement is worth two of them.
    { name: 'min.insync.replicas', value: String(Math.max(1, replication - 1)) },
  ];
  const missing = [
    { topic: events, numPartitions: partitions },
    { topic: deadLetters, numPartitions: partitions },
  ].filter((wanted) => !existing.has(wanted.topic));
  if (missing.length > 0) {
    // False where another process was faster.
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((wanted) => ({ ...wanted, replicationFactor: replication, configEntries })),
    });
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: [events] });
  const has = topics[0]?.partitions.length ?? 0;
  if (has !== partitions) {
    throw new TopicMismatchError(
      `topic ${events} has ${has} partitions, its event store has ${partitions}: they must be equal, because partition i of the one is partition i of the other`,
    );
  }
}
