import type { Admin, Kafka } from 'kafkajs';
import type { Extent } from './partition-slot.ts';

/**
 * Asks a cluster what topics it has; creates none. All names are with prefix.
 *
 * One question at a time: kafkajs keeps the metadata of the topics asked for in one place, and a refresh that began
 * before a topic was added may end after it, and take it away from the question in hand. Nor is a client replaced after
 * a failure while others still ask it.
 */
export class TopicLookup {
  readonly #kafka: Kafka;
  #admin: Admin | undefined;
  /** Settled when all questions so far are answered. */
  #asked: Promise<unknown> = Promise.resolve();
  /** Their number never changes: see migrateTopics. */
  readonly #partitions = new Map<string, number>();
  /** Questions under way. */
  readonly #extents = new Map<string, Promise<ReadonlyMap<number, Extent>>>();

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /** Those that there are. */
  async existing(topics: readonly string[]): Promise<readonly string[]> {
    const all = new Set(await this.#ask((admin) => admin.listTopics()));
    return topics.filter((topic) => all.has(topic));
  }

  /** How many partitions a topic has; undefined when there is none of that name. */
  async partitions(topic: string): Promise<number | undefined> {
    const known = this.#partitions.get(topic);
    if (known !== undefined) return known;
    if ((await this.existing([topic])).length === 0) return undefined;
    const { topics } = await this.#ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    const partitions = topics[0]?.partitions.length;
    if (partitions !== undefined) this.#partitions.set(topic, partitions);
    return partitions;
  }

  /**
   * Which records a partition has. Those who ask at the same time share one answer.
   * @throws Error when there is no such partition
   */
  async extent(topic: string, partition: number): Promise<Extent> {
    let asking = this.#extents.get(topic);
    if (asking === undefined) {
      asking = this.#askExtents(topic).finally(() => this.#extents.delete(topic));
      this.#extents.set(topic, asking);
    }
    const extent = (await asking).get(partition);
    if (extent === undefined) throw new Error(`topic ${topic} has no partition ${partition}`);
    return extent;
  }

  async close(): Promise<void> {
    await this.#asked;
    await this.#admin?.disconnect();
  }

  async #askExtents(topic: string): Promise<ReadonlyMap<number, Extent>> {
    const offsets = await this.#ask((admin) => admin.fetchTopicOffsets(topic));
    return new Map(
      offsets.map(({ partition, low, high }) => [
        partition,
        { low: BigInt(low), high: BigInt(high) },
      ]),
    );
  }

  #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const asking = this.#asked.then(() => this.#askNow(question));
    this.#asked = asking.catch(() => undefined);
    return asking;
  }

  async #askNow<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#admin ?? this.#kafka.admin();
    try {
      if (this.#admin === undefined) await admin.connect();
      this.#admin = admin;
      return await question(admin);
    } catch (error) {
      // Its connection may be what is wrong.
      this.#admin = undefined;
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }
}
