import { randomUUID } from 'node:crypto';
import net from 'node:net';
import {
  type EventStore,
  eventsTopic,
  type RecordedEvent,
  type RelayStore,
} from '@unionfold/eventsourcing';
import type { ISocketFactory } from 'kafkajs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Relay } from '../relay/relay.ts';
import { BedConsumer, patience, upTo } from './bed-consumer.fixture.ts';
import { KafkaBed } from './kafka-bed.fixture.ts';

const text = '工会 ✊ “Ünïön” \u0000\u2028';

/** Sockets that can be torn and refused all together. */
class CuttableNetwork {
  readonly #sockets = new Set<net.Socket>();
  #isCut = false;

  readonly socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    // Nothing answers at port 1.
    const socket = net.connect({ host, port: this.#isCut ? 1 : port }, onConnect);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  };

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy(new Error('cut'));
  }

  mend(): void {
    this.#isCut = false;
  }
}

describe('Relays to Kafka', () => {
  const network = new CuttableNetwork();
  let bed: KafkaBed;
  let topic: string;
  beforeAll(async () => {
    bed = await KafkaBed.open({ socketFactory: network.socketFactory });
  });
  afterAll(async () => {
    network.mend();
    await bed.close();
  });
  beforeEach(() => {
    topic = eventsTopic(`relay-${randomUUID()}`);
  });

  it('publish every event as the store has it, in order', async () => {
    const store = await bed.topic(topic, 4);
    bed.relay({ topic, store });
    await append(store, 2_000);
    await append(store, 3, 'x'.repeat(2 ** 20));
    await published(bed, topic, store);
    expect(await bed.records(topic)).toEqual(await contents(store));
  });

  it('race for the same partitions, one paused again and again: nothing is lost or out of order', async () => {
    const store = await bed.topic(topic, 4);
    const paused = new PausableRelays(bed.relays);
    const settings = { topic, store, leaseMs: 400, maxBatch: 50 };
    const sleeper = bed.relay({
      ...settings,
      relays: paused,
      publish: async (name, _, events) => {
        await paused.awake();
        await bed.publisher.publish(name, events);
      },
    });
    const holdsAll = (relay: Relay) => relay.states().every((state) => state.holds);
    const holdsNone = (relay: Relay) => relay.states().every((state) => !state.holds);
    await vi.waitFor(() => expect(holdsAll(sleeper)).toBe(true), patience);
    for (let round = 0; round < 3; round++) {
      const loading = append(store, 600);
      await vi.waitFor(
        () => expect(sleeper.states().some(({ read }) => read > 0)).toBe(true),
        patience,
      );
      paused.pause();
      const successor = bed.relay(settings);
      await loading;
      await vi.waitFor(() => expect(holdsAll(successor)).toBe(true), patience);
      await append(store, 200);
      await published(bed, topic, store);
      paused.resume();
      await vi.waitFor(() => expect(holdsNone(sleeper)).toBe(true), patience);
      await append(store, 200);
      await published(bed, topic, store);
      await successor.stop();
      await vi.waitFor(() => expect(holdsAll(sleeper)).toBe(true), patience);
    }
    await expectInOrder(bed, topic, store);
  });

  it('hold out while the cluster is out of reach, as consumers do', async () => {
    const store = await bed.topic(topic, 3);
    const relay = bed.relay({ topic, store });
    const log = bed.log();
    const model = new BedConsumer();
    const consumer = log.consume(model.member('only', { group: topic, topics: [topic] }));
    await append(store, 300);
    await model.reached(await store.heads());
    network.cut();
    await append(store, 300);
    await vi.waitFor(
      () => expect(relay.states().every(({ failure }) => failure !== undefined)).toBe(true),
      patience,
    );
    network.mend();
    await append(store, 300);
    const heads = await store.heads();
    await model.reached(heads);
    for (const [partition, head] of heads.entries()) {
      expect(model.positions(partition)).toEqual(upTo(head));
    }
    await published(bed, topic, store);
    await expectInOrder(bed, topic, store);
    await vi.waitFor(
      () => expect(relay.states().every(({ failure }) => failure === undefined)).toBe(true),
      patience,
    );
    await consumer.stop();
  });
});

/** A process that stands still: nothing of it reaches the store meanwhile. */
class PausableRelays implements RelayStore {
  readonly #inner: RelayStore;
  #awake: PromiseWithResolvers<void> | undefined;

  constructor(inner: RelayStore) {
    this.#inner = inner;
  }

  pause(): void {
    this.#awake = Promise.withResolvers<void>();
  }

  resume(): void {
    this.#awake?.resolve();
    this.#awake = undefined;
  }

  async awake(): Promise<void> {
    await this.#awake?.promise;
  }

  async acquire(...lease: Parameters<RelayStore['acquire']>) {
    await this.awake();
    return await this.#inner.acquire(...lease);
  }

  async renew(...renewal: Parameters<RelayStore['renew']>) {
    await this.awake();
    return await this.#inner.renew(...renewal);
  }

  async checkpoint(...checkpoint: Parameters<RelayStore['checkpoint']>) {
    await this.awake();
    return await this.#inner.checkpoint(...checkpoint);
  }

  async release(...lease: Parameters<RelayStore['release']>) {
    await this.awake();
    await this.#inner.release(...lease);
  }

  published(topic: string) {
    return this.#inner.published(topic);
  }
}

async function append(store: EventStore, count: number, content = text): Promise<void> {
  const metadata = {
    actor: 'user:1',
    correlationId: 'c',
    causationId: 'b',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    occurredAt: '2025-05-01T00:00:00.000Z',
  };
  await Promise.all(
    Array.from({ length: count }, (_, index) => {
      const data = { content, nested: [{ index }, null, true, 1.5] };
      const events = [{ id: randomUUID(), type: 'unionfold.test.v1.Noted', data, metadata }];
      return store.append([{ stream: `部门-${index % 40}`, expectedVersion: 'any', events }]);
    }),
  );
}

async function published(bed: KafkaBed, topic: string, store: EventStore): Promise<void> {
  const heads = await store.heads();
  await vi.waitFor(async () => {
    const progress = await bed.relays.published(topic);
    expect(progress.map((partition) => partition.published)).toEqual(heads);
  }, patience);
}

async function contents(store: EventStore): Promise<readonly (readonly RecordedEvent[])[]> {
  const heads = await store.heads();
  return await Promise.all(
    heads.map((head, partition) => store.readPartition(partition, 0, head + 1)),
  );
}

/** The first record of every event stands in order, and none is missing. */
async function expectInOrder(bed: KafkaBed, topic: string, store: EventStore): Promise<void> {
  const stored = await contents(store);
  for (const [partition, events] of (await bed.records(topic)).entries()) {
    const seen = new Set<number>();
    const firsts = events.filter(({ position }) => {
      const isFirst = !seen.has(position);
      seen.add(position);
      return isFirst;
    });
    expect(firsts).toEqual(stored[partition]);
  }
}
