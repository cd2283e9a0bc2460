import type { RecordedEvent } from './event.ts';
import type { DecodedEvent, EventCodec } from './event-codec.ts';
import {
  type ConsumeOptions,
  type EventLog,
  type LogConsumer,
  UnknownTopicError,
} from './event-log.ts';
import type { JsonObject } from './json.ts';

interface Delivery {
  readonly options: ConsumeOptions;
  stopping: boolean;
  wake: () => void;
  ended: Promise<void>;
}

/** The event log port in memory. Cursors are those of a log that counts otherwise than the stores: `c` and a number. */
export class MemoryEventLog implements EventLog {
  readonly #topics = new Map<string, RecordedEvent[][]>();
  readonly #deliveries = new Set<Delivery>();
  /** Members of exclusive groups in the order of joining: the first has everything. */
  readonly #queues = new Map<string, ConsumeOptions[]>();
  /** What every consumer was told to begin with. */
  readonly starts: { readonly group: string; readonly cursor: string | undefined }[] = [];

  topic(name: string, partitions = 1): void {
    this.#topics.set(
      name,
      Array.from({ length: partitions }, () => []),
    );
  }

  /** Appends an event; makes the topic if there is none. */
  append(topic: string, stream: string, type: string, data: JsonObject = {}, partition = 0): void {
    if (!this.#topics.has(topic)) this.topic(topic);
    const log = this.#partition(topic, partition);
    const position = log.length + 1;
    log.push({
      id: `${topic}-${partition}-${position}`,
      type,
      data,
      metadata: { actor: 'a', correlationId: 'c', occurredAt: '2025-01-01T00:00:00.000Z' },
      stream,
      version: log.filter((event) => event.stream === stream).length + 1,
      partition,
      position,
      recordedAt: '2025-01-01T00:00:00.000Z',
    });
    for (const delivery of this.#deliveries) delivery.wake();
  }

  consume(options: ConsumeOptions): LogConsumer {
    if (options.exclusive === true) {
      this.#queues.set(options.group, [...(this.#queues.get(options.group) ?? []), options]);
    }
    const places = options.topics.flatMap((topic) =>
      (this.#topics.get(topic) ?? []).map((_, partition) => ({ topic, partition })),
    );
    const deliveries = options.topics.flatMap((topic) =>
      (this.#topics.get(topic) ?? []).map((_, partition) =>
        this.#deliver(options, topic, partition),
      ),
    );
    return {
      assignments: () => (this.#isFirst(options) ? places : []),
      stop: async () => {
        for (const delivery of deliveries) {
          delivery.stopping = true;
          delivery.wake();
        }
        await Promise.all(deliveries.map((delivery) => delivery.ended));
        const queue = this.#queues.get(options.group)?.filter((member) => member !== options);
        this.#queues.set(options.group, queue ?? []);
        for (const delivery of this.#deliveries) delivery.wake();
      },
    };
  }

  async heads(topic: string): Promise<readonly number[]> {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) throw new UnknownTopicError(topic);
    return partitions.map((log) => log.length);
  }

  async close(): Promise<void> {}

  #deliver(options: ConsumeOptions, topic: string, partition: number): Delivery {
    const delivery: Delivery = {
      options,
      stopping: false,
      wake: () => undefined,
      ended: Promise.resolve(),
    };
    this.#deliveries.add(delivery);
    delivery.ended = this.#run(delivery, topic, partition).finally(() =>
      this.#deliveries.delete(delivery),
    );
    return delivery;
  }

  async #run(delivery: Delivery, topic: string, partition: number): Promise<void> {
    const { options } = delivery;
    while (!delivery.stopping) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!this.#isFirst(options)) {
        await new Promise<void>((resolve) => {
          delivery.wake = resolve;
        });
        continue;
      }
      try {
        const start = await options.startAfter(topic, partition);
        this.starts.push({ group: options.group, cursor: start?.cursor });
        await this.#from(Number(start?.cursor.slice(1) ?? 0), delivery, topic, partition);
      } catch (error) {
        options.onError(error);
      }
    }
  }

  async #from(start: number, delivery: Delivery, topic: string, partition: number): Promise<void> {
    const log = this.#partition(topic, partition);
    for (let from = start; !delivery.stopping; ) {
      const events = log.slice(from, from + delivery.options.maxBatch);
      const last = events.at(-1);
      if (last === undefined) {
        await new Promise<void>((resolve) => {
          delivery.wake = resolve;
        });
        continue;
      }
      from += events.length;
      await delivery.options.handle({
        topic,
        partition,
        events,
        position: last.position,
        cursor: `c${from}`,
      });
    }
  }

  #isFirst(options: ConsumeOptions): boolean {
    return options.exclusive !== true || this.#queues.get(options.group)?.[0] === options;
  }

  #partition(topic: string, partition: number): RecordedEvent[] {
    const log = this.#topics.get(topic)?.[partition];
    if (log === undefined) throw new Error(`no partition ${topic}/${partition}`);
    return log;
  }
}

/** Events as they are; what is of type `Garbled` cannot be read. */
export const plainCodec: EventCodec = {
  encode: async (events) =>
    events.map(({ type, data }) => ({ type: `t.${type}`, data: data as JsonObject })),
  decode: async (events) =>
    events.map((recorded) =>
      recorded.type === 'Garbled'
        ? { undecodable: 'unknown event type Garbled', recorded }
        : ({
            event: { type: recorded.type.replace('t.', ''), data: recorded.data },
            recorded,
          } satisfies DecodedEvent),
    ),
  isPublic: (type) => !type.startsWith('t.Internal'),
};
