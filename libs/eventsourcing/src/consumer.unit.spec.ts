import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConsumerRunner } from './consumer.ts';
import {
  type ConsumerDefinition,
  type ConsumerEnvironment,
  TransientError,
} from './consumer-definition.ts';
import { CheckpointConflictError, type DocumentChange } from './document-store.ts';
import type { DecodedEvent } from './event-codec.ts';
import { StoreCorruptError, StoreUnavailableError } from './event-store.ts';
import { MemoryDocumentStore } from './memory-document-store.fixture.ts';
import { MemoryEventLog, plainCodec } from './memory-event-log.fixture.ts';
import { PoisonEventError } from './poison-event-error.ts';
import type { UnitOfWork } from './unit-of-work.ts';

const topic = 'unionfold.test.events.v1';
const running: ConsumerRunner[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((runner) => runner.stop()));
});

/** Notes in the stream's document that the event was here, so that losing and doubling both show. */
async function note({ recorded }: DecodedEvent, documents: UnitOfWork): Promise<void> {
  const { stream, position } = recorded;
  const before = await documents.get('seen', stream);
  const positions = [...((before?.['positions'] as number[] | undefined) ?? []), position];
  documents.put('seen', { id: stream, positions });
}

/** A consumer that notes what it sees; `meet` may throw for an event, before or after it is noted. */
async function setUp(
  meet: (event: DecodedEvent, documents: UnitOfWork) => Promise<void> = async () => undefined,
  definition: Partial<ConsumerDefinition> = {},
  environment: Partial<ConsumerEnvironment> = {},
) {
  const log = new MemoryEventLog();
  const store = new MemoryDocumentStore();
  const errors: unknown[] = [];
  await store.define([{ name: 'seen', indexes: [] }]);
  log.topic(topic);
  const newRunner = (maxAttempts = 1) => {
    const runner = new ConsumerRunner(
      {
        name: 'notes',
        topics: [topic],
        onPoison: 'park',
        maxBatch: 10,
        apply: async (event, documents) => {
          await note(event, documents);
          await meet(event, documents);
        },
        ...definition,
      },
      {
        log,
        documents: store,
        codec: plainCodec,
        clock: () => new Date('2025-06-01T00:00:00Z'),
        onError: (_, error) => errors.push(error),
        maxAttempts,
        ...environment,
      },
    );
    running.push(runner);
    return runner;
  };
  const append = (...streams: string[]) => {
    for (const stream of streams) log.append(topic, stream, 'Noted');
  };
  /** Positions applied, by stream. */
  const seen = () =>
    Object.fromEntries(Object.values(store.all('seen')).map((one) => [one.id, one['positions']]));
  const upTo = (runner: ConsumerRunner, position: number) =>
    expect(runner.waitFor([{ topic, partition: 0, position }], 5_000)).resolves.toBe(true);
  return { log, store, errors, newRunner, append, seen, upTo };
}

function at(...positions: number[]) {
  return ({ recorded }: DecodedEvent) => positions.includes(recorded.position);
}

