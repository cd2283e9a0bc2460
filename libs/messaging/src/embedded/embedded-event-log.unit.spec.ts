import { setImmediate as macrotask, setTimeout as sleep } from 'node:timers/promises';
import {
  type AppendResult,
  type ConsumeOptions,
  type EventStore,
  type LogBatch,
  partitionOf,
  type RecordedEvent,
  type StoreSubscription,
  type StoreSubscriptionOptions,
  type StreamAppend,
  UnknownTopicError,
} from '@unionfold/eventsourcing';
import { eventLogContract, isPublicContractEvent } from '@unionfold/eventsourcing/contract-suites';
import { describe, expect, it, vi } from 'vitest';
import { EmbeddedEventLog } from './embedded-event-log.ts';
import { CheckpointBeyondLogError } from './partition-delivery.ts';

eventLogContract('EmbeddedEventLog over a store in memory', async () => {
  const log = new EmbeddedEventLog({
    stores: new Map(),
    isPublic: isPublicContractEvent,
    backOff: { firstMs: 2, capMs: 20 },
  });
  return {
    log,
    createTopic: async (topic, partitions) => {
      const store = new MemoryStore(partitions);
      log.register(topic, store);
      return store;
    },
    close: () => log.close(),
  };
});

describe('EmbeddedEventLog', () => {
  const topic = 'unionfold.test.events.v1';
  const isPublic = (type: string) => !type.startsWith('Internal');

  /** A log over one partition whose consumer notes its batches. */
  function setUp(
    settings: Partial<ConstructorParameters<typeof EmbeddedEventLog>[0]> = {},
    handle: (batch: LogBatch) => Promise<void> = async () => {},
  ) {
    const store = new MemoryStore(1);
    const log = new EmbeddedEventLog({ stores: new Map([[topic, store]]), isPublic, ...settings });
    const batches: LogBatch[] = [];
    const errors: unknown[] = [];
    let position = 0;
    const options: ConsumeOptions = {
      group: 'test',
      topics: [topic],
      maxBatch: 10,
      startAfter: async () => ({ position, cursor: String(position) }),
      handle: async (batch) => {
        await handle(batch);
        batches.push(batch);
        position = batch.position;
      },
      onError: (error) => errors.push(error),
    };
    return { store, log, batches, errors, options };
  }

  it('makes no call of its own for internal events that a public one follows', async () => {
    const { store, log, batches, options } = setUp({ quietMs: 600_000 });
    log.consume(options);
    for (let round = 1; round <= 3; round++) {
      for (let internal = 0; internal < 25; internal++) await store.write('Internal');
      await store.write('Public');
      await vi.waitFor(() => expect(batches.length).toBe(round));
    }
    await log.close();
    expect(batches.map(({ position, cursor }) => [position, cursor])).toEqual([
      [26, '26'],
      [52, '52'],
      [78, '78'],
    ]);
    expect(batches.map((batch) => batch.events.map((event) => event.position))).toEqual([
      [26],
      [52],
      [78],
    ]);
  });

  it('tells in one call how far a stretch of internal events reached', async () => {
    const { store, log, batches, options } = setUp({ quietMs: 20 });
    for (let internal = 0; internal < 45; internal++) await store.write('Internal');
    log.consume(options);
    await vi.waitFor(() => expect(batches.at(-1)?.position).toBe(45));
    await log.close();
    expect(batches).toEqual([{ topic, partition: 0, events: [], position: 45, cursor: '45' }]);
  });

  it('does not fall back to a position before a public event', async () => {
    const { store, log, batches, options } = setUp({ quietMs: 1 });
    log.consume(options);
    await store.write('Internal');
    await macrotask();
    await store.write('Public');
    await vi.waitFor(() => expect(batches.length).toBe(1));
    // Timers of one length fire in the order of their making: a forgotten one would have fired by then.
    await sleep(1);
    await store.write('Public');
    await vi.waitFor(() => expect(batches.at(-1)?.position).toBe(3));
    await log.close();
    expect(batches.map((batch) => batch.position)).toEqual([2, 3]);
  });

  it('tells the position again when the call for internal events was rejected', async () => {
    const rejection = new Error('locked');
    let calls = 0;
    const { store, log, batches, errors, options } = setUp(
      { quietMs: 1, backOff: { firstMs: 1 } },
      async () => {
        if (++calls === 1) throw rejection;
      },
    );
    log.consume(options);
    await store.write('Internal');
    await vi.waitFor(() => expect(batches.length).toBe(1));
    await log.close();
    expect(errors).toEqual([rejection]);
    expect(batches[0]).toMatchObject({ events: [], position: 1 });
  });

  it('delivers no event while the call for internal events is under way', async () => {
    const story: string[] = [];
    const began = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { store, log, batches, options } = setUp({ quietMs: 1 }, async (batch) => {
      story.push(`${batch.position} began`);
      began.resolve();
      await goOn.promise;
      story.push(`${batch.position} ended`);
    });
    log.consume(options);
    await store.write('Internal');
    await began.promise;
    await store.write('Public');
    await macrotask();
    goOn.resolve();
    await vi.waitFor(() => expect(batches.length).toBe(2));
    await log.close();
    expect(story).toEqual(['1 began', '1 ended', '2 began', '2 ended']);
  });

  it('delivers nothing once it has stopped', async () => {
    const began = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { store, log, batches, options } = setUp({ quietMs: 1 }, async () => {
      began.resolve();
      await goOn.promise;
    });
    const consumer = log.consume(options);
    await store.write('Internal');
    await began.promise;
    await store.write('Public');
    await macrotask();
    const stopped = consumer.stop();
    goOn.resolve();
    await stopped;
    expect(batches.map((batch) => batch.position)).toEqual([1]);
  });

  it('forgets internal events when it stops', async () => {
    const { store, log, batches, options } = setUp({ quietMs: 1 });
    const consumer = log.consume(options);
    await vi.waitFor(() => expect(store.subscriptions).toBe(1));
    await store.write('Internal');
    await consumer.stop();
    // Timers of one length fire in the order of their making.
    await sleep(1);
    expect(batches).toEqual([]);
  });

  it('tells of a rejection that comes while it stops', async () => {
    const rejection = new Error('locked');
    const began = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const { store, log, batches, errors, options } = setUp({}, async () => {
      began.resolve();
      await goOn.promise;
      throw rejection;
    });
    const consumer = log.consume(options);
    await store.write('Public');
    await began.promise;
    const stopped = consumer.stop();
    goOn.resolve();
    await stopped;
    expect(errors).toEqual([rejection]);
    expect(batches).toEqual([]);
  });

  it('lets timers and sockets have their turn while it catches up', async () => {
    const { store, log, batches, options } = setUp();
    for (let event = 0; event < 1000; event++) await store.write('Public');
    log.consume(options);
    await macrotask();
    await macrotask();
    expect(batches.length).toBeLessThan(100);
    await vi.waitFor(() => expect(batches.length).toBe(100));
    await log.close();
  });

  it('doubles the pauses up to the cap until it gets past the failure', async () => {
    const pauses: number[] = [];
    const wait = async (milliseconds: number) => {
      pauses.push(milliseconds);
    };
    let poisoned = true;
    const { store, log, batches, options } = setUp(
      { backOff: { firstMs: 100, capMs: 1000, random: () => 0.5, wait } },
      async (batch) => {
        if (poisoned && batch.position === 20 && pauses.length < 6) throw new Error('poison');
      },
    );
    // The consumer that keeps no checkpoint handles the first batch well before every failure of the second.
    const forgetful = { ...options, startAfter: async () => undefined };
    for (let event = 0; event < 20; event++) await store.write('Public');
    log.consume(forgetful);
    await vi.waitFor(() => expect(batches.at(-1)?.position).toBe(20));
    expect(pauses).toEqual([75, 150, 300, 600, 750, 750]);

    poisoned = false;
    store.failNextRead(new Error('disk'));
    await store.write('Public');
    await vi.waitFor(() => expect(batches.at(-1)?.position).toBe(21));
    await log.close();
    expect(pauses.slice(6)).toEqual([75]);
  });

  it('reads again from the checkpoint after a failure of the store', async () => {
    const { store, log, batches, errors, options } = setUp({ backOff: { firstMs: 1 } });
    const failure = new Error('disk');
    store.failNextRead(failure);
    log.consume(options);
    await store.write('Public');
    await vi.waitFor(() => expect(batches.length).toBe(1));
    await log.close();
    expect(errors).toEqual([failure]);
  });

  it('stops during a pause', async () => {
    const { store, log, errors, options } = setUp({ backOff: { firstMs: 600_000 } }, async () => {
      throw new Error('poison');
    });
    const consumer = log.consume(options);
    await store.write('Public');
    await vi.waitFor(() => expect(errors.length).toBe(1));
    await consumer.stop();
    expect(consumer.assignments()).toEqual([]);
    expect(store.subscriptions).toBe(0);
  });

  it('delivers nothing to a consumer whose checkpoint lies beyond the last event', async () => {
    const { store, log, batches, errors, options } = setUp({ backOff: { firstMs: 1, capMs: 1 } });
    await store.write('Public');
    log.consume({ ...options, startAfter: async () => ({ position: 3, cursor: '3' }) });
    await store.write('Public');
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1));
    await log.close();
    expect(errors.at(-1)).toEqual(new CheckpointBeyondLogError(topic, 0, 3, 2));
    expect(batches).toEqual([]);
  });

  it('leaves no subscription behind', async () => {
    const { store, log, batches, options } = setUp();
    const consumers = [log.consume(options), log.consume({ ...options, group: 'other' })];
    await store.write('Public');
    await vi.waitFor(() => expect(batches.length).toBe(2));
    expect(store.subscriptions).toBe(2);
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    expect(store.subscriptions).toBe(0);
  });

  it('refuses a second store for a topic, an unknown topic, a batch of nothing, use after close', async () => {
    const { store, log, options } = setUp();
    expect(() => log.register(topic, store)).toThrow('has a store already');
    await expect(log.heads('elsewhere')).rejects.toThrow(UnknownTopicError);
    expect(() => log.consume({ ...options, maxBatch: 0 })).toThrow(RangeError);
    await log.close();
    expect(() => log.consume(options)).toThrow('closed');
  });
});

