import {
  type ConsumeOptions,
  type EventLog,
  type LogConsumer,
  type PublishedDeadLetter,
  type RelayStore,
  UnknownTopicError,
} from '@unionfold/eventsourcing';
import type { Admin, Kafka } from 'kafkajs';
import type { BackOffOptions } from '../back-off.ts';
import { toCloudEvent } from './cloud-event.ts';
import { GroupMember } from './group-member.ts';
import { KafkaPublisher } from './kafka-publisher.ts';
import { deadLettersTopicOf } from './kafka-topics.ts';

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
  readonly #members = new Set<GroupMember>();
  #admin: Promise<Admin> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: KafkaEventLogOptions) {
    this.#options = options;
    this.#publisher = new KafkaPublisher(options.kafka, options.prefix);
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
      existing: (topics) => this.#existing(topics),
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
    const heads: number[] = [];
    for (const { partition, published } of await this.#options.relays.published(topic)) {
      heads[partition] = published;
    }
    if (heads.length === 0) throw new UnknownTopicError(topic);
    return Array.from(heads, (head) => head ?? 0);
  }

  async publishDeadLetter(letter: PublishedDeadLetter): Promise<void> {
    const { topic, recorded, consumer, reason, attempts, parked, failedAt } = letter;
    const record = toCloudEvent(recorded, `/unionfold/${topic.split('.')[1]}`);
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
    const admin = await this.#admin?.catch(() => undefined);
    await admin?.disconnect();
  }

  async #existing(topics: readonly string[]): Promise<readonly string[]> {
    this.#admin ??= this.#connect();
    const all = new Set(await (await this.#admin).listTopics());
    return topics.filter((topic) => all.has(topic));
  }

  #connect(): Promise<Admin> {
    const admin = this.#options.kafka.admin();
    const connecting = admin.connect().then(() => admin);
    connecting.catch(() => {
      this.#admin = undefined;
    });
    return connecting;
  }
}
