import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent } from '@unionfold/eventsourcing';
import kafkajs, { type Kafka, type Producer, type TopicMessages } from 'kafkajs';
import { type CloudEventRecord, sourceOf, toCloudEvent } from './cloud-event.ts';
import { RecordWriter } from './record-writer.ts';
import { registerZstd, type StandIns, standIns } from './zstd.ts';

const { CompressionTypes } = kafkajs;

/**
 * Records of one partition in one request, before compression: with a last one of the largest size that a store takes,
 * it stays below the largest of a topic even where nothing can be compressed. Bytes.
 */
const maxBatchBytes = 2 * 2 ** 20;
/** All of one request, before compression. Bytes. */
const maxRequestBytes = 8 * 2 ** 20;

/** Records of one partition that go into one request, and who waits for them. */
interface Waiting {
  readonly topic: string;
  readonly partition: number;
  readonly records: Buffer;
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Publishes events as CloudEvents: idempotent, acknowledged by all in-sync replicas, in the order given. What is given
 * for several partitions while a request is under way goes into the next one together.
 *
 * After a failure some may be published, and nobody knows which: who publishes begins anew from a checkpoint. For one
 * partition, one call at a time.
 */
export class KafkaPublisher {
  readonly #kafka: Kafka;
  readonly #prefix: string;
  readonly #lingerMs: number;
  readonly #waiting: Waiting[] = [];
  #producer: Promise<Producer> | undefined;
  #sending: Promise<void> = Promise.resolve();
  #isSending = false;

  /**
   * @param prefix of all topics, empty but where installations share a cluster
   * @param lingerMs how long the first to come waits for others, while no request is under way; 0: for the same turn of
   *   the event loop alone
   */
  constructor(kafka: Kafka, prefix = '', lingerMs = 0) {
    registerZstd();
    this.#kafka = kafka;
    this.#prefix = prefix;
    this.#lingerMs = lingerMs;
  }

  /** Resolves when all events of a topic are acknowledged. */
  async publish(topic: string, events: readonly RecordedEvent[]): Promise<void> {
    const source = sourceOf(topic);
    const records = events.map((event) => toCloudEvent(event, source));
    await this.send(topic, records);
  }

  /** Resolves when all are acknowledged. */
  async send(topic: string, records: readonly CloudEventRecord[]): Promise<void> {
    let writers = new Map<number, RecordWriter>();
    for (const record of records) {
      const writer = writers.get(record.partition) ?? new RecordWriter();
      writers.set(record.partition, writer);
      writer.add(record);
      if (writer.length < maxBatchBytes) continue;
      await this.#sendWritten(topic, writers);
      writers = new Map();
    }
    await this.#sendWritten(topic, writers);
  }

  /** Disconnects when everything given is sent or has failed. */
  async close(): Promise<void> {
    await this.#sending;
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect();
  }

  async #sendWritten(topic: string, writers: ReadonlyMap<number, RecordWriter>): Promise<void> {
    await Promise.all(
      [...writers].map(
        ([partition, writer]) =>
          new Promise<void>((resolve, reject) => {
            const records = writer.end();
            const { count } = writer;
            this.#waiting.push({ topic, partition, records, count, resolve, reject });
            if (!this.#isSending) this.#sending = this.#sendAll();
          }),
      ),
    );
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    // What comes at the same time goes together.
    await (this.#lingerMs === 0 ? new Promise(setImmediate) : sleep(this.#lingerMs));
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      try {
        await this.#request(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isSending = false;
  }

  /** As much as one request takes, at most one batch of each partition. */
  #next(): Waiting[] {
    const batch: Waiting[] = [];
    const partitions = new Set<string>();
    let bytes = 0;
    for (const waiting of this.#waiting) {
      const place = `${waiting.topic}/${waiting.partition}`;
      if (partitions.has(place)) continue;
      bytes += waiting.records.length;
      if (batch.length > 0 && bytes > maxRequestBytes) break;
      partitions.add(place);
      batch.push(waiting);
    }
    for (const waiting of batch) this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    return batch;
  }

  async #request(batch: readonly Waiting[]): Promise<void> {
    const connecting = this.#producer ?? this.#connect();
    this.#producer = connecting;
    const sent: StandIns[] = [];
    const topicMessages: TopicMessages[] = batch.map(({ topic, partition, records, count }) => {
      const standing = standIns(records, count, partition);
      sent.push(standing);
      return { topic: this.#prefix + topic, messages: [...standing.messages] };
    });
    try {
      const producer = await connecting;
      await producer.sendBatch({
        acks: -1,
        compression: CompressionTypes.ZSTD,
        topicMessages,
      });
    } catch (error) {
      // After a failure the sequence numbers of kafkajs and of the broker may differ for ever: begin anew.
      this.#producer = undefined;
      void connecting.then((producer) => producer.disconnect()).catch(() => undefined);
      throw error;
    } finally {
      for (const standing of sent) standing.release();
    }
  }

  #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      // One request at a time and broker: kafkajs keeps the order of what it sends again by that alone.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Every record names its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
      // Failures are told soon; who publishes begins anew from its checkpoint.
      retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    return producer.connect().then(() => producer);
  }
}
