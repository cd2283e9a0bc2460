import {
  type ConsumeOptions,
  type EventLog,
  type LogConsumer,
  type PublishedDeadLetter,
  type RelayStore,
  UnknownTopicError,
} from '@unionfold/eventsourcing';
import type { Kafka } from 'kafkajs';
import type { BackOffOptions } from '../back-off.ts';
import { sourceOf, toCloudEvent } from './cloud-event.ts';
import { GroupMember } from './group-member.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { deadLettersTopicOf } from './kafka-topics.ts';
import { TopicLookup } from './topic-lookup.ts';

export interface KafkaEventLogOptions {
  readonly kafka: Kafka;
  /** Tells how far topics are published. */
  readonly relays: Pick<RelayStore, 'published'>;
  /** Of topics and groups; empty but where installations share a cluster. */
  readonly prefix?: string;
  /** The pauses after failures. */
  readonly backOff?: BackOffOptions;
}

/**
 * The event log on Kafka, for any number of processes. Partition i of a topic is partition i of the owning event store,
 * the cursor is the record's offset in decimal. Only public events are there: see Relay for how they come.
 */
export class KafkaEventLog implements EventLog {
  readonly #options: KafkaEventLogOptions;
  readonly #publisher: KafkaPublisher;
  readonly #topics: TopicLookup;
  readonly #members = new Set<GroupMember>();
  #closed: Promise<void> | undefined;

  constructor(options: KafkaEventLogOptions) {
    this.#options = options;
    this.#publisher = new KafkaPublisher(options.kafka, options.prefix);
    this.#topics = new TopicLookup(options.kafka);
  }

  /**
   * See {@link EventLog.consume}. A topic that there is not yet is waited for.
   * @throws RangeError when maxBatch is not a positive integer
   * @throws Error when the log is closed
   */
  consume(options: ConsumeOptions): LogConsumer {
    if (this.#closed !== undefined) throw new Error('the event log is closed');
    if (!Number.isSafeInteger(options.maxBatch) || options.maxBatch < 1) {
      throw new RangeError(`maxBatch must be a positive integer, not ${options.maxBatch}`);
    }
    const { kafka, prefix = '', backOff = {} } = this.#options;
    const member = new GroupMember(options, {
      kafka,
      prefix,
      backOff,
      existing: (topics) => this.#topics.existing(topics),
      extent: (topic, partition) => this.#topics.extent(topic, partition),
    });
    this.#members.add(member);
    return {
      assignments: () => member.assignments(),
      stop: async () => {
        await member.stop();
        this.#members.delete(member);
      },
    };
  }

  async heads(topic: string): Promise<readonly number[]> {
    const { relays, prefix = '' } = this.#options;
    const partitions = await this.#topics.partitions(prefix + topic);
    if (partitions === undefined) throw new UnknownTopicError(topic);
    const heads = Array<number>(partitions).fill(0);
    for (const { partition, published } of await relays.published(topic)) {
      if (partition < partitions) heads[partition] = published;
    }
    return heads;
  }

  async publishDeadLetter(letter: PublishedDeadLetter): Promise<void> {
    const { topic, recorded, consumer, reason, attempts, parked, failedAt } = letter;
    const record = toCloudEvent(recorded, sourceOf(topic));
    const headers = {
      ...record.headers,
      dead_letter_consumer: consumer,
      dead_letter_reason: reason,
      dead_letter_attempts: String(attempts),
      dead_letter_parked: String(parked),
      dead_letter_failed_at: failedAt,
    };
    await this.#publisher.send(deadLettersTopicOf(topic), [{ ...record, headers }]);
  }

  /** Stops every consumer after the batch under way, and disconnects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.stop()));
    await this.#publisher.close();
    await this.#topics.close();
  }
}
