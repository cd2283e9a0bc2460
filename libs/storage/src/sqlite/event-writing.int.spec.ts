import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { EventData } from '@unionfold/eventsourcing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventStoreSchema, insertEventSql } from './event-store-schema.ts';
import { GroupCommit, Refused } from './group-commit.ts';
import { SqliteEventStore } from './sqlite-event-store.ts';
import { StreamDirectory } from './stream-directory.ts';
import { streamNumber } from './stream-number.ts';

const metadata = { actor: 'a', correlationId: 'c', occurredAt: '2026-01-01T00:00:00.000Z' };
const event = (data = {}): EventData => ({ id: 'e', type: 't', data, metadata });

describe('SqliteEventStore', () => {
  let folder: string;
  const open = (options = {}) =>
    SqliteEventStore.open({ file: join(folder, 'events.db'), partitions: 2, ...options });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unionfold-events-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('keeps its number of partitions, whatever is asked later', async () => {
    await (await open()).close();
    const store = await open({ partitions: 7 });
    expect(store.partitions).toBe(2);
    expect(await store.heads()).toEqual([0, 0]);
    await store.close();
  });

  it.each([0, -1, 1.5, 1025, Number.NaN])('refuses %d partitions', async (partitions) => {
    await expect(open({ partitions })).rejects.toBeInstanceOf(RangeError);
  });

  it('refuses data that is not JSON alone, not its neighbours', async () => {
    const store = await open();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const outcomes = await Promise.allSettled([
      store.append([{ stream: 'a', expectedVersion: 0, events: [event()] }]),
      store.append([{ stream: 'b', expectedVersion: 0, events: [event(circular)] }]),
      // No type: SQLite cannot bind it, which shows only within the transaction.
      store.append([
        {
          stream: 'c',
          expectedVersion: 0,
          events: [event(), { ...event(), type: undefined as never }],
        },
      ]),
      store.append([{ stream: 'd', expectedVersion: 0, events: [event()] }]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect((await store.heads()).reduce((sum, head) => sum + head)).toBe(2);
    expect(await store.readStream('c')).toEqual([]);
    await store.append([{ stream: 'c', expectedVersion: 0, events: [event()] }]);
    await store.append([{ stream: 'a', expectedVersion: 1, events: [event()] }]);
    await store.close();
  });

  it('takes its time from the clock, once a transaction', async () => {
    let now = Date.parse('2026-05-06T07:08:09.010Z');
    const store = await open({ clock: () => new Date(now++) });
    await Promise.all(
      ['a', 'b', 'c'].map((stream) =>
        store.append([{ stream, expectedVersion: 0, events: [event()] }]),
      ),
    );
    await store.append([{ stream: 'a', expectedVersion: 1, events: [event()] }]);
    const times = async (stream: string) =>
      (await store.readStream(stream)).map(({ recordedAt }) => recordedAt);
    expect(await times('a')).toEqual(['2026-05-06T07:08:09.010Z', '2026-05-06T07:08:09.011Z']);
    expect(await times('c')).toEqual(['2026-05-06T07:08:09.010Z']);
    await store.close();
  });

  it('stays right when it remembers two streams only', async () => {
    const store = await open({ rememberedStreams: 2 });
    for (let version = 0; version < 4; version += 1) {
      await Promise.all(
        Array.from({ length: 20 }, (_, nth) =>
          store.append(
            [nth, ((nth + 7) % 20) + 20].map((name) => ({
              stream: `s-${name}`,
              expectedVersion: version,
              events: [event()],
            })),
          ),
        ),
      );
    }
    for (let nth = 0; nth < 40; nth += 1)
      expect(await store.readStream(`s-${nth}`)).toHaveLength(4);
    await store.close();
  });
});

describe('StreamDirectory', () => {
  it('tells streams apart whose names have the same hash', () => {
    const database = new DatabaseSync(':memory:');
    database.exec(eventStoreSchema(1));
    const insert = database.prepare(insertEventSql(0));
    const sameHash = () => 2 ** 53 - 2;
    let position = 0;
    const write = (directory: StreamDirectory, stream: string) => {
      const entry = directory.entry(0, stream);
      entry.version += 1;
      position += 1;
      insert.run(position, entry.number, entry.version, stream, 'e', 't', '{}', '{}', 0);
    };
    const directory = new StreamDirectory(database, 1, 10, sameHash);
    for (const stream of ['a', 'b', 'c', 'b', 'c', 'c']) write(directory, stream);
    const later = new StreamDirectory(database, 1, 10, sameHash);
    // The numbers go on from the limit at zero.
    expect(['a', 'b', 'c', 'd'].map((stream) => later.entry(0, stream))).toEqual([
      { partition: 0, number: 2 ** 53 - 2, version: 1 },
      { partition: 0, number: 2 ** 53 - 1, version: 2 },
      { partition: 0, number: 0, version: 3 },
      { partition: 0, number: 1, version: 0 },
    ]);
    database.close();
  });

  it('hashes without collisions among half a million names that differ little', () => {
    const numbers = new Set<number>();
    for (let nth = 0; nth < 500_000; nth += 1) numbers.add(streamNumber(`member-${nth}`));
    expect(numbers.size).toBe(500_000);
  });

  it('never changes a number, because files hold them', () => {
    expect(streamNumber('union-cn-37')).toBe(426230790208859);
    expect(streamNumber('工会-1')).toBe(8914791356585244);
  });
});

describe('GroupCommit', () => {
  it('shares transactions, and undoes one unit alone', async () => {
    const database = new DatabaseSync(':memory:');
    database.exec('CREATE TABLE t (a UNIQUE)');
    const insert = database.prepare('INSERT INTO t VALUES (?)');
    let commits = 0;
    let rollbacks = 0;
    const queue = new GroupCommit({
      database,
      file: 'memory',
      maxUnits: 10,
      maxWeight: 1000,
      committed: () => {
        commits += 1;
      },
      rolledBack: () => {
        rollbacks += 1;
      },
    });
    const values =
      (...all: number[]) =>
      () => {
        for (const value of all) insert.run(value);
        return all.length;
      };
    await Promise.all(Array.from({ length: 25 }, (_, nth) => queue.submit(1, values(nth))));
    expect(commits).toBe(3);
    const outcomes = await Promise.allSettled([
      queue.submit(1, values(100)),
      queue.submit(1, () => new Refused(new Error('no'))),
      queue.submit(1, values(101, 0)),
      queue.submit(1, values(102)),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(rollbacks).toBe(2);
    const stored = database.prepare('SELECT a FROM t WHERE a >= 100 ORDER BY a').all();
    expect(stored.map((row) => row['a'])).toEqual([100, 102]);
    await queue.close();
    await expect(queue.submit(1, values(200))).rejects.toMatchObject({
      name: 'StoreUnavailableError',
    });
    database.close();
  });

  it('keeps the order of what was handed in, over many transactions', async () => {
    const database = new DatabaseSync(':memory:');
    const order: number[] = [];
    const queue = new GroupCommit({ database, file: 'memory', maxUnits: 3, maxWeight: 10_000 });
    const units = Array.from({ length: 20_000 }, (_, nth) =>
      queue.submit(1, () => order.push(nth)),
    );
    await Promise.all(units);
    expect(order).toEqual(Array.from({ length: 20_000 }, (_, nth) => nth));
    await queue.close();
    database.close();
  });
});
