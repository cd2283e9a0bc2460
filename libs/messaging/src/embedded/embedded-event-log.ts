import {
  type ConsumeOptions,
  type EventLog,
  type LogConsumer,
  UnknownTopicError,
} from '@unionfold/eventsourcing';
import type { BackOffOptions } from '../back-off.ts';
import { ConsumerGroup } from './consumer-group.ts';
import type { DeliverySettings, TopicPartition, TopicStore } from './partition-delivery.ts';

export interface EmbeddedEventLogOptions {
  /** The store of the service that owns each topic; more may be registered later. */
  readonly stores: ReadonlyMap<string, TopicStore>;
  /** Whether events of this type (full name) leave their service. */
  readonly isPublic: (type: string) => boolean;
  /**
   * How long a stretch of internal events waits for a public one before its position alone is delivered, in
   * milliseconds. Default 50.
   */
  readonly quietMs?: number;
  /** The pauses after failures. */
  readonly backOff?: BackOffOptions;
}

/**
 * The event log inside one process: the event store of the owning service is the log of its topic. What is committed
 * is published, a partition of the topic is a partition of the store, and the cursor is the position in decimal.
 *
 * Groups live in this object, so that a process has one of it. A handler must not await its own consumer's `stop()` or
 * the log's `close()`: both wait for it. Close the log before the stores.
 */
export class EmbeddedEventLog implements EventLog {
  readonly #topics = new Map<string, readonly TopicPartition[]>();
  readonly #groups = new Map<string, ConsumerGroup>();
  readonly #settings: DeliverySettings;
  #closed: Promise<void> | undefined;

  constructor(options: EmbeddedEventLogOptions) {
    const { isPublic, quietMs = 50, backOff = {} } = options;
    this.#settings = { isPublic, quietMs, backOff };
    for (const [topic, store] of options.stores) this.register(topic, store);
  }

  /**
   * Names the store of a topic. Those who consume the topic already get it now.
   * @throws Error when the topic has a store
   */
  register(topic: string, store: TopicStore): void {
    if (this.#topics.has(topic)) throw new Error(`topic ${topic} has a store already`);
    const partitions = Array.from({ length: store.partitions }, (_, partition) => ({
      topic,
      partition,
      store,
    }));
    this.#topics.set(topic, partitions);
    for (const group of this.#groups.values()) group.addTopic(partitions);
  }

  /**
   * See {@link EventLog.consume}. A topic without a store is waited for.
   * @throws RangeError when maxBatch is not a positive integer
   * @throws Error when the log is closed
   */
  consume(options: ConsumeOptions): LogConsumer {
    if (this.#closed !== undefined) throw new Error('the event log is closed');
    if (!Number.isSafeInteger(options.maxBatch) || options.maxBatch < 1) {
      throw new RangeError(`maxBatch must be a positive integer, not ${options.maxBatch}`);
    }
    const member = this.#group(options.group).join(options);
    return {
      assignments: () => member.assignments(),
      stop: async () => {
        await member.stop();
        if (this.#groups.get(options.group)?.isEmpty() === true) this.#groups.delete(options.group);
      },
    };
  }

  /** @throws UnknownTopicError when no store is registered for the topic */
  async heads(topic: string): Promise<readonly number[]> {
    const [first] = this.#topics.get(topic) ?? [];
    if (first === undefined) throw new UnknownTopicError(topic);
    return await first.store.heads();
  }

  /** Stops all consumers; the stores stay open. */
  close(): Promise<void> {
    this.#closed ??= Promise.all([...this.#groups.values()].map((group) => group.close())).then(
      () => this.#groups.clear(),
    );
    return this.#closed;
  }

  #group(name: string): ConsumerGroup {
    const existing = this.#groups.get(name);
    if (existing !== undefined) return existing;
    const group = new ConsumerGroup(this.#settings);
    for (const partitions of this.#topics.values()) group.addTopic(partitions);
    this.#groups.set(name, group);
    return group;
  }
}
