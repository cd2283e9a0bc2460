import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventsTopic, type RecordedEvent, type RelayStore } from '@unionfold/eventsourcing';
import { SqliteEventStore } from '@unionfold/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryRelayStore } from './memory-relay-store.fixture.ts';
import { RelayAheadOfStoreError } from './partition-relay.ts';
import { Relay, type RelayOptions } from './relay.ts';

const patience = { timeout: 10_000, interval: 2 };
const topic = eventsTopic('test');

describe('Relay', () => {
  let folder: string;
  let store: SqliteEventStore;
  let relays: RelayStore;
  let log: RecordedEvent[];
  let errors: unknown[];
  const running: Relay[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unionfold-relay-'));
    store = await SqliteEventStore.open({ file: join(folder, 'events.db'), partitions: 1 });
    relays = new MemoryRelayStore();
    log = [];
    errors = [];
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((relay) => relay.stop()));
    await store.close();
    await rm(folder, { recursive: true });
  });

  const start = (options: Partial<RelayOptions> = {}): Relay => {
    const relay = new Relay({
      topic,
      store,
      relays,
      publish: async (_, __, events) => {
        log.push(...events);
      },
      isPublic: (type) => type === 'Noted',
      holder: randomUUID(),
      onError: (error) => errors.push(error),
      leaseMs: 60,
      backOff: { firstMs: 2, capMs: 20 },
      ...options,
    });
    running.push(relay);
    return relay;
  };
  const append = async (type: string, count: number): Promise<void> => {
    const metadata = { actor: 'a', correlationId: 'c', occurredAt: '2025-05-01T00:00:00.000Z' };
    const events = Array.from({ length: count }, (_, index) => ({
      id: randomUUID(),
      type,
      data: { index },
      metadata,
    }));
    await store.append([{ stream: 'stream', expectedVersion: 'any', events }]);
  };
  const positions = () => log.map(({ position }) => position);
  const noted = async (position: number, published: number): Promise<void> => {
    await vi.waitFor(async () => {
      expect(await relays.published(topic)).toEqual([{ partition: 0, position, published }]);
    }, patience);
  };

  it('publishes what is public, and moves its checkpoint past the rest', async () => {
    await append('Noted', 3);
    await append('Internal', 2);
    const relay = start({ maxBatch: 2 });
    await noted(5, 3);
    await append('Internal', 1);
    await noted(6, 3);
    await append('Noted', 1);
    await noted(7, 7);
    expect(positions()).toEqual([1, 2, 3, 7]);
    expect(relay.states()).toEqual([{ partition: 0, holds: true, position: 7, read: 7 }]);
    const progress = { partition: 0, position: 7, published: 7, head: 7 };
    expect(await relay.progress()).toEqual([progress]);
  });

  it('goes on where another one has stopped, and leaves it alone before', async () => {
    const first = start();
    await append('Noted', 2);
    await noted(2, 2);
    const second = start();
    await append('Noted', 2);
    await noted(4, 4);
    expect([first, second].map((relay) => relay.states()[0]?.holds)).toEqual([true, false]);
    await first.stop();
    await append('Noted', 2);
    await noted(6, 6);
    expect(positions()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(second.states()[0]?.holds).toBe(true);
  });

  it('moves no checkpoint before the log has acknowledged, and reads on meanwhile', async () => {
    const acknowledged = Promise.withResolvers<void>();
    await append('Noted', 4);
    const relay = start({
      maxBatch: 2,
      publish: async (_, __, events) => {
        await acknowledged.promise;
        log.push(...events);
      },
    });
    await vi.waitFor(() => expect(relay.states()[0]?.read).toBe(4), patience);
    expect(await relays.published(topic)).toEqual([{ partition: 0, position: 0, published: 0 }]);
    expect(log).toEqual([]);
    acknowledged.resolve();
    await noted(4, 4);
  });

  it('tries for ever what the log does not take, tells of it, and is well afterwards', async () => {
    let refusals = 6;
    const failure = new Error('no broker');
    await append('Noted', 6);
    const relay = start({
      maxBatch: 2,
      publish: async (_, __, events) => {
        if (refusals > 0 && events.some(({ position }) => position === 3)) {
          refusals -= 1;
          throw failure;
        }
        log.push(...events);
      },
    });
    await vi.waitFor(() => expect(relay.states()[0]?.failure).toBe(failure), patience);
    await noted(6, 6);
    expect(errors).toEqual(Array(6).fill(failure));
    expect(positions()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(relay.states()[0]?.failure).toBeUndefined();
  });

  it('publishes again, and nothing else, what it had published when it fell before the checkpoint', async () => {
    await append('Noted', 5);
    let hasFallen = false;
    const inner = relays;
    const failing: RelayStore = {
      acquire: (...lease) => inner.acquire(...lease),
      renew: (...lease) => inner.renew(...lease),
      release: (lease) => inner.release(lease),
      published: (name) => inner.published(name),
      checkpoint: async (...checkpoint) => {
        if (!hasFallen && checkpoint[1] > 2) {
          hasFallen = true;
          throw new Error('fell');
        }
        return await inner.checkpoint(...checkpoint);
      },
    };
    start({ relays: failing, maxBatch: 2 });
    await noted(5, 5);
    const seen = positions();
    expect(seen.length).toBeGreaterThan(5);
    expect([...new Set(seen)]).toEqual([1, 2, 3, 4, 5]);
  });

  it('is fenced when it wakes after its time, whatever it still publishes', async () => {
    await append('Noted', 2);
    const asleep = Promise.withResolvers<void>();
    const inner = relays;
    const sleeping: RelayStore = {
      acquire: (...lease) => inner.acquire(...lease),
      checkpoint: (...checkpoint) => inner.checkpoint(...checkpoint),
      published: (name) => inner.published(name),
      release: (lease) => inner.release(lease),
      renew: async (...lease) => {
        await asleep.promise;
        return await inner.renew(...lease);
      },
    };
    const sleeper = start({
      relays: sleeping,
      publish: async (_, __, events) => {
        await asleep.promise;
        log.push(...events);
      },
    });
    await vi.waitFor(() => expect(sleeper.states()[0]?.read).toBe(2), patience);
    const successor = start();
    await noted(2, 2);
    await append('Noted', 2);
    await noted(4, 4);
    asleep.resolve();
    await vi.waitFor(() => expect(positions()).toEqual([1, 2, 3, 4, 1, 2]), patience);
    await vi.waitFor(() => expect(sleeper.states()[0]?.holds).toBe(false), patience);
    await append('Noted', 1);
    await noted(5, 5);
    expect(positions()).toEqual([1, 2, 3, 4, 1, 2, 5]);
    expect(successor.states()[0]?.holds).toBe(true);
    expect(errors).toEqual([]);
  });

  it('publishes nothing of a store that holds less than was published', async () => {
    const lease = await relays.acquire(topic, 0, 'before', 1);
    if (lease !== undefined) await relays.checkpoint(lease, 9, 9);
    await append('Noted', 3);
    const relay = start();
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1), patience);
    expect(errors[0]).toBeInstanceOf(RelayAheadOfStoreError);
    expect(relay.states()[0]?.failure).toBeInstanceOf(RelayAheadOfStoreError);
    expect(log).toEqual([]);
  });
});
