import { afterEach, describe, expect, it } from 'vitest';
import { ConsumerRunner } from './consumer.ts';
import { TransientError } from './consumer-definition.ts';
import type { DecodedEvent } from './event-codec.ts';
import { MemoryDocumentStore } from './memory-document-store.fixture.ts';
import { MemoryEventLog, plainCodec } from './memory-event-log.fixture.ts';

const topic = 'unionfold.test.events.v1';
const running: ConsumerRunner[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
});

/** A consumer that writes down the positions that it handled, and cannot handle those that are broken. */
async function setUp(...broken: number[]) {
  const log = new MemoryEventLog();
  const store = new MemoryDocumentStore();
  const bad = new Set(broken);
  const failure = { make: (): Error => new Error('broken') };
  let now = Date.parse('2025-06-01T00:00:00Z');
  await store.define([{ name: 'seen', indexes: [] }]);
  log.topic(topic);
  const newRunner = (topics = [topic]) => {
    const runner = new ConsumerRunner(
      {
        name: 'notes',
        topics,
        onPoison: 'park',
        apply: async ({ recorded }: DecodedEvent, documents) => {
          const { position, stream } = recorded;
          if (bad.has(position)) throw failure.make();
          const before = (await documents.get('seen', stream))?.['positions'] ?? [];
          documents.put('seen', { id: stream, positions: [...(before as number[]), position] });
        },
      },
      {
        log,
        documents: store,
        codec: plainCodec,
        clock: () => {
          now += 1_000;
          return new Date(now);
        },
        onError: () => undefined,
        maxAttempts: 1,
        describeFailure: (error) => (error as Error).message,
      },
    );
    running.push(runner);
    return runner;
  };
  const append = (...streams: string[]) => {
    for (const stream of streams) log.append(topic, stream, 'Noted');
  };
  const seen = () =>
    Object.fromEntries(Object.values(store.all('seen')).map((one) => [one.id, one['positions']]));
  const upTo = (runner: ConsumerRunner, position: number) =>
    expect(runner.waitFor([{ topic, partition: 0, position }], 5_000)).resolves.toBe(true);
  return { log, store, bad, failure, newRunner, append, seen, upTo };
}

