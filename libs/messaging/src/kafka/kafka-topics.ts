import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin } from 'kafkajs';

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

/** Largest batch of records, compressed: above the largest event that a store takes. Bytes. */
const maxBatchBytes = 16 * 2 ** 20;

/** The topic of those events of a topic that a consumer could not handle. */
export function deadLettersTopicOf(topic: string): string {
  return topic.replace('.events.', '.dead-letters.');
}

/**
 * Makes a topic of events, and that of its dead letters, where they are missing; several processes may do so at once.
 * @param prefix of all topics, empty but where installations share a cluster
 * @throws TopicMismatchError when one of them has another number of partitions than the store, or loses records by
 *   compaction
 */
export async function migrateTopics(
  admin: Admin,
  topic: string,
  settings: TopicSettings,
  prefix = '',
): Promise<void> {
  const { partitions, replication, retentionMs = -1 } = settings;
  const wanted = [prefix + topic, prefix + deadLettersTopicOf(topic)];
  const configEntries = [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(retentionMs) },
    { name: 'retention.bytes', value: '-1' },
    { name: 'max.message.bytes', value: String(maxBatchBytes) },
    // With three copies, an acknowledgement is worth two of them.
    { name: 'min.insync.replicas', value: String(Math.max(1, replication - 1)) },
  ];
  const existing = new Set(await admin.listTopics());
  const missing = wanted.filter((name) => !existing.has(name));
  if (missing.length > 0) {
    // False where another process was faster. kafkajs's own waiting for leaders fails where a broker has not heard of
    // the topic yet.
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map((name) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: replication,
        configEntries,
      })),
    });
  }
  for (const name of wanted) {
    await oncePropagated(async () => {
      await expectPartitions(admin, name, partitions);
      await expectNoCompaction(admin, name);
    });
  }
  // Who is named as a leader may not have heard of it.
  for (const name of missing) await oncePropagated(() => admin.fetchTopicOffsets(name));
}

/** How long brokers may take to hear of a new topic, and to choose its leaders. Milliseconds. */
const propagationMs = 30_000;
const lookMs = 100;

const early: ReadonlySet<unknown> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
]);

/** Asks again while the broker that is asked has not heard of the topic, or of its leaders. */
async function oncePropagated(question: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + propagationMs;
  for (;;) {
    try {
      await question();
      return;
    } catch (error) {
      const type = error instanceof Error && 'type' in error ? error.type : undefined;
      if (!early.has(type) || performance.now() > deadline) throw error;
      await sleep(lookMs);
    }
  }
}

async function expectPartitions(admin: Admin, name: string, partitions: number): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
  const has = topics[0]?.partitions.length ?? 0;
  if (has === partitions) return;
  throw new TopicMismatchError(
    `topic ${name} has ${has} partitions, its event store has ${partitions}: they must be equal, because partition i of the one is partition i of the other`,
  );
}

/** Compaction keeps the last record of a key, which is a stream here: all events but its last would go. */
async function expectNoCompaction(admin: Admin, name: string): Promise<void> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name,
        configNames: ['cleanup.policy'],
      },
    ],
  });
  const policy = resources[0]?.configEntries[0]?.configValue ?? '';
  if (!policy.includes('compact')) return;
  throw new TopicMismatchError(`topic ${name} has cleanup.policy ${policy}: events would be lost`);
}