describe('ConsumerRunner', () => {
  it('neither loses nor doubles an event, whatever fails and wherever it is interrupted', async () => {
    const streams = fc.constantFrom('a', 'b', 'c');
    const event = fc.record({
      stream: streams,
      kind: fc.constantFrom('good', 'good', 'good', 'poison', 'garbled', 'transient'),
    });
    // What happens to the n-th commit: it works, fails, or works and its answer is lost.
    const commits = fc.array(fc.constantFrom('works', 'works', 'fails', 'answer lost'), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 25 }),
        commits,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 0, max: 25 }),
        async (events, fates, maxBatch, stopAt) => {
          const failedOnce = new Set<number>();
          const { log, store, newRunner, seen, upTo } = await setUp(
            async ({ recorded: { position } }) => {
              const kind = events[position - 1]?.kind;
              if (kind === 'poison') throw new Error('poison');
              if (kind !== 'transient' || failedOnce.has(position)) return;
              failedOnce.add(position);
              throw new TransientError('later');
            },
            { maxBatch },
          );
          for (const { stream, kind } of events) {
            log.append(topic, stream, kind === 'garbled' ? 'Garbled' : 'Noted');
          }
          let nth = 0;
          store.before = (operation) => {
            if (operation === 'commit' && fates[nth] === 'fails') {
              nth += 1;
              throw new StoreUnavailableError('fails');
            }
          };
          store.after = (operation) => {
            if (operation !== 'commit') return;
            nth += 1;
            if (fates[nth - 1] === 'answer lost') throw new StoreUnavailableError('answer lost');
          };
          const first = newRunner();
          await first.start();
          await first.waitFor(
            [{ topic, partition: 0, position: Math.min(stopAt, events.length) }],
            5_000,
          );
          await first.stop();
          const second = newRunner();
          await second.start();
          await upTo(second, events.length);

          const letters = await second.deadLetters();
          const expected: Record<string, number[]> = {};
          const parked: (readonly [string, number, boolean])[] = [];
          const bad = new Set<string>();
          for (const [index, { stream, kind }] of events.entries()) {
            const behind = bad.has(stream);
            if (behind || kind === 'poison' || kind === 'garbled') {
              bad.add(stream);
              parked.push([stream, index + 1, behind]);
            } else expected[stream] = [...(expected[stream] ?? []), index + 1];
          }
          expect(seen()).toEqual(expected);
          expect(
            letters.map(({ stream, recorded, parked }) => [stream, recorded.position, parked]),
          ).toEqual(parked);
          await second.stop();
        },
      ),
      { numRuns: 150 },
    );
  }, 60_000);

  it('leaves a partition that another process has gone on with as it is, and goes on after it', async () => {
    let stolen = false;
    const { store, errors, newRunner, append, seen, upTo } = await setUp(async (event) => {
      if (!at(2)(event) || stolen) return;
      stolen = true;
      await store.commit({
        puts: [{ collection: 'seen', document: { id: 'a', positions: [1, 2] } }],
        checkpoints: [
          {
            consumer: 'notes',
            topic,
            partition: 0,
            position: 2,
            cursor: 'c2',
            expectedPosition: 0,
          },
        ],
      });
    });
    append('a', 'a', 'a');
    const runner = newRunner();
    await runner.start();
    await upTo(runner, 3);
    expect(seen()).toEqual({ a: [1, 2, 3] });
    expect(errors).toEqual([new CheckpointConflictError('notes', topic, 0)]);
  });

  it('tries an event again before it gives it up', async () => {
    let tries = 0;
    const { newRunner, append, seen, upTo, errors } = await setUp(async (event) => {
      if (at(2)(event) && ++tries < 3) throw new Error('race');
    });
    append('a', 'a', 'b');
    const runner = newRunner(3);
    await runner.start();
    await upTo(runner, 3);
    expect(seen()).toEqual({ a: [1, 2], b: [3] });
    expect(tries).toBe(3);
    expect(errors).toEqual([]);
  });

  it('does not spend minutes on a batch full of poison', async () => {
    const { newRunner, append, upTo } = await setUp(
      async () => {
        throw new Error('poison');
      },
      { maxBatch: 100 },
    );
    append(...Array.from({ length: 100 }, (_, i) => `s${i}`));
    const runner = newRunner(4);
    await runner.start();
    await upTo(runner, 100);
    const letters = await runner.deadLetters();
    expect(letters).toHaveLength(100);
    expect(new Set(letters.map(({ attempts }) => attempts))).toEqual(new Set([4]));
  });

  describe.each([
    ['a consumer that waits', 'wait', () => new Error('poison')],
    ['a service that is down', 'park', () => new TransientError('down')],
    ['a store that is down', 'park', () => new StoreUnavailableError('down')],
    ['a store that is damaged', 'park', () => new StoreCorruptError('damaged')],
  ] as const)('for %s', (_, onPoison, failure) => {
    it('holds the partition at the event, shows what came before, and makes no dead letter', async () => {
      let broken = true;
      const { log, newRunner, append, seen, upTo, errors } = await setUp(
        async (event) => {
          if (at(13)(event) && broken) throw failure();
        },
        { onPoison },
      );
      append(...Array.from({ length: 15 }, () => 'a'));
      const runner = newRunner();
      await runner.start();
      await upTo(runner, 12);
      await vi.waitFor(() => expect(errors.length).toBeGreaterThan(3));
      expect(seen()).toEqual({ a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] });
      expect(runner.positions()).toEqual([{ topic, partition: 0, position: 12, cursor: 'c10' }]);
      broken = false;
      await upTo(runner, 15);
      expect(seen()['a']).toHaveLength(15);
      expect(await runner.deadLetters()).toEqual([]);
      // Only cursors that the log has given, although the checkpoint stood inside a batch.
      expect(new Set(log.starts.map(({ cursor }) => cursor))).toEqual(new Set([undefined, 'c10']));
    });
  });

  it('begins anew where a position inside the first batch has no cursor, and leaves out what is done', async () => {
    let broken = true;
    const { log, newRunner, append, seen, upTo } = await setUp(async (event) => {
      if (at(3)(event) && broken) throw new TransientError('down');
    });
    append('a', 'a', 'a', 'a');
    const first = newRunner();
    await first.start();
    await upTo(first, 2);
    await first.stop();
    broken = false;
    const second = newRunner();
    await second.start();
    await upTo(second, 4);
    expect(seen()).toEqual({ a: [1, 2, 3, 4] });
    expect(log.starts.at(-1)).toEqual({ group: 'notes', cursor: undefined });
  });

  it('does without a prefetch that fails', async () => {
    const { newRunner, append, seen, upTo, errors } = await setUp(async () => undefined, {
      prefetch: async (events) => {
        if (events.some(at(2))) throw new TypeError('name of a person');
      },
    });
    append('a', 'a', 'a');
    const runner = newRunner();
    await runner.start();
    await upTo(runner, 3);
    expect(seen()).toEqual({ a: [1, 2, 3] });
    expect(errors).toEqual([new Error('prefetch failed: TypeError')]);
    expect((errors[0] as Error).stack).not.toContain('person');
  });

  it('does not park a stream for another one of the same name in another topic', async () => {
    const other = 'unionfold.other.events.v1';
    const { log, store, newRunner, append, seen } = await setUp(
      async ({ recorded }) => {
        if (recorded.id === `${topic}-0-1`) throw new Error('poison');
      },
      { topics: [topic, other] },
    );
    append('a');
    log.append(other, 'a', 'Noted');
    const runner = newRunner();
    await runner.start();
    await runner.waitFor(
      [topic, other].map((t) => ({ topic: t, partition: 0, position: 1 })),
      5_000,
    );
    expect(seen()).toEqual({ a: [1] });
    expect(Object.keys(store.all('dead_letters'))).toEqual([`notes/${topic}/0/0000000000000001`]);
  });

  describe('when the store does not take the documents of an event', () => {
    it.each(['park', 'wait'] as const)(
      'finds it among the others, and lets it %s',
      async (onPoison) => {
        const { store, newRunner, append, seen, upTo, errors } = await setUp(undefined, {
          onPoison,
        });
        let refuses = true;
        store.before = (operation, subject) => {
          if (operation !== 'commit' || !refuses) return;
          const { puts = [] } = subject as DocumentChange;
          if (puts.some(({ document }) => document.id === 'bad')) throw new RangeError('too large');
        };
        append('a', 'a', 'bad', 'b', 'bad', 'a');
        const runner = newRunner();
        await runner.start();
        if (onPoison === 'park') {
          await upTo(runner, 6);
          expect(seen()).toEqual({ a: [1, 2, 6], b: [4] });
          expect(await runner.deadLetters()).toMatchObject([
            { recorded: { position: 3 }, reason: 'RangeError', parked: false },
            { recorded: { position: 5 }, parked: true },
          ]);
        } else {
          await vi.waitFor(() => expect(errors.length).toBeGreaterThan(1));
          expect(seen()).toEqual({ a: [1, 2] });
        }
        refuses = false;
        if (onPoison === 'park') await runner.replay('bad');
        await upTo(runner, 6);
        expect(seen()).toEqual({ a: [1, 2, 6], b: [4], bad: [3, 5] });
        expect(await runner.deadLetters()).toEqual([]);
      },
    );

    it('goes on trying when it takes nothing at all', async () => {
      const { store, newRunner, append, seen, upTo, errors } = await setUp();
      let broken = true;
      store.before = (operation) => {
        if (operation === 'commit' && broken) throw new Error('unheard of');
      };
      append('a', 'b');
      const runner = newRunner(2);
      await runner.start();
      await vi.waitFor(() => expect(errors.length).toBeGreaterThan(2));
      broken = false;
      await upTo(runner, 2);
      expect(seen()).toEqual({ a: [1], b: [2] });
      expect(await runner.deadLetters()).toEqual([]);
    });
  });

  describe('what a dead letter tells', () => {
    const failure = () => new RangeError('no place for 张三, 11010119900307371X');

    it.each([
      ['the error’s name, where nobody can say what is personal', {}, 'RangeError'],
      [
        'what the environment says of the failure',
        {
          describeFailure: (error: unknown, { recorded }: DecodedEvent) =>
            `${recorded.type}: ${String(error).slice(0, 20)}`,
        },
        'Noted: RangeError: no place',
      ],
    ])('is %s', async (_, environment, reason) => {
      const { store, newRunner, append, upTo, errors } = await setUp(
        async () => {
          throw failure();
        },
        {},
        environment,
      );
      append('a', 'a');
      const runner = newRunner();
      await runner.start();
      await upTo(runner, 2);
      expect(await runner.deadLetters()).toMatchObject([
        {
          stream: 'a',
          topic,
          reason,
          parked: false,
          attempts: 1,
          failedAt: '2025-06-01T00:00:00.000Z',
        },
        { stream: 'a', reason: 'waits for an earlier event of a', parked: true, attempts: 0 },
      ]);
      const [error] = errors as PoisonEventError[];
      expect(errors).toHaveLength(1);
      expect(error).toBeInstanceOf(PoisonEventError);
      expect(error?.message).toBe(`Noted at ${topic}/0/1: ${reason}`);
      expect(error?.stack).toMatch(/\n {4}at .*consumer\.unit\.spec\.ts/);
      expect(JSON.stringify([error?.stack, error, store.all('dead_letters')])).not.toMatch(
        /张三|11010119900307371X/,
      );
    });
  });

  describe('stopping', () => {
    it('waits for the batch under way, and ends the waiting of others', async () => {
      const gate = Promise.withResolvers<void>();
      const met = Promise.withResolvers<void>();
      const { newRunner, append, seen } = await setUp(async (event) => {
        if (!at(2)(event)) return;
        met.resolve();
        await gate.promise;
      });
      append('a', 'a');
      const runner = newRunner();
      await runner.start();
      await met.promise;
      const waiting = runner.waitFor([{ topic, partition: 0, position: 3 }], 60_000);
      let stopped = false;
      const stopping = runner.stop().then(() => {
        stopped = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(stopped).toBe(false);
      gate.resolve();
      await stopping;
      expect(seen()).toEqual({ a: [1, 2] });
      expect(await waiting).toBe(false);
      expect(await runner.waitFor([{ topic, partition: 0, position: 2 }], 60_000)).toBe(true);
      expect(await runner.waitFor([{ topic, partition: 0, position: 3 }], 60_000)).toBe(false);
    });

    it('of the wait happens when the time is up', async () => {
      const { newRunner } = await setUp();
      const runner = newRunner();
      await runner.start();
      expect(await runner.waitFor([{ topic, partition: 0, position: 1 }], 10)).toBe(false);
    });
  });
});
