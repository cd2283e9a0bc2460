import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisConnection } from '../redis/redis-connection.ts';
import { RedisKeys, redisTimePasses } from '../redis/redis-keys.fixture.ts';
import { RedisServer } from '../redis/redis-server.fixture.ts';
import { RedisDocumentEntries } from './redis-document-entries.ts';

const TIMES = { ttlMs: 60_000, loadMs: 400, markMs: 1_000 };
const PLACE = { collection: 'unions', id: 'u' };
const DOCUMENT = { collections: [], documents: [PLACE] };
const COLLECTION = { collections: ['unions'], documents: [] };

describe('cached documents in Redis', () => {
  let keys: RedisKeys;
  let connection: RedisConnection;
  let entries: RedisDocumentEntries;

  beforeEach(async () => {
    keys = new RedisKeys();
    connection = await keys.connect();
    entries = new RedisDocumentEntries(connection, 'test', TIMES);
  });
  afterEach(() => keys.destroy());

  const look = (ids: readonly string[] = ['u']) => entries.look('unions', ids);
  /** The tokens to store with; there must be some. */
  const vacant = async (ids: readonly string[] = ['u']) => {
    const found = await look(ids);
    if ('texts' in found || found.vacant.length === 0) throw new Error('nothing is vacant');
    return found;
  };
  const open = () => vi.waitFor(() => vacant(['probe']), { timeout: 5_000, interval: 5 });
  const text = (value: string) => new Map([['u', value]]);
  const isKept = async () => 'texts' in (await look());

  it('are stored only when a server has run for the life of a mark', async () => {
    expect(await look()).toMatchObject({ vacant: [] });
    await redisTimePasses(connection, TIMES.markMs / 2);
    expect(await look()).toMatchObject({ vacant: [] });
    await redisTimePasses(connection, TIMES.markMs / 2);
    expect(await look()).toMatchObject({ vacant: ['u'] });
  });

  it('are served as they were stored, all or none', async () => {
    await open();
    await entries.fill(await vacant(), text('V "L" 工会'));
    expect(await look()).toEqual({ texts: ['V "L" 工会'] });
    expect(await look(['u', 'v'])).toMatchObject({ vacant: ['v'] });
  });

  it('are loaded by one at a time, who may store', async () => {
    await open();
    const first = await vacant();
    expect(await look()).toMatchObject({ vacant: [] });
    await entries.fill({ ...first, token: 'made up' }, text('false'));
    expect(await isKept()).toBe(false);
    await entries.fill(first, text('true'));
    expect(await look()).toEqual({ texts: ['true'] });
  });

  it('are not stored after a load that took too long', async () => {
    await open();
    const slow = await vacant();
    await redisTimePasses(connection, TIMES.loadMs);
    const next = await vacant();
    await entries.fill(slow, text('slow'));
    expect(await isKept()).toBe(false);
    await entries.fill(next, text('next'));
    expect(await look()).toEqual({ texts: ['next'] });
  });

  for (const [what, touched] of [
    ['a document', DOCUMENT],
    ['a collection', COLLECTION],
  ] as const) {
    describe(`a mark of ${what}`, () => {
      it('removes what is stored, and lets nothing be stored until it is cleared', async () => {
        await open();
        await entries.fill(await vacant(), text('old'));
        const clear = await entries.mark(touched);
        expect(await look()).toMatchObject({ vacant: [] });
        await clear();
        await entries.fill(await vacant(), text('new'));
        expect(await look()).toEqual({ texts: ['new'] });
      });

      it('keeps out a load from before it, also after it was cleared', async () => {
        await open();
        const before = await vacant();
        const clear = await entries.mark(touched);
        await entries.fill(before, text('old'));
        expect(await isKept()).toBe(false);
        await clear();
        await entries.fill(before, text('old'));
        expect(await isKept()).toBe(false);
      });

      it('ends by itself, and brings nothing back', async () => {
        await open();
        await entries.fill(await vacant(), text('old'));
        await entries.mark(touched);
        await redisTimePasses(connection, TIMES.markMs);
        await vacant();
      });

      it('of two writers is cleared by neither, not even by the second alone', async () => {
        await open();
        const first = await entries.mark(touched);
        const second = await entries.mark(touched);
        await second();
        expect(await look()).toMatchObject({ vacant: [] });
        await first();
        expect(await look()).toMatchObject({ vacant: [] });
        await redisTimePasses(connection, TIMES.markMs);
        await vacant();
      });
    });
  }

  it('marked one by one stay marked while their collection is marked and cleared', async () => {
    await open();
    const document = await entries.mark(DOCUMENT);
    const collection = await entries.mark(COLLECTION);
    await collection();
    expect(await look()).toMatchObject({ vacant: [] });
    await document();
    await vacant();
  });

  it('of a run of the server are not looked at in another, which stores nothing at first', async () => {
    const server = await RedisServer.start();
    const own = await RedisConnection.open(server.url, {
      keyPrefix: 'test:',
      onNotice: () => undefined,
      commandTimeoutMs: 5_000,
    });
    entries = new RedisDocumentEntries(own, 'test', TIMES);
    await open();
    await entries.fill(await vacant(), text('old'));
    const loading = await vacant(['v']);
    const written = await entries.mark({ ...DOCUMENT, documents: [{ ...PLACE, id: 'w' }] });
    await server.stop();
    await server.start();
    const begun = await vi.waitFor(() => look(['u', 'v']), { timeout: 10_000 });
    expect(begun).toMatchObject({ vacant: [] });
    await entries.fill(loading, new Map([['v', 'old']]));
    await written();
    await redisTimePasses(own, TIMES.markMs / 2);
    expect(await look(['u', 'v', 'w'])).toMatchObject({ vacant: [] });
    await redisTimePasses(own, TIMES.markMs / 2);
    expect(await look(['u', 'v', 'w'])).toMatchObject({ vacant: ['u', 'v', 'w'] });
    await own.close();
    await server.stop();
  });

  it('are forgotten all at once, with the loads under way', async () => {
    await open();
    await entries.fill(await vacant(), text('old'));
    const loading = await vacant(['v']);
    await entries.renew();
    await entries.fill(loading, new Map([['v', 'old']]));
    expect(await look(['u', 'v'])).toMatchObject({ vacant: ['u', 'v'] });
  });
});
