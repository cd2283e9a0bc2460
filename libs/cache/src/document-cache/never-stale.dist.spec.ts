import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreUnavailableError } from '@unionfold/eventsourcing';
import { SqliteDocumentStore } from '@unionfold/storage';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BreakableWire } from '../redis/breakable-wire.fixture.ts';
import { RedisConnection } from '../redis/redis-connection.ts';
import { RedisServer } from '../redis/redis-server.fixture.ts';
import { ObservedStore, seededRandom } from './observed-store.fixture.ts';
import { COLLECTION, ReadersAndWriters } from './readers-and-writers.fixture.ts';
import { untilCached } from './until-cached.fixture.ts';
import { type CachedDocumentStore, withDocumentCache } from './with-document-cache.ts';

const SEED = Number(process.env['TEST_SEED'] ?? 4);
/** Longer than any commit here takes, lost answers included. */
const MARK_MS = 3_000;
const CLOSED = 'document cache closed: this process cannot say in Redis what it writes';
const OPEN = 'document cache open again';

describe(`documents from the cache (seed ${SEED})`, () => {
  let folder: string;
  let inner: SqliteDocumentStore;
  let observed: ObservedStore;
  let server: RedisServer;
  let traffic: ReadersAndWriters;
  let notices: string[];
  const connections: RedisConnection[] = [];
  const processes: CachedDocumentStore[] = [];
  const random = seededRandom(SEED);

  beforeEach(async () => {
    notices = [];
    folder = await mkdtemp(join(tmpdir(), 'unionfold-never-stale-'));
    inner = await SqliteDocumentStore.open({ file: join(folder, 'documents.db') });
    await inner.define([{ name: COLLECTION, indexes: [] }]);
    observed = new ObservedStore(inner, random);
    server = await RedisServer.start();
    traffic = new ReadersAndWriters(observed, random);
  });
  afterEach(async () => {
    await traffic.stop();
    for (const store of processes.splice(0)) await store.close();
    for (const connection of connections.splice(0)) await connection.close();
    await observed.close();
    await inner.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  /** What a process of its own would open. */
  const open = async (
    url = server.url,
    mostMarks = 500,
    store = observed,
  ): Promise<CachedDocumentStore> => {
    const connection = await RedisConnection.open(url, {
      keyPrefix: 'test:',
      onNotice: () => undefined,
      restMs: 200,
      commandTimeoutMs: 2_000,
    });
    connections.push(connection);
    const cached = withDocumentCache(store, connection, {
      scope: 'test',
      collections: () => true,
      onNotice: (message) => notices.push(message),
      markMs: MARK_MS,
      permitMs: 200,
      mostMarks,
    });
    processes.push(cached);
    return cached;
  };
  const after = (commits: number, reads: number) => {
    const [fromCommits, fromReads] = [traffic.commits, traffic.reads];
    return vi.waitFor(
      () => {
        expect(traffic.commits - fromCommits).toBeGreaterThan(commits);
        expect(traffic.reads - fromReads).toBeGreaterThan(reads);
      },
      { timeout: 40_000, interval: 20 },
    );
  };
  const served = async (work: () => Promise<unknown>): Promise<number> => {
    const [reads, loaded] = [traffic.reads, observed.reads];
    await work();
    return 1 - (observed.reads - loaded) / (traffic.reads - reads);
  };

  it('are never older than what was committed before the read began, nor halves of two changes', async () => {
    const stores = [await open(), await open(), await open()];
    for (const store of stores) await untilCached(store, observed);
    observed.behaviour = { slownessMs: 8, lostAnswers: 0.02 };
    for (const store of stores) {
      traffic.writer(store, 10);
      for (let n = 0; n < 6; n += 1) traffic.reader(store);
    }
    const part = await served(() => after(600, 20_000));
    expect(part).toBeGreaterThan(0.1);
    const { stale, commits } = await traffic.stop();
    expect(commits).toBeGreaterThan(600);
    expect(stale).toEqual([]);
    expect(notices).toEqual([]);
  });

  it('are right where whole collections are marked', async () => {
    const stores = [await open(server.url, 3), await open()];
    for (const store of stores) await untilCached(store, observed);
    observed.behaviour = { slownessMs: 8, lostAnswers: 0 };
    for (const store of stores) {
      traffic.writer(store, 10);
      for (let n = 0; n < 6; n += 1) traffic.reader(store);
    }
    expect(await served(() => after(300, 5_000))).toBeGreaterThan(0.1);
    expect((await traffic.stop()).stale).toEqual([]);
  });

  it('are right while Redis is stopped and started again, empty', async () => {
    const stores = [await open(), await open()];
    for (const store of stores) await untilCached(store, observed);
    observed.behaviour = { slownessMs: 8, lostAnswers: 0 };
    for (const store of stores) {
      traffic.writer(store, 10);
      for (let n = 0; n < 6; n += 1) traffic.reader(store);
    }
    for (let round = 0; round < 3; round += 1) {
      notices.length = 0;
      await after(30, 1_000);
      await server.stop();
      await vi.waitFor(() => expect(notices).toContain(CLOSED), { timeout: 10_000 });
      await after(30, 100);
      await server.start();
      await vi.waitFor(() => expect(notices.filter((said) => said === OPEN)).toHaveLength(2), {
        timeout: 20_000,
      });
    }
    await untilCached(stores[0] as CachedDocumentStore, observed);
    const part = await served(() => after(30, 3_000));
    expect(part).toBeGreaterThan(0.1);
    expect((await traffic.stop()).stale).toEqual([]);
  });

  it('are right while one writer cannot reach the Redis that all others use', async () => {
    const wire = await BreakableWire.to(server.url);
    const lonely = await open(wire.url);
    const others = [await open(), await open()];
    for (const store of [lonely, ...others]) await untilCached(store, observed);
    observed.behaviour = { slownessMs: 8, lostAnswers: 0 };
    traffic.writer(lonely, 10);
    for (const store of others) {
      traffic.writer(store, 5);
      for (let n = 0; n < 6; n += 1) traffic.reader(store);
    }
    for (let round = 0; round < 2; round += 1) {
      notices.length = 0;
      await after(30, 1_000);
      wire.cut();
      await vi.waitFor(() => expect(notices).toEqual([CLOSED]), { timeout: 10_000 });
      // Nobody reads from the cache, though most could.
      expect(await served(() => after(50, 500))).toBeLessThan(0.01);
      wire.mend();
      await vi.waitFor(() => expect(notices).toEqual([CLOSED, OPEN]), { timeout: 20_000 });
    }
    await untilCached(others[0] as CachedDocumentStore, observed);
    expect((await traffic.stop()).stale).toEqual([]);
    await lonely.close();
    processes.splice(processes.indexOf(lonely), 1);
    await wire.remove();
  });

  it('are cached again some time after a process that had closed the cache has died', async () => {
    await server.stop();
    const its = new ObservedStore(inner, random);
    const dead = await open(server.url, 500, its);
    await dead.commit({ puts: [{ collection: COLLECTION, document: { id: 'x', version: 1 } }] });
    expect(notices).toEqual([CLOSED]);
    // Its closure stays; nothing more comes from it.
    its.commit = () => Promise.reject(new StoreUnavailableError('the process is dead'));
    await server.start();
    const store = await open();
    await untilCached(store, observed);
    expect((await store.get(COLLECTION, 'x'))?.['version']).toBe(1);
  });

  it('that are not in the store are cached as such, until they are', async () => {
    const store = await open();
    await untilCached(store, observed);
    const looks = async () => {
      const before = observed.reads;
      expect(await store.get(COLLECTION, 'new')).toBeUndefined();
      return observed.reads - before;
    };
    await vi.waitFor(async () => expect(await looks()).toBe(0));
    await store.commit({ puts: [{ collection: COLLECTION, document: { id: 'new', version: 1 } }] });
    expect(await store.get(COLLECTION, 'new')).toMatchObject({ version: 1 });
    await store.uncached.commit({ deletes: [{ collection: COLLECTION, id: 'new' }] });
    expect(await store.get(COLLECTION, 'new')).toBeUndefined();
  });
});
