import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ConsumerRunner } from './consumer.ts';
import { type ConsumerEnvironment, TransientError } from './consumer-definition.ts';
import type { Document, DocumentChange } from './document-store.ts';
import type { DecodedEvent } from './event-codec.ts';
import { StoreUnavailableError } from './event-store.ts';
import { MemoryDocumentStore } from './memory-document-store.fixture.ts';
import { MemoryEventLog, plainCodec } from './memory-event-log.fixture.ts';
import type { UnitOfWork } from './unit-of-work.ts';

const topic = 'unionfold.test.events.v1';
const partitions = 3;
const running: ConsumerRunner[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
});

/** A store whose commits take their time, so that others are prepared meanwhile. */
class SlowDocumentStore extends MemoryDocumentStore {
  readonly changes: DocumentChange[] = [];
  turns = 8;

  override async commit(change: DocumentChange): Promise<void> {
    for (let left = this.turns; left > 0; left--) await turn();
    await super.commit(change);
    this.changes.push(change);
  }
}

/** All events go into one document, whichever partition they are of; each is noted once and in order, or it shows. */
async function note({ event, recorded }: DecodedEvent, documents: UnitOfWork): Promise<void> {
  if (event.type === 'Ignored') return;
  const { partition, position } = recorded;
  const place = `${partition}/${position}`;
  const before = await documents.get('seen', 'all');
  const placesBefore = (before?.['places'] as string[] | undefined) ?? [];
  documents.put('seen', { id: 'all', path: '/all/', places: [...placesBefore, place] });
  const path = event.type === 'Moved' ? '/moved/' : '/';
  documents.put('seen', { id: place, path: `${path}${place}/` });
  if (event.type === 'Moved') documents.rewrite('seen', 'path', '/moved/', '/there/');
}

async function setUp(environment: Partial<ConsumerEnvironment> = {}) {
  const log = new MemoryEventLog();
  const store = new SlowDocumentStore();
  await store.define([{ name: 'seen', indexes: [] }]);
  log.topic(topic, partitions);
  const newRunner = (
    apply: (event: DecodedEvent, documents: UnitOfWork) => Promise<void> = note,
    maxBatch = 4,
  ) => {
    const runner = new ConsumerRunner(
      { name: 'notes', topics: [topic], onPoison: 'park', exclusive: true, maxBatch, apply },
      {
        log,
        documents: store,
        codec: plainCodec,
        clock: () => new Date('2025-06-01T00:00:00Z'),
        onError: () => undefined,
        maxAttempts: 1,
        ...environment,
      },
    );
    running.push(runner);
    return runner;
  };
  const heads = async () =>
    (await log.heads(topic)).map((position, partition) => ({ topic, partition, position }));
  const places = () => (store.all('seen')['all']?.['places'] as string[] | undefined) ?? [];
  return { log, store, newRunner, heads, places };
}

