import { randomUUID } from 'node:crypto';
import { VersionConflictError } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

const partitions = 3;
const database = `unionfold_test_${randomUUID().slice(0, 8)}`;
const connections: MongoConnection[] = [];
const stores: MongoEventStore[] = [];
const notices: string[] = [];

/** A process of its own: nothing but the database is shared. */
async function newProcess(): Promise<MongoEventStore> {
  const connection = await MongoConnection.open({ uri: mongodbUri(), patienceMs: 20_000 });
  connections.push(connection);
  const store = await MongoEventStore.open({
    connection,
    database,
    partitions,
    onNotice: (message) => notices.push(message),
  });
  stores.push(store);
  return store;
}

const happened = () => ({
  id: randomUUID(),
  type: 'unionfold.test.v1.Happened',
  data: {},
  metadata: { actor: 'a', correlationId: 'c', occurredAt: '2026-01-01T00:00:00.000Z' },
});

describe('several processes on one event store', () => {
  beforeAll(async () => {
    for (let n = 0; n < 3; n++) await newProcess();
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    const [connection] = connections;
    if (connection) await dropDatabase(connection, database);
    await Promise.all(connections.map((connection) => connection.close()));
  });

  /** Appends until a number is acknowledged, on versions read from the store, as command handlers do. */
  async function write(store: MongoEventStore, stream: string, wanted: number): Promise<string[]> {
    const acknowledged: string[] = [];
    while (acknowledged.length < wanted) {
      const events = await store.readStream(stream);
      const event = happened();
      try {
        await store.append([{ stream, expectedVersion: events.length, events: [event] }]);
        acknowledged.push(event.id);
      } catch (error) {
        if (!(error instanceof VersionConflictError)) throw error;
      }
    }
    return acknowledged;
  }

  async function expectWhole(acknowledged: readonly string[]): Promise<void> {
    const [store] = stores;
    const found: string[] = [];
    const versions = new Map<string, number>();
    for (let partition = 0; partition < partitions; partition++) {
      const events = (await store?.readPartition(partition, 0, 1_000_000)) ?? [];
      expect(events.map(({ position }) => position)).toEqual(events.map((_, nth) => nth + 1));
      for (const { id, stream, version } of events) {
        found.push(id);
        expect(version).toBe((versions.get(stream) ?? 0) + 1);
        versions.set(stream, version);
      }
    }
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining([...acknowledged]));
  }

  it('write the same streams and their own, and each gets on', async () => {
    const acknowledged = await Promise.all(
      stores.flatMap((store, nth) => [
        write(store, 'shared', 15),
        ...Array.from({ length: 12 }, (_, own) => write(store, `own-${nth}-${own}`, 15)),
      ]),
    );
    await expectWhole(acknowledged.flat());
  });

  it('have what they append themselves at hand for their followers, and read what others append', async () => {
    const [own, other] = stores as [MongoEventStore, MongoEventStore];
    const before = await own.heads();
    const seen = before.map(() => [] as number[]);
    const reads = vi.spyOn(own, 'readPartition');
    const followers = before.map((afterPosition, partition) =>
      own.subscribe({
        partition,
        afterPosition,
        maxBatch: 10,
        handle: async (events) => {
          seen[partition]?.push(...events.map(({ position }) => position));
        },
        onError: (error) => notices.push(String(error)),
      }),
    );
    const expectAllSeen = async () => {
      const heads = await own.heads();
      const all = heads.map((head, partition) => {
        const first = before[partition] ?? 0;
        return Array.from({ length: head - first }, (_, nth) => first + nth + 1);
      });
      await vi.waitFor(() => expect(seen).toEqual(all), { timeout: 10_000 });
    };
    await vi.waitFor(() => expect(reads).toHaveBeenCalledTimes(partitions), { timeout: 10_000 });
    for (let round = 0; round < 10; round++) await write(own, `at-hand-${round % 3}`, 1);
    await expectAllSeen();
    // Each looks by itself once a second; beside that, nothing was read.
    expect(reads.mock.calls.length).toBeLessThan(10);
    await Promise.all([own, other].map((store) => write(store, 'at-hand-of-both', 20)));
    await expectAllSeen();
    await Promise.all(followers.map((follower) => follower.stop()));
    reads.mockRestore();
  });

  it('cannot both rely on what the other one changes', async () => {
    const [first, second] = stores as [MongoEventStore, MongoEventStore];
    for (let round = 0; round < 20; round++) {
      const [left, right] = [`left-${round}`, `right-${round}`];
      const relying = (store: MongoEventStore, on: string, changed: string) =>
        store.append([
          { stream: on, expectedVersion: 0, events: [] },
          { stream: changed, expectedVersion: 0, events: [happened()] },
        ]);
      const outcomes = await Promise.allSettled([
        relying(first, left, right),
        relying(second, right, left),
      ]);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
  });

  it('cannot rely on what the other one has changed since', async () => {
    const [first, second] = stores as [MongoEventStore, MongoEventStore];
    const add = (store: MongoEventStore, stream: string, expectedVersion: number) =>
      store.append([{ stream, expectedVersion, events: [happened()] }]);
    for (let round = 0; round < 10; round++) {
      const [relied, changed] = [`relied-${round}`, `changed-${round}`];
      await add(first, relied, 0);
      await add(second, relied, 1);
      // The first one remembers version 1; no index refuses a guard, only the counter that has moved.
      await expect(
        first.append([
          { stream: relied, expectedVersion: 1, events: [] },
          { stream: changed, expectedVersion: 0, events: [happened()] },
        ]),
      ).rejects.toMatchObject({ name: 'VersionConflictError', actual: 2 });
      expect(await second.readStream(changed)).toEqual([]);
    }
    // The other one has appended more than is looked through.
    const relied = 'relied-and-long';
    await add(first, relied, 0);
    const much = Array.from({ length: 1_500 }, happened);
    await second.append([{ stream: relied, expectedVersion: 1, events: much }]);
    const stale = first.append([
      { stream: relied, expectedVersion: 1, events: [] },
      { stream: 'changed-late', expectedVersion: 0, events: [happened()] },
    ]);
    await expect(stale).rejects.toMatchObject({ name: 'VersionConflictError', actual: 1_501 });
  });

  // With many writers, a process has two transactions under way, and a guard on the other lane brings them together.
  it.each([1, 300])(
    'lose nothing that was acknowledged when the primary steps down under the load of %i writers each',
    async (each) => {
      const admin = connections[0]?.client.db('admin');
      let writing = true;
      const acknowledged: string[] = [];
      let refused = 0;
      const writers = stores.flatMap((store, process) =>
        Array.from({ length: each }, async (_, nth) => {
          const stream = `stepping-${each}-${process}-${nth}`;
          const guard = { stream: `quiet-${nth}`, expectedVersion: 0, events: [] };
          while (writing) {
            const event = happened();
            try {
              const { length: expectedVersion } = await store.readStream(stream);
              await store.append([
                { stream, expectedVersion, events: [event] },
                ...(nth % 50 === 0 ? [guard] : []),
              ]);
              acknowledged.push(event.id);
            } catch {
              // Not acknowledged: it may be there or not.
              refused += 1;
            }
          }
        }),
      );
      const more = async (wanted: number, timeout: number) => {
        const { length } = acknowledged;
        const isThere = () => expect(acknowledged.length).toBeGreaterThan(length + wanted);
        await vi.waitFor(isThere, { timeout });
      };
      await more(30 + 5 * each, 20_000);
      await admin?.command({ replSetStepDown: 1, force: true }).catch(() => undefined);
      await more(60 + 10 * each, 40_000);
      writing = false;
      await Promise.all(writers);
      await expectWhole(acknowledged);
      expect(refused).toBeLessThan(acknowledged.length);
    },
  );

  it('miss no event when the server no longer takes the resume token, and say so', async () => {
    const [reader, writer] = stores as [MongoEventStore, MongoEventStore];
    const seen: number[] = [];
    const [head = 0] = await reader.heads();
    const stream = Array.from({ length: 100 }, (_, n) => `token-${n}`);
    const following = reader.subscribe({
      partition: 0,
      afterPosition: head,
      maxBatch: 100,
      handle: async (events) => {
        seen.push(...events.map(({ position }) => position));
      },
      onError: (error) => notices.push(String(error)),
    });
    await writer.append(
      stream
        .slice(0, 50)
        .map((name) => ({ stream: name, expectedVersion: 0, events: [happened()] })),
    );
    // An oplog takes hours to pass a token; the server refuses this one in the same way.
    reader.resumeFrom({ _data: '8200000001000000002B02' });
    await writer.append(
      stream.slice(50).map((name) => ({ stream: name, expectedVersion: 0, events: [happened()] })),
    );
    const [end = 0] = await writer.heads();
    await vi.waitFor(() => expect(seen.length).toBe(end - head), { timeout: 20_000 });
    expect(seen).toEqual(Array.from({ length: end - head }, (_, nth) => head + nth + 1));
    await vi.waitFor(
      () =>
        expect(notices.some((notice) => notice.includes('resume token has expired'))).toBe(true),
      { timeout: 20_000 },
    );
    await following.stop();
  });
});
