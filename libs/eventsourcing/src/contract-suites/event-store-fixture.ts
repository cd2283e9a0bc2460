import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach } from 'vitest';
import type { EventData, RecordedEvent } from '../event.ts';
import type { EventStore, StoreSubscription } from '../event-store.ts';
import type { JsonObject } from '../json.ts';

/** One empty store of an adapter, for one test. */
export interface EventStoreFixture {
  /** Opens the store; called once. */
  open(): Promise<EventStore>;
  /** Closes the store and opens the same data again. */
  reopen(): Promise<EventStore>;
  /** Opens what a process that was killed at this moment would leave behind, without closing the store. */
  crash?(): Promise<EventStore>;
  /** Closes what is open and removes the data. */
  destroy(): Promise<void>;
}

/** Makes a fixture for a store with this many partitions. */
export type EventStoreFixtureFactory = (options: {
  readonly partitions: number;
}) => EventStoreFixture | Promise<EventStoreFixture>;

/** The store that the tests of a suite use: a fresh one for each. */
export interface StoreUnderTest {
  readonly fixture: EventStoreFixture;
  readonly store: EventStore;
}

/** Gives every test of the surrounding `describe` a fresh store. */
export function freshEventStore(
  factory: EventStoreFixtureFactory,
  partitions: number,
): () => StoreUnderTest {
  let current: StoreUnderTest | undefined;
  beforeEach(async () => {
    const fixture = await factory({ partitions });
    current = { fixture, store: await fixture.open() };
  });
  afterEach(async () => {
    await current?.fixture.destroy();
    current = undefined;
  });
  return () => {
    if (current === undefined) throw new Error('no store outside of a test');
    return current;
  };
}

/** An event with a payload. */
export function eventOf(data: JsonObject = {}, type = 'unionfold.contract.v1.Happened'): EventData {
  return {
    id: randomUUID(),
    type,
    data,
    metadata: {
      actor: 'a-contract',
      correlationId: randomUUID(),
      occurredAt: '2026-02-03T04:05:06.789Z',
    },
  };
}

/** Several numbered events. */
export function eventsOf(count: number): EventData[] {
  return Array.from({ length: count }, (_, index) => eventOf({ nth: index + 1 }));
}

/** All events of a store, a list for each partition. */
export async function allEvents(store: EventStore): Promise<(readonly RecordedEvent[])[]> {
  const partitions = Array.from({ length: store.partitions }, (_, partition) => partition);
  return Promise.all(
    partitions.map((partition) => store.readPartition(partition, 0, Number.MAX_SAFE_INTEGER)),
  );
}

/** What a subscriber was given, with a way to wait for it. */
export class Collector {
  readonly batches: (readonly RecordedEvent[])[] = [];
  readonly errors: unknown[] = [];
  readonly subscription: StoreSubscription;
  #waiting: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(
    store: EventStore,
    partition: number,
    options: {
      readonly afterPosition?: number;
      readonly maxBatch?: number;
      readonly handle?: (events: readonly RecordedEvent[]) => Promise<void>;
    } = {},
  ) {
    this.subscription = store.subscribe({
      partition,
      afterPosition: options.afterPosition ?? 0,
      maxBatch: options.maxBatch ?? 100,
      handle: async (events) => {
        this.batches.push(events);
        const seen = this.events().length;
        this.#waiting = this.#waiting.filter(({ count, resolve }) => {
          if (seen >= count) resolve();
          return seen < count;
        });
        await options.handle?.(events);
      },
      onError: (error) => this.errors.push(error),
    });
  }

  events(): RecordedEvent[] {
    return this.batches.flat();
  }

  positions(): number[] {
    return this.events().map(({ position }) => position);
  }

  /** Resolves when so many events have come. */
  received(count: number): Promise<void> {
    if (this.events().length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }
}

/** 1 to n. */
export function oneTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