describe('ConsumerRunner with several partitions', () => {
  it('has every event in the documents once, whatever fails and whoever takes over', async () => {
    const event = fc.record({
      partition: fc.nat({ max: partitions - 1 }),
      type: fc.constantFrom('Noted', 'Noted', 'Ignored', 'Moved', 'Transient'),
    });
    const fates = fc.array(fc.constantFrom('works', 'works', 'fails', 'answer lost'), {
      maxLength: 10,
    });
    const options = fc.record({
      maxBatch: fc.integer({ min: 1, max: 6 }),
      paceMs: fc.constantFrom(0, 1),
      turns: fc.integer({ min: 0, max: 8 }),
      stopAfter: fc.nat({ max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 40 }),
        fates,
        options,
        async (events, outcomes, { maxBatch, paceMs, turns, stopAfter }) => {
          const { log, store, newRunner, heads, places } = await setUp({ paceMs });
          store.turns = turns;
          const failed = new Set<string>();
          const apply = async (decoded: DecodedEvent, documents: UnitOfWork) => {
            const { partition, position } = decoded.recorded;
            await note(decoded, documents);
            const place = `${partition}/${position}`;
            if (decoded.event.type !== 'Transient' || failed.has(place)) return;
            failed.add(place);
            throw new TransientError('later');
          };
          let commits = 0;
          store.before = (operation) => {
            if (operation !== 'commit' || outcomes[commits] !== 'fails') return;
            commits += 1;
            throw new StoreUnavailableError('fails');
          };
          store.after = (operation) => {
            if (operation !== 'commit') return;
            commits += 1;
            if (outcomes[commits - 1] === 'answer lost') throw new StoreUnavailableError('lost');
          };
          for (const { partition, type } of events) {
            log.append(topic, `stream-${partition}`, type, {}, partition);
          }
          const first = newRunner(apply, maxBatch);
          await first.start();
          const second = newRunner(apply, maxBatch);
          await second.start();
          for (let left = stopAfter; left > 0; left--) await turn();
          await first.stop();
          await expect(second.waitFor(await heads(), 5_000)).resolves.toBe(true);
          store.before = () => undefined;
          store.after = () => undefined;
          await second.stop();
          const expected = Array.from({ length: partitions }, (_, partition) => {
            const own = events.filter((one) => one.partition === partition);
            return own.flatMap(({ type }, index) =>
              type === 'Ignored' ? [] : [`${partition}/${index + 1}`],
            );
          });
          for (const [partition, own] of expected.entries()) {
            expect(places().filter((place) => place.startsWith(`${partition}/`))).toEqual(own);
          }
          const documents = Object.values(store.all('seen')) as Document[];
          expect(documents.filter(({ path }) => String(path).startsWith('/moved/'))).toEqual([]);
          expect(documents.length).toBe(
            expected.flat().length === 0 ? 0 : expected.flat().length + 1,
          );
          expect(await second.deadLetters()).toEqual([]);
          // What had no effect is stored at the end, too.
          const stored = await store.checkpoints('notes');
          const own = (await heads()).filter(({ position }) => position > 0);
          const positions = stored.map(({ partition, position }) => [partition, position]);
          expect(positions.toSorted()).toEqual(own.map((one) => [one.partition, one.position]));
        },
      ),
      { numRuns: 200 },
    );
  }, 60_000);

  it('commits what waits together, and applies the next batches on top of it meanwhile', async () => {
    const { log, store, newRunner, heads, places } = await setUp();
    const release = Promise.withResolvers<void>();
    const committing = Promise.withResolvers<void>();
    const commit = store.commit.bind(store);
    store.commit = async (change) => {
      committing.resolve();
      await release.promise;
      await commit(change);
    };
    const applied: number[] = [];
    const runner = newRunner(async (event, documents) => {
      await note(event, documents);
      const all = await documents.get('seen', 'all');
      applied.push(((all?.['places'] ?? []) as string[]).length);
    }, 10);
    await runner.start();
    log.append(topic, 'a', 'Noted', {}, 0);
    await committing.promise;
    log.append(topic, 'b', 'Noted', {}, 1);
    log.append(topic, 'c', 'Noted', {}, 2);
    while (applied.length < 3) await turn();
    // None of it is stored, and the later ones have seen the first.
    expect(places()).toEqual([]);
    expect(applied).toEqual([1, 2, 3]);
    release.resolve();
    await expect(runner.waitFor(await heads(), 5_000)).resolves.toBe(true);
    expect(places()).toEqual(['0/1', '1/1', '2/1']);
    expect(store.changes.length).toBeLessThanOrEqual(3);
  });

  it('does not let the failure of one batch fail those that share its change', async () => {
    const { log, newRunner, heads, places } = await setUp();
    let failures = 0;
    const runner = newRunner(async (event, documents) => {
      await note(event, documents);
      if (event.recorded.partition === 1 && failures++ < 3) throw new TransientError('later');
    }, 10);
    for (const partition of [0, 1, 2]) log.append(topic, 'a', 'Noted', {}, partition);
    await runner.start();
    await expect(runner.waitFor(await heads(), 5_000)).resolves.toBe(true);
    expect(places().toSorted()).toEqual(['0/1', '1/1', '2/1']);
  });

  it('reads a document once, as long as nobody else takes over', async () => {
    const { log, store, newRunner, heads, places } = await setUp();
    let reads = 0;
    store.before = (operation, subject) => {
      if (operation === 'getMany' && subject === 'seen') reads += 1;
    };
    const first = newRunner();
    await first.start();
    for (let position = 1; position <= 5; position++) {
      log.append(topic, 'a', 'Noted', {}, 0);
      await first.waitFor(await heads(), 5_000);
    }
    expect(reads).toBe(1);
    // Another process goes on, and this one has not noticed.
    const tenure = await store.takeOver('notes');
    const all = { id: 'all', path: '/all/', places: ['theirs'] };
    await store.commit({ tenure, puts: [{ collection: 'seen', document: all }] });
    log.append(topic, 'a', 'Noted', {}, 0);
    await first.waitFor(await heads(), 5_000);
    expect(places()).toEqual(['theirs', '0/6']);
  });

  it('spaces changes, and stores checkpoints of what had no effect a little later', async () => {
    const { log, store, newRunner, heads } = await setUp({ paceMs: 20 });
    const runner = newRunner();
    await runner.start();
    for (let position = 1; position <= 20; position++) {
      log.append(topic, 'a', 'Ignored', {}, 0);
      await runner.waitFor(await heads(), 5_000);
    }
    expect(store.changes.length).toBeLessThan(10);
    await runner.stop();
    expect(await store.checkpoints('notes')).toMatchObject([{ partition: 0, position: 20 }]);
  });
});
