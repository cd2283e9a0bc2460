import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import kafkajs, {
  type Admin,
  type EachBatchPayload,
  type IHeaders,
  type Kafka,
  type KafkaMessage,
} from 'kafkajs';
import { placeOf } from '../installation.ts';
import { UncheckedError } from '../report.ts';
import type { TopicRecord } from './topic-records.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Compressed, events are a tenth of what kafkajs makes of them, which keeps each header as an object: a fetch of its
 * default size would take hundreds of megabytes.
 */
const fetchLimits = { maxBytesPerPartition: 64 * 1_024, maxBytes: 512 * 1_024 } as const;

/** Records handed on at once. */
const chunkSize = 500;

/** Which stretch of a partition there is: offsets from `low` to before `high`. */
export interface Stretch {
  readonly topic: string;
  readonly partition: number;
  readonly low: number;
  readonly high: number;
}

/** Receives the records of one partition in order; the next ones come when it has resolved. */
export type TakeRecords = (
  topic: string,
  partition: number,
  records: readonly TopicRecord[],
) => Promise<void>;

/** Reads topics from their beginnings, as a consumer group of its own that leaves no trace. */
export class KafkaReader {
  readonly #kafka: Kafka;
  readonly #admin: Admin;

  /** @throws UncheckedError when no broker answers */
  static async open(brokers: readonly string[]): Promise<KafkaReader> {
    const { CompressionCodecs, CompressionTypes, Kafka: Client, logLevel } = kafkajs;
    // Known to kafkajs by name only.
    CompressionCodecs[CompressionTypes.ZSTD] = () => ({
      compress: (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer),
      decompress: (buffer: Buffer) => decompress(buffer),
    });
    const kafka = new Client({
      clientId: 'unionfold-verify',
      brokers: [...brokers],
      logLevel: logLevel.NOTHING,
      retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 2_000 },
    });
    const admin = kafka.admin();
    try {
      await admin.connect();
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw new UncheckedError(`Kafka does not answer at ${brokers.join(',')}`, { cause: error });
    }
    return new KafkaReader(kafka, admin);
  }

  private constructor(kafka: Kafka, admin: Admin) {
    this.#kafka = kafka;
    this.#admin = admin;
  }

  async close(): Promise<void> {
    await this.#admin.disconnect();
  }

  /** What the topics hold now; topics that there are not are left out. */
  async stretches(topics: readonly string[]): Promise<Stretch[]> {
    const existing = new Set(await this.#admin.listTopics());
    const stretches: Stretch[] = [];
    for (const topic of topics.filter((name) => existing.has(name))) {
      for (const { partition, low, high } of await this.#admin.fetchTopicOffsets(topic)) {
        stretches.push({ topic, partition, low: Number(low), high: Number(high) });
      }
    }
    return stretches;
  }

  /**
   * Reads stretches to their ends.
   * @param patienceMs longest time without anything new
   * @throws UncheckedError when nothing comes for so long
   * @throws whatever `take` throws
   */
  async read(stretches: readonly Stretch[], take: TakeRecords, patienceMs: number): Promise<void> {
    const open = new Map(
      stretches
        .filter(({ low, high }) => high > low)
        .map((stretch) => [placeOf(stretch.topic, stretch.partition), stretch]),
    );
    if (open.size === 0) return;
    const groupId = `unionfold-verify-${randomUUID()}`;
    const consumer = this.#kafka.consumer({
      groupId,
      ...fetchLimits,
      sessionTimeout: 60_000,
      maxWaitTimeInMs: 200,
    });
    const ended = Promise.withResolvers<void>();
    const patience = new Patience(patienceMs, () => {
      const places = [...open.keys()].join(', ');
      ended.reject(new UncheckedError(`nothing came from Kafka for ${patienceMs} ms: ${places}`));
    });
    const eachBatch = async ({ batch, heartbeat, isRunning }: EachBatchPayload): Promise<void> => {
      const place = placeOf(batch.topic, batch.partition);
      const stretch = open.get(place);
      if (stretch === undefined || !isRunning()) return;
      patience.renew();
      const within = batch.messages.filter(
        ({ offset }) => Number(offset) >= stretch.low && Number(offset) < stretch.high,
      );
      try {
        for (let at = 0; at < within.length; at += chunkSize) {
          const records = within.slice(at, at + chunkSize).map(recordOf);
          await take(batch.topic, batch.partition, records);
          patience.renew();
          await heartbeat();
        }
      } catch (error) {
        ended.reject(error);
        return;
      }
      if (Number(batch.lastOffset()) < stretch.high - 1) return;
      open.delete(place);
      consumer.pause([{ topic: batch.topic, partitions: [batch.partition] }]);
      if (open.size === 0) ended.resolve();
    };
    try {
      await consumer.connect();
      const topics = [...new Set([...open.values()].map(({ topic }) => topic))];
      await consumer.subscribe({ topics, fromBeginning: true });
      await consumer.run({ autoCommit: false, partitionsConsumedConcurrently: 4, eachBatch });
      await ended.promise;
    } finally {
      patience.end();
      await consumer.disconnect();
      await this.#admin.deleteGroups([groupId]).catch(() => undefined);
    }
  }
}

/** Calls back when it was not renewed for some time. */
class Patience {
  readonly #ms: number;
  readonly #over: () => void;
  #timer: NodeJS.Timeout;

  constructor(ms: number, over: () => void) {
    this.#ms = ms;
    this.#over = over;
    this.#timer = setTimeout(over, ms);
  }

  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#over, this.#ms);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

function recordOf({ offset, key, value, headers = {} }: KafkaMessage): TopicRecord {
  return {
    offset: Number(offset),
    key: key?.toString('utf8'),
    value: value?.toString('utf8'),
    headers: textsOf(headers),
  };
}

function textsOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value.toString()]],
    ),
  );
}
