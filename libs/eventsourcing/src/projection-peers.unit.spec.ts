import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  CheckpointConflictError,
  type DocumentChange,
  TenureEndedError,
} from './document-store.ts';
import { MemoryDocumentStore } from './memory-document-store.fixture.ts';
import { MemoryEventLog, plainCodec } from './memory-event-log.fixture.ts';
import { type Projection, ProjectionRunner } from './projection.ts';

const topics = ['unionfold.left.events.v1', 'unionfold.right.events.v1'] as const;
const [left, right] = topics;
const running: ProjectionRunner[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
});

/** Adds up the events of all partitions of all topics in one document, as the statistics of a nation do. */
const totals = (version = 1): Projection => ({
  name: 'totals',
  version,
  topics,
  collections: [{ name: 'sums', indexes: [] }],
  apply: async (_, documents) => {
    const before = await documents.get('sums', 'all');
    documents.put('sums', { id: 'all', version, count: Number(before?.['count'] ?? 0) + 1 });
  },
});

function setUp() {
  const log = new MemoryEventLog();
  const documents = new MemoryDocumentStore();
  const errors: unknown[] = [];
  for (const topic of topics) log.topic(topic, 2);
  const counts = new Map<string, number>();
  let appended = 0;
  const append = (topic: string, partition: number, times = 1) => {
    for (let n = 0; n < times; n++) log.append(topic, `s${partition}`, 'Noted', {}, partition);
    appended += times;
    const place = `${topic}/${partition}`;
    const position = (counts.get(place) ?? 0) + times;
    counts.set(place, position);
    return { topic, partition, position };
  };
  /** A process of its own: nothing but the log and the store is shared. */
  const newPeer = (version = 1) => {
    const runner = new ProjectionRunner(totals(version), {
      log,
      documents,
      codec: plainCodec,
      clock: () => new Date('2026-06-01T00:00:00Z'),
      onError: (_, error) => errors.push(error),
      peers: { lookMs: 5, graceMs: 40 },
    });
    running.push(runner);
    return runner;
  };
  const started = async (...versions: number[]) => {
    const peers = versions.map(newPeer);
    for (const peer of peers) await peer.start();
    return peers as [ProjectionRunner, ...ProjectionRunner[]];
  };
  const collections = () => [...documents.documents.keys()].filter((name) => /_g\d/.test(name));
  return { log, documents, errors, append, started, newPeer, collections, total: () => appended };
}

describe('ProjectionRunner among peers', () => {
  it('is written by one process, while every process reads and waits', async () => {
    const { append, started } = setUp();
    const peers = await started(1, 1, 1);
    const positions = [append(left, 0, 3), append(left, 1, 2), append(right, 0), append(right, 1)];
    for (const peer of peers) {
      expect(await peer.waitFor(positions, 5_000)).toBe(true);
      expect(await peer.get('sums', 'all')).toMatchObject({ count: 7 });
      await peer.look();
      expect(peer.positions()).toHaveLength(4);
    }
    expect(peers.filter((peer) => peer.consumer?.isActive)).toHaveLength(1);
  });

  it('goes on in another process when the one that wrote leaves, and counts nothing twice', async () => {
    const { append, started } = setUp();
    const [first, second] = await started(1, 1);
    await first.waitFor([append(left, 0, 50)], 5_000);
    const stopping = first.stop();
    const late = append(right, 1, 50);
    await stopping;
    expect(await second?.waitFor([late], 5_000)).toBe(true);
    expect(await second?.get('sums', 'all')).toMatchObject({ count: 100 });
  });

  it('refuses a holder that slept through its own replacement', async () => {
    const { documents, errors, append, started, newPeer } = setUp();
    const [sleeper] = await started(1);
    await sleeper.waitFor([append(left, 0)], 5_000);
    const commit = documents.commit.bind(documents);
    const asleep = Promise.withResolvers<void>();
    const woken = Promise.withResolvers<void>();
    documents.commit = async (change: DocumentChange) => {
      documents.commit = commit;
      asleep.resolve();
      await woken.promise;
      await commit(change);
    };
    // It has read a count of 1, and sleeps before writing 2 …
    append(left, 0);
    await asleep.promise;
    // … while another one that believes the partition to be its own handles another event.
    const other = newPeer();
    await documents.takeOver('totals_g1');
    await commit({ puts: [{ collection: 'totals_g1_sums', document: { id: 'all', count: 10 } }] });
    woken.resolve();
    await vi.waitFor(() => expect(errors.some((e) => e instanceof TenureEndedError)).toBe(true));
    await other.start();
    expect(await other.waitFor([append(right, 0)], 5_000)).toBe(true);
    expect(await other.waitFor([{ topic: left, partition: 0, position: 2 }], 5_000)).toBe(true);
    expect(await other.get('sums', 'all')).toMatchObject({ count: 12 });
  });

  it('is rebuilt once, whichever process was asked, under load, and all see the successor', async () => {
    const { append, started, collections, total, errors } = setUp();
    const peers = await started(1, 1);
    const [, standby] = peers;
    await standby?.waitFor([append(left, 0, 200)], 5_000);
    let writing = true;
    const writer = (async () => {
      let last = append(right, 1);
      while (writing) {
        last = append(right, 1);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return last;
    })();
    const seen = peers.map(async (peer) => {
      let last = 0;
      while (writing) {
        const count = Number((await peer.get('sums', 'all'))?.['count']);
        expect(count).toBeGreaterThanOrEqual(last);
        last = count;
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(await standby?.rebuild()).toBe(2);
    await standby?.rebuilt();
    for (const peer of peers) {
      await vi.waitFor(() => expect(peer.consumer?.definition.name).toBe('totals_g2'));
    }
    writing = false;
    const last = await writer;
    await Promise.all(seen);
    for (const peer of peers) {
      expect(await peer.waitFor([last], 5_000)).toBe(true);
      expect(await peer.get('sums', 'all')).toMatchObject({ count: total() });
    }
    await vi.waitFor(() => expect(collections()).toEqual(['totals_g2_sums']));
    // A holder that is replaced, or whose checkpoint another one has moved, is told so: that is no error of theirs.
    const isOfReplacement = (e: unknown) =>
      e instanceof TenureEndedError || e instanceof CheckpointConflictError;
    expect(errors.filter((e) => !isOfReplacement(e))).toEqual([]);
  });

  it('keeps the old version served until the new one has been built by a process that has its code', async () => {
    const { append, started, collections, newPeer } = setUp();
    const [old] = await started(1);
    await old.waitFor([append(left, 0, 30)], 5_000);
    const newer = newPeer(2);
    await newer.start();
    await newer.rebuilt();
    expect(await newer.get('sums', 'all')).toEqual({ id: 'all', version: 2, count: 30 });
    await vi.waitFor(() => expect(old.current).toBe(false));
    expect(await newer.waitFor([append(right, 0)], 5_000)).toBe(true);
    await vi.waitFor(() => expect(collections()).toEqual(['totals_g2_sums']));
    expect(await newer.get('sums', 'all')).toEqual({ id: 'all', version: 2, count: 31 });
  });
});