/** The part of the event store port that a log needs. */
class MemoryStore
  implements Pick<EventStore, 'partitions' | 'append' | 'readPartition' | 'heads' | 'subscribe'>
{
  readonly partitions: number;
  subscriptions = 0;
  readonly #events: RecordedEvent[][];
  readonly #versions = new Map<string, number>();
  readonly #wake = new Set<() => void>();
  #failure: Error | undefined;

  constructor(partitions: number) {
    this.partitions = partitions;
    this.#events = Array.from({ length: partitions }, () => []);
  }

  async append(appends: readonly StreamAppend[]): Promise<AppendResult> {
    const result = appends.flatMap(({ stream, events }) =>
      events.map((event) => {
        const partition = partitionOf(stream, this.partitions);
        const recorded = this.#events[partition] ?? [];
        const version = (this.#versions.get(stream) ?? 0) + 1;
        this.#versions.set(stream, version);
        const position = recorded.length + 1;
        const recordedAt = event.metadata.occurredAt;
        recorded.push({ ...event, stream, version, partition, position, recordedAt });
        return { stream, version, partition, position };
      }),
    );
    for (const wake of this.#wake) wake();
    return result;
  }

  /** Appends one event of that type. */
  async write(type: string): Promise<void> {
    const metadata = {
      actor: 'system:test',
      correlationId: 'test',
      occurredAt: '2025-05-01T00:00:00.000Z',
    };
    const event = { id: crypto.randomUUID(), type, data: {}, metadata };
    await this.append([{ stream: 'stream', expectedVersion: 'any', events: [event] }]);
  }

  async readPartition(partition: number, afterPosition: number, limit: number) {
    return this.#read(partition, afterPosition, limit);
  }

  async heads(): Promise<readonly number[]> {
    return this.#events.map((events) => events.length);
  }

  /** Lets the next read of a subscription fail that finds something. */
  failNextRead(failure: Error): void {
    this.#failure = failure;
  }

  subscribe(options: StoreSubscriptionOptions): StoreSubscription {
    let stopped = false;
    let wake = () => {};
    const onAppend = () => wake();
    const run = async () => {
      let position = options.afterPosition;
      while (!stopped) {
        // Read and wait in one turn: an append in between would wake nobody.
        const events = this.#read(options.partition, position, options.maxBatch);
        if (events.length === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const failure = this.#failure;
        this.#failure = undefined;
        if (failure !== undefined) throw failure;
        await options.handle(events);
        position += events.length;
      }
    };
    this.subscriptions++;
    this.#wake.add(onAppend);
    const ended = run()
      .catch(options.onError)
      .finally(() => {
        this.subscriptions--;
        this.#wake.delete(onAppend);
      });
    return {
      stop: () => {
        stopped = true;
        wake();
        return ended;
      },
    };
  }

  #read(partition: number, afterPosition: number, limit: number): readonly RecordedEvent[] {
    return (this.#events[partition] ?? []).slice(afterPosition, afterPosition + limit);
  }
}
