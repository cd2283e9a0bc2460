import type { RecordedEvent } from '@unionfold/eventsourcing';
import kafkajs, { type Kafka, type Producer } from 'kafkajs';
import { type CloudEventRecord, toCloudEvent } from './cloud-event.ts';
import { registerZstd } from './zstd.ts';

const { CompressionTypes, Partitioners } = kafkajs;

/** Values of one request, before compression: far below the largest record of a topic. Characters. */
const maxRequestLength = 2 * 2 ** 20;

/** Publishes events as CloudEvents: idempotent, acknowledged by all in-sync replicas, in the order given. */
export class KafkaPublisher {
  readonly #kafka: Kafka;
  readonly #prefix: string;
  #producer: Promise<Producer> | undefined;

  constructor(kafka: Kafka, prefix = '') {
    registerZstd();
    this.#kafka = kafka;
    this.#prefix = prefix;
  }

  /** Resolves when all are acknowledged. */
  async publish(topic: string, events: readonly RecordedEvent[]): Promise<void> {
    const source = `/unionfold/${topic.split('.')[1]}`;
    let records: CloudEventRecord[] = [];
    let length = 0;
    for (const event of events) {
      const record = toCloudEvent(event, source);
      if (length > 0 && length + record.value.length > maxRequestLength) {
        await this.send(topic, records);
        records = [];
        length = 0;
      }
      records.push(record);
      length += record.value.length;
    }
    await this.send(topic, records);
  }

  async send(topic: string, records: readonly CloudEventRecord[]): Promise<void> {
    if (records.length === 0) return;
    this.#producer ??= this.#connect();
    const producer = await this.#producer;
    try {
      await producer.send({
        topic: this.#prefix + topic,
        acks: -1,
        compression: CompressionTypes.ZSTD,
        messages: [...records],
      });
    } catch (error) {
      // After a failure the sequence numbers of kafkajs and of the broker may differ for ever: begin anew.
      this.#producer = undefined;
      await producer.disconnect().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    await producer?.disconnect();
  }

  #connect(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      // One request at a time and broker: kafkajs keeps the order of what it sends again by that alone.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      // Never asked: every record names its partition.
      createPartitioner: Partitioners.DefaultPartitioner,
      // Failures are told soon; who publishes begins anew from its checkpoint.
      retry: { retries: 2, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
    const connecting = producer.connect().then(() => producer);
    connecting.catch(() => {
      this.#producer = undefined;
    });
    return connecting;
  }
}
