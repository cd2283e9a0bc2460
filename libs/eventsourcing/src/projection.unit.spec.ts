import { afterEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailableError } from './event-store.ts';
import { MemoryDocumentStore } from './memory-document-store.fixture.ts';
import { MemoryEventLog, plainCodec } from './memory-event-log.fixture.ts';
import { type Projection, ProjectionRunner } from './projection.ts';

const topic = 'unionfold.test.events.v1';
const running: ProjectionRunner[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
});

/** Counts the events of each stream; the version stands in the documents, so that a mixture shows. */
const counting = (
  version: number,
  met: (position: number) => void = () => undefined,
): Projection => ({
  name: 'counts',
  version,
  topics: [topic],
  collections: [{ name: 'streams', indexes: [] }],
  rebuildBatch: 7,
  apply: async ({ event, recorded }, documents) => {
    met(recorded.position);
    if (event.type === 'Poison') throw new Error('poison');
    const { stream } = recorded;
    const before = await documents.get('streams', stream);
    documents.put('streams', { id: stream, version, count: Number(before?.['count'] ?? 0) + 1 });
  },
});

function setUp() {
  const log = new MemoryEventLog();
  const store = new MemoryDocumentStore();
  const errors: unknown[] = [];
  log.topic(topic);
  const newRunner = (projection: Projection = counting(1)) => {
    const runner = new ProjectionRunner(projection, {
      log,
      documents: store,
      codec: plainCodec,
      clock: () => new Date('2025-06-01T00:00:00Z'),
      onError: (_, error) => errors.push(error),
      maxAttempts: 1,
    });
    running.push(runner);
    return runner;
  };
  let appended = 0;
  const append = (stream: string, times = 1, type = 'Noted') => {
    for (let n = 0; n < times; n++) {
      log.append(topic, stream, type);
      appended += 1;
    }
    return [{ topic, partition: 0, position: appended }];
  };
  /** What belongs to generations, as it stands in the store. */
  const remains = async () => ({
    collections: [...store.documents.keys()].filter((name) => name.startsWith('counts_g')),
    checkpoints: (
      await Promise.all(
        [1, 2, 3, 4, 5].map(async (generation) =>
          (await store.checkpoints(`counts_g${generation}`)).map(({ consumer }) => consumer),
        ),
      )
    ).flat(),
    letters: Object.values(store.all('dead_letters')).map(({ consumer }) => consumer),
  });
  return { log, store, errors, newRunner, append, remains };
}

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('ProjectionRunner', () => {
  it('follows, and reads of the live generation', async () => {
    const { newRunner, append } = setUp();
    const runner = newRunner();
    await runner.start();
    append('a', 2);
    expect(await runner.waitFor(append('b'), 5_000)).toBe(true);
    expect(await runner.get('streams', 'a')).toMatchObject({ count: 2 });
    expect(await runner.getMany('streams', ['a', 'b', 'c'])).toHaveProperty('size', 2);
    expect(await runner.find('streams', { where: { count: 1 }, limit: 9 })).toMatchObject([
      { id: 'b' },
    ]);
    expect(await runner.count('streams', { limit: 9 })).toBe(2);
    await expect(runner.get('unheard of', 'a')).rejects.toThrow();
    expect(runner.consumer?.definition.name).toBe('counts_g1');
    expect(runner.current).toBe(true);
  });

  it('rebuilds while events keep coming, and readers never see it go back', async () => {
    const { newRunner, append, remains, errors } = setUp();
    const runner = newRunner();
    await runner.start();
    await runner.waitFor(append('a', 300), 5_000);
    let writing = true;
    const writer = (async () => {
      while (writing) {
        append('a');
        await tick();
      }
      return append('a');
    })();
    let last = 0;
    const reader = (async () => {
      while (writing) {
        const count = Number((await runner.get('streams', 'a'))?.['count']);
        expect(count).toBeGreaterThanOrEqual(last);
        last = count;
      }
    })();
    expect(await runner.rebuild()).toBe(2);
    expect(runner.rebuilding()).toMatchObject({ generation: 2 });
    expect(runner.builder?.definition.name).toBe('counts_g2');
    await runner.rebuilt();
    expect(runner.rebuilding()).toBeUndefined();
    expect(runner.consumer?.definition.name).toBe('counts_g2');
    writing = false;
    const all = await writer;
    await reader;
    expect(await runner.waitFor(all, 5_000)).toBe(true);
    expect(await runner.get('streams', 'a')).toMatchObject({ count: all[0]?.position });
    expect(errors).toEqual([]);
    expect(await remains()).toEqual({
      collections: ['counts_g2_streams'],
      checkpoints: ['counts_g2'],
      letters: [],
    });
  });

  it.each([
    ['before', 1],
    ['after', 1],
    ['before', 2],
    ['after', 2],
  ] as const)(
    'survives a crash %s every single step of a rebuild to version %i',
    async (when, version) => {
      for (let crashAt = 1; ; crashAt++) {
        const { store, log, newRunner, append, remains } = setUp();
        append('a', 15);
        append('b', 1, 'Poison');
        append('b', 2);
        const first = newRunner();
        await first.start();
        expect(await first.waitFor(append('c'), 5_000)).toBe(true);
        if (version === 2) await first.stop();

        let step = 0;
        let crashed = false;
        store[when] = (operation) => {
          if (operation === 'find' || operation === 'checkpoints') return;
          step += 1;
          crashed ||= step >= crashAt;
          // A dead process does nothing more.
          if (crashed) throw new StoreUnavailableError('crash');
        };
        store[when === 'before' ? 'after' : 'before'] = (operation) => {
          if (crashed && operation !== 'find') throw new StoreUnavailableError('crash');
        };
        const dying = version === 1 ? first : newRunner(counting(2));
        await (version === 1 ? dying.rebuild() : dying.start()).catch(() => undefined);
        if (!crashed) {
          await Promise.race([dying.rebuilt(), vi.waitUntil(() => crashed, { interval: 1 })]);
        }
        await dying.stop().catch(() => undefined);
        const survived = !crashed;
        store.before = store.after = () => undefined;

        const next = newRunner(counting(version));
        await next.start();
        await next.rebuilt();
        expect(await next.waitFor(append('a'), 5_000)).toBe(true);
        expect(await next.find('streams', { limit: 9 })).toEqual([
          { id: 'a', version, count: 16 },
          { id: 'c', version, count: 1 },
        ]);
        const name = next.consumer?.definition.name ?? '';
        expect(await remains()).toEqual({
          collections: [`${name}_streams`],
          checkpoints: [name],
          letters: [name, name, name],
        });
        await next.stop();
        await log.close();
        if (survived) {
          expect(crashAt).toBeGreaterThan(10);
          break;
        }
      }
    },
    120_000,
  );

  describe('when the version has changed', () => {
    it('serves the old documents until the new ones are there, then those', async () => {
      const { newRunner, append, remains } = setUp();
      const old = newRunner();
      await old.start();
      await old.waitFor(append('a', 20), 5_000);
      await old.stop();
      append('a', 20);
      const runner = newRunner(counting(2));
      await runner.start();
      expect(runner.current).toBe(false);
      expect(runner.consumer).toBeUndefined();
      expect(await runner.get('streams', 'a')).toEqual({ id: 'a', version: 1, count: 20 });
      // Whoever waits for a position waits for the generation that will have it.
      const waiting = runner.waitFor(append('a'), 5_000);
      expect(await waiting).toBe(true);
      expect(runner.current).toBe(true);
      expect(await runner.get('streams', 'a')).toEqual({ id: 'a', version: 2, count: 41 });
      await runner.rebuilt();
      expect((await remains()).collections).toEqual(['counts_g2_streams']);
    });

    it('does not go on with what another version has begun, nor leaves it behind', async () => {
      const { store, newRunner, append, remains } = setUp();
      const old = newRunner();
      await old.start();
      await old.waitFor(append('a', 30), 5_000);
      await old.stop();
      // Deployed, and stopped half-way through the rebuild …
      const half = Promise.withResolvers<void>();
      const newer = newRunner(counting(2, (position) => position > 20 && half.resolve()));
      store.before = (operation, subject) => {
        if (operation === 'commit' && JSON.stringify(subject).includes('"position":28')) {
          throw new StoreUnavailableError('disk full');
        }
      };
      await newer.start();
      await half.promise;
      await newer.stop();
      store.before = () => undefined;
      expect(await store.checkpoints('counts_g2')).toMatchObject([{ position: 21 }]);
      // … rolled back …
      const back = newRunner();
      await back.start();
      expect(back.rebuilding()).toBeUndefined();
      expect(await back.get('streams', 'a')).toEqual({ id: 'a', version: 1, count: 30 });
      expect(await remains()).toMatchObject({
        collections: ['counts_g1_streams'],
        checkpoints: ['counts_g1'],
      });
      await back.stop();
      // … and deployed again.
      const again = newRunner(counting(2));
      await again.start();
      await again.rebuilt();
      expect(await again.get('streams', 'a')).toEqual({ id: 'a', version: 2, count: 30 });
    });
  });

  it('goes on after a restart where the rebuild stood', async () => {
    const { store, newRunner, append } = setUp();
    const met: number[] = [];
    const first = newRunner(counting(1));
    await first.start();
    await first.waitFor(append('a', 50), 5_000);
    store.before = (operation, subject) => {
      const text = operation === 'commit' ? JSON.stringify(subject) : '';
      if (text.includes('counts_g2') && text.includes('"position":49'))
        throw new StoreUnavailableError('disk full');
    };
    await first.rebuild();
    await vi.waitFor(async () =>
      expect(await store.checkpoints('counts_g2')).toMatchObject([{ position: 42 }]),
    );
    await first.stop();
    store.before = () => undefined;
    const second = newRunner(counting(1, (position) => met.push(position)));
    await second.start();
    expect(second.rebuilding()).toMatchObject({ generation: 2 });
    await second.rebuilt();
    expect(Math.min(...met)).toBe(43);
    expect(await second.get('streams', 'a')).toMatchObject({ count: 50 });
  });

  it('ends with the last of several rebuilds, and with nothing left of the others', async () => {
    const { newRunner, append, remains, errors } = setUp();
    const runner = newRunner();
    await runner.start();
    await runner.waitFor(append('a', 60), 5_000);
    const generations = await Promise.all([runner.rebuild(), runner.rebuild(), runner.rebuild()]);
    expect(new Set(generations).size).toBe(3);
    await runner.rebuilt();
    const name = `counts_g${Math.max(...generations)}`;
    expect(runner.consumer?.definition.name).toBe(name);
    expect(await remains()).toEqual({
      collections: [`${name}_streams`],
      checkpoints: [name],
      letters: [],
    });
    expect(await runner.get('streams', 'a')).toMatchObject({ count: 60 });
    expect(errors).toEqual([]);
  });

  it('never drops the live generation, whenever the next rebuild is asked for', async () => {
    const { store, newRunner, append, errors } = setUp();
    const commit = store.commit.bind(store);
    store.commit = async (change) => {
      if (change.puts?.[0]?.collection === 'projection_generations') {
        for (let n = 0; n < 12; n++) await tick();
      }
      await commit(change);
    };
    const runner = newRunner();
    await runner.start();
    await runner.waitFor(append('a', 40), 5_000);
    for (let ticks = 0; ticks < 60; ticks++) {
      await runner.rebuild();
      for (let n = 0; n < ticks; n++) await tick();
      expect(await runner.get('streams', 'a')).toMatchObject({ count: 40 });
    }
    await runner.rebuilt();
    expect(await runner.get('streams', 'a')).toMatchObject({ count: 40 });
    expect(errors).toEqual([]);
  });

  it('does not take remains of an earlier generation of the same number for its own', async () => {
    const { store, newRunner, append } = setUp();
    const runner = newRunner();
    await runner.start();
    await runner.waitFor(append('a', 9), 5_000);
    const place = { consumer: 'counts_g2', topic, partition: 0 };
    await store.commit({
      checkpoints: [{ ...place, position: 8, cursor: 'c8', expectedPosition: 0 }],
    });
    await runner.rebuild();
    await runner.rebuilt();
    expect(await runner.get('streams', 'a')).toMatchObject({ count: 9 });
  });

  it.each([
    ['fails', () => Promise.reject(new Error('no such table'))],
    ['finds nothing', () => Promise.resolve(undefined)],
  ])('reads anew where a read of a retired generation %s', async (_, late) => {
    const { store, newRunner, append } = setUp();
    const runner = newRunner();
    await runner.start();
    await runner.waitFor(append('a', 9), 5_000);
    const gate = Promise.withResolvers<void>();
    const get = store.get.bind(store);
    store.get = async (collection, id) => {
      if (collection !== 'counts_g1_streams') return await get(collection, id);
      await gate.promise;
      return await late();
    };
    const reading = runner.get('streams', 'a');
    await runner.rebuild();
    await runner.rebuilt();
    gate.resolve();
    expect(await reading).toMatchObject({ count: 9 });
  });

  it('shows why a rebuild cannot end, and ends it when the reason is gone', async () => {
    const { log, newRunner, append, errors } = setUp();
    const runner = newRunner();
    await runner.start();
    await runner.waitFor(append('a', 9), 5_000);
    const { heads } = log;
    const down = new Error('the log is down');
    log.heads = async () => {
      throw down;
    };
    await runner.rebuild();
    await vi.waitFor(() => expect(runner.rebuilding()?.failure).toBe(down));
    expect(errors).toContain(down);
    log.heads = heads.bind(log);
    await runner.rebuilt();
    expect(runner.consumer?.definition.name).toBe('counts_g2');
  });

  it('parks poison in a rebuild, tells it, and forgets the letters of the generation before', async () => {
    const { newRunner, append, remains, errors } = setUp();
    const runner = newRunner();
    await runner.start();
    append('a', 1, 'Poison');
    await runner.waitFor(append('a', 3), 5_000);
    expect((await remains()).letters).toEqual(Array.from({ length: 4 }, () => 'counts_g1'));
    expect(errors).toHaveLength(1);
    await runner.rebuild();
    await runner.rebuilt();
    expect((await remains()).letters).toEqual(Array.from({ length: 4 }, () => 'counts_g2'));
    expect(errors).toHaveLength(2);
  });

  it('stops at any moment of a rebuild, and lets nobody wait for it in vain', async () => {
    for (let ticks = 0; ticks < 60; ticks += 3) {
      const { newRunner, append } = setUp();
      append('a', 40);
      const runner = newRunner();
      await runner.start();
      await runner.rebuild();
      const waiting = runner.waitFor([{ topic, partition: 0, position: 999 }], 60_000);
      const rebuilt = runner.rebuilt();
      for (let n = 0; n < ticks; n++) await tick();
      await runner.stop();
      await rebuilt;
      expect(await waiting).toBe(false);
      await expect(runner.rebuild()).rejects.toThrow('has stopped');
    }
  });
});
