import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type EventData, partitionOf, type RecordedEvent } from '../event.ts';
import {
  type ConsumeOptions,
  type EventLog,
  eventsTopic,
  type LogBatch,
  type LogConsumer,
} from '../event-log.ts';
import type { EventStore } from '../event-store.ts';
import { ReadModel } from './event-log-read-model.ts';

/** The store that owns a topic. */
export type TopicOwner = Pick<EventStore, 'append' | 'readPartition' | 'heads'>;

/** What an adapter gives the suite. */
export interface EventLogHarness {
  /** Filters with {@link isPublicContractEvent}, and comes back after a failure within a second at first. */
  readonly log: EventLog;
  /**
   * Creates the store that owns a new topic and publishes to it. The topic may be consumed already.
   * @returns the store; what is appended to it reaches the log without more ado
   */
  createTopic(topic: string, partitions: number): Promise<TopicOwner>;
  /** Closes the log, then the stores. */
  close(): Promise<void>;
}

const publicType = 'unionfold.contract.v1.Noted';
const internalType = 'unionfold.contract.v1.InternallyNoted';

/** Which of the suite's events leave their service. */
export function isPublicContractEvent(type: string): boolean {
  return type === publicType;
}

/** A log that all tests of a suite use; each has a topic and a group of its own. */
export class LogBench {
  readonly factory: () => Promise<EventLogHarness>;
  #harness: EventLogHarness | undefined;
  #topic = '';
  #group = '';
  readonly #models: ReadModel[] = [];
  readonly #consumers: LogConsumer[] = [];

  /** Declares what goes before and after the tests; called inside `describe`. */
  constructor(factory: () => Promise<EventLogHarness>) {
    this.factory = factory;
    beforeAll(async () => {
      this.#harness = await factory();
    });
    afterAll(() => this.#harness?.close());
    beforeEach(() => {
      this.#topic = eventsTopic(`contract-${randomUUID()}`);
      this.#group = `contract-${randomUUID()}`;
    });
    afterEach(async () => {
      await Promise.all(this.#consumers.splice(0).map((consumer) => consumer.stop()));
      expect(this.#models.splice(0).flatMap((model) => model.violations)).toEqual([]);
    });
  }

  get topic(): string {
    return this.#topic;
  }

  get group(): string {
    return this.#group;
  }

  get log(): EventLog {
    return this.#opened().log;
  }

  newModel(): ReadModel {
    const model = new ReadModel();
    this.#models.push(model);
    return model;
  }

  join(
    model: ReadModel,
    options: Partial<ConsumeOptions> = {},
    work?: (batch: LogBatch) => Promise<void>,
  ): LogConsumer {
    const { group, topic } = this;
    const consumer = this.log.consume(model.member({ group, topics: [topic], ...options }, work));
    this.#consumers.push(consumer);
    return consumer;
  }

  async newTopic(partitions: number, name = this.topic): Promise<ContractTopic> {
    const store = await this.#opened().createTopic(name, partitions);
    return new ContractTopic(name, partitions, store);
  }

  #opened(): EventLogHarness {
    if (this.#harness === undefined) throw new Error('no test runs');
    return this.#harness;
  }
}

/** A topic and the store that owns it. */
export class ContractTopic {
  readonly name: string;
  readonly partitions: number;
  readonly #store: TopicOwner;

  constructor(name: string, partitions: number, store: TopicOwner) {
    this.name = name;
    this.partitions = partitions;
    this.#store = store;
  }

  /** Appends public events to a stream of that partition. */
  async note(partition: number, count: number): Promise<void> {
    await this.#append(partition, count, publicType);
  }

  /** Appends internal events to a stream of that partition. */
  async noteInternally(partition: number, count: number): Promise<void> {
    await this.#append(partition, count, internalType);
  }

  heads(): Promise<readonly number[]> {
    return this.#store.heads();
  }

  /** The public events by partition, as the store has them. */
  async published(): Promise<readonly (readonly RecordedEvent[])[]> {
    const partitions: RecordedEvent[][] = [];
    for (const [partition, head] of (await this.heads()).entries()) {
      const events = await this.#store.readPartition(partition, 0, head + 1);
      partitions.push(events.filter((event) => isPublicContractEvent(event.type)));
    }
    return partitions;
  }

  async #append(partition: number, count: number, type: string): Promise<void> {
    const events = Array.from({ length: count }, (_, index) => contractEvent(type, index));
    const stream = streamOf(partition, this.partitions);
    await this.#store.append([{ stream, expectedVersion: 'any', events }]);
  }
}

function contractEvent(type: string, index: number): EventData {
  return {
    id: randomUUID(),
    type,
    data: { index },
    metadata: {
      actor: 'system:contract',
      correlationId: 'contract',
      occurredAt: '2025-05-01T00:00:00.000Z',
    },
  };
}

function streamOf(partition: number, partitions: number): string {
  for (let number = 0; ; number++) {
    const stream = `contract-${number}`;
    if (partitionOf(stream, partitions) === partition) return stream;
  }
}