describe('Replaying dead letters', () => {
  it('handles the stream in its order, and its later events are handled at once again', async () => {
    const { bad, newRunner, append, seen, upTo } = await setUp(2);
    append('a', 'a', 'b', 'a', 'a');
    const runner = newRunner();
    await runner.start();
    await upTo(runner, 5);
    expect(seen()).toEqual({ a: [1], b: [3] });
    bad.clear();
    expect(await runner.replay('a')).toEqual({ handled: 3, remaining: 0 });
    append('a');
    await upTo(runner, 6);
    expect(seen()).toEqual({ a: [1, 2, 4, 5, 6], b: [3] });
    expect(await runner.deadLetters()).toEqual([]);
    expect(await runner.replay('a')).toEqual({ handled: 0, remaining: 0 });
  });

  it('stops at the event that fails anew, which then tells why; later events still wait', async () => {
    const { bad, failure, newRunner, append, seen, upTo } = await setUp(1, 3);
    append('a', 'a', 'a', 'a');
    const runner = newRunner();
    await runner.start();
    await upTo(runner, 4);
    bad.delete(1);
    failure.make = () => new Error('still broken');
    expect(await runner.replay('a')).toEqual({ handled: 2, remaining: 2 });
    append('a');
    await upTo(runner, 5);
    expect(seen()).toEqual({ a: [1, 2] });
    expect(await runner.deadLetters('a')).toMatchObject([
      { recorded: { position: 3 }, parked: false, reason: 'still broken', attempts: 1 },
      { recorded: { position: 4 }, parked: true },
      { recorded: { position: 5 }, parked: true },
    ]);
    expect(await runner.replay('a')).toEqual({ handled: 0, remaining: 3 });
    expect(await runner.deadLetters('a')).toMatchObject([{ attempts: 2 }, {}, {}]);
  });

  it('keeps what was handled when the surroundings fail half-way', async () => {
    const { bad, failure, newRunner, append, seen, upTo } = await setUp(1, 2);
    append('a', 'a');
    const runner = newRunner();
    await runner.start();
    await upTo(runner, 2);
    bad.delete(1);
    failure.make = () => new TransientError('down');
    await expect(runner.replay('a')).rejects.toThrow('down');
    expect(seen()).toEqual({ a: [1] });
    expect(await runner.deadLetters('a')).toMatchObject([{ parked: true, attempts: 0 }]);
    bad.clear();
    expect(await runner.replay('a')).toEqual({ handled: 1, remaining: 0 });
    expect(seen()).toEqual({ a: [1, 2] });
  });

  it('and events that keep coming end with every event handled once and in order', async () => {
    const { bad, newRunner, append, seen, upTo } = await setUp(1);
    const runner = newRunner();
    await runner.start();
    append('a', 'b');
    await upTo(runner, 2);
    bad.clear();
    const replays: Promise<unknown>[] = [];
    for (let n = 0; n < 50; n++) {
      append('a');
      if (n % 10 === 0) replays.push(runner.replay('a'));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(replays);
    await upTo(runner, 52);
    await runner.replay('a');
    expect(seen()['a']).toEqual([1, ...Array.from({ length: 50 }, (_, n) => n + 3)]);
    expect(await runner.deadLetters()).toEqual([]);
  });

  it('by another process sets the stream free here, too', async () => {
    const { bad, newRunner, append, seen, upTo } = await setUp(1);
    append('a', 'a');
    const owner = newRunner();
    await owner.start();
    await upTo(owner, 2);
    bad.clear();
    // Another member of the group that has no partition.
    const other = newRunner([]);
    await other.start();
    expect(await other.replay('a')).toEqual({ handled: 2, remaining: 0 });
    append('a');
    await upTo(owner, 3);
    expect(seen()).toEqual({ a: [1, 2, 3] });
    expect(await owner.deadLetters()).toEqual([]);
  });

  it('is known after a restart: the stream is still parked before, and free afterwards', async () => {
    const { bad, newRunner, append, seen, upTo } = await setUp(1);
    append('a');
    const first = newRunner();
    await first.start();
    await upTo(first, 1);
    await first.stop();
    append('a');
    const second = newRunner();
    await second.start();
    await upTo(second, 2);
    expect(seen()).toEqual({});
    bad.clear();
    await second.replay('a');
    await second.stop();
    append('a');
    const third = newRunner();
    await third.start();
    await upTo(third, 3);
    expect(seen()).toEqual({ a: [1, 2, 3] });
  });

  it('finds more letters than a page holds', async () => {
    const { bad, newRunner, append, seen, upTo } = await setUp(1);
    append(...Array.from({ length: 1_203 }, () => 'a'));
    const runner = newRunner();
    await runner.start();
    await upTo(runner, 1_203);
    expect(await runner.deadLetters()).toHaveLength(1_203);
    expect(await runner.deadLetters(undefined, 7)).toHaveLength(7);
    bad.clear();
    expect(await runner.replay('a')).toEqual({ handled: 1_203, remaining: 0 });
    expect(seen()['a']).toHaveLength(1_203);
  });

  it('is listed oldest first over all topics', async () => {
    const { log, newRunner, append, upTo } = await setUp(1);
    const earlier = 'unionfold.a.events.v1';
    log.topic(earlier);
    append('a');
    const runner = newRunner([topic, earlier]);
    await runner.start();
    await upTo(runner, 1);
    log.append(earlier, 'b', 'Noted');
    await runner.waitFor([{ topic: earlier, partition: 0, position: 1 }], 5_000);
    expect((await runner.deadLetters()).map(({ stream }) => stream)).toEqual(['a', 'b']);
  });
});
