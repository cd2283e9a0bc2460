import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PreparedAppend } from '../../prepared-append.ts';
import { AppendQueue, type WaitingAppend } from './append-queue.ts';

/** An append to a stream of each of these partitions. */
function appendTo(partitions: readonly number[]): PreparedAppend {
  const event = {
    id: 'e',
    type: 't',
    data: '{}',
    metadata: { actor: '', correlationId: '', occurredAt: '' },
  };
  return {
    streams: partitions.map((partition) => ({
      stream: `s-${partition}`,
      partition,
      expectedVersion: 'any' as const,
      events: [event],
    })),
    receipt: undefined,
    eventCount: partitions.length,
  };
}

/** Transactions that end when the test says so. */
class Transactions {
  readonly running: { readonly batch: readonly WaitingAppend[]; readonly end: () => void }[] = [];
  readonly begun: (readonly PreparedAppend[])[] = [];

  readonly commit = async (batch: readonly WaitingAppend[]): Promise<void> => {
    const ended = Promise.withResolvers<void>();
    const own = { batch, end: ended.resolve };
    for (const other of this.running) {
      const taken = partitionsOf(other.batch);
      expect(partitionsOf(batch).filter((partition) => taken.includes(partition))).toEqual([]);
    }
    this.running.push(own);
    this.begun.push(batch.map(({ append }) => append));
    await ended.promise;
    this.running.splice(this.running.indexOf(own), 1);
    for (const { resolve } of batch) resolve([]);
  };

  async end(nth = 0): Promise<void> {
    this.running[nth]?.end();
    // One until it has ended, one until the next has begun.
    await turn();
    await turn();
  }
}

function setUp(appends = 512): { transactions: Transactions; queue: AppendQueue } {
  const transactions = new Transactions();
  const queue = new AppendQueue({ appends, events: 2_000, bytes: 1_000_000 }, transactions.commit);
  return { transactions, queue };
}

function partitionsOf(batch: readonly WaitingAppend[]): number[] {
  return batch.flatMap(({ append }) => append.streams.map(({ partition }) => partition));
}

function many(partition: number, count: number): PreparedAppend[] {
  return Array.from({ length: count }, () => appendTo([partition]));
}

describe('the queue of appends', () => {
  it('has few appends share one transaction, whatever their partitions', async () => {
    const { transactions, queue } = setUp();
    for (const partition of [0, 1, 2, 3]) void queue.submit(appendTo([partition]));
    await turn();
    expect(transactions.running.map(({ batch }) => batch.length)).toEqual([4]);
    for (const partition of [0, 1]) void queue.submit(appendTo([partition]));
    await turn();
    expect(transactions.running).toHaveLength(1);
    await transactions.end();
    expect(transactions.running.map(({ batch }) => batch.length)).toEqual([2]);
  });

  it('has many go in a transaction of each lane', async () => {
    const { transactions, queue } = setUp();
    const lane0 = [...many(0, 100), ...many(4, 100)];
    for (const append of [...many(1, 600), ...lane0, ...many(3, 127)]) void queue.submit(append);
    await turn();
    expect(transactions.running.map(({ batch }) => batch.length)).toEqual([512, 200]);
    await transactions.end(1);
    // Too few for a transaction beside the one that runs: they share the next with what is left.
    for (const append of many(2, 5)) void queue.submit(append);
    await turn();
    expect(transactions.running).toHaveLength(1);
    await transactions.end();
    expect(transactions.running.map(({ batch }) => batch.length)).toEqual([88 + 127 + 5]);
  });

  it('lets nothing overtake an append that concerns several lanes', async () => {
    const { transactions, queue } = setUp();
    for (const append of [...many(0, 300), ...many(1, 300)]) void queue.submit(append);
    await turn();
    expect(transactions.running).toHaveLength(2);
    const both = appendTo([0, 1]);
    for (const append of [both, ...many(0, 300), ...many(1, 300)]) void queue.submit(append);
    await transactions.end();
    expect(transactions.running).toHaveLength(1);
    await transactions.end();
    expect(transactions.begun.at(-1)?.[0]).toBe(both);
  });

  it('settles each append once, those of a partition in their order, none beside another of its partition', async () => {
    const appendToOf = (count: number) =>
      fc
        .uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: count, maxLength: count })
        .map(appendTo);
    const anAppend = fc.oneof(
      { weight: 300, arbitrary: appendToOf(1) },
      { weight: 1, arbitrary: appendToOf(2) },
    );
    const aStep = fc.oneof(
      fc.record({ submit: fc.array(anAppend, { maxLength: 800, size: 'max' }) }),
      fc.record({ end: fc.integer({ min: 0, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(aStep, { maxLength: 12 }), async (steps) => {
        const { transactions, queue } = setUp(150);
        const submitted: PreparedAppend[] = [];
        let settled = 0;
        for (const step of steps) {
          if ('end' in step) await transactions.end(step.end);
          else {
            for (const append of step.submit) {
              submitted.push(append);
              void queue.submit(append).then(() => (settled += 1));
            }
            await turn();
          }
        }
        let isDrained = false;
        void queue.drained().then(() => (isDrained = true));
        while (transactions.running.length > 0) await transactions.end();
        await turn();
        expect(settled).toBe(submitted.length);
        expect(isDrained).toBe(true);
        const begun = transactions.begun.flat();
        for (const partition of [0, 1, 2, 3, 4, 5]) {
          const concerns = ({ streams }: PreparedAppend) =>
            streams.some((stream) => stream.partition === partition);
          expect(begun.filter(concerns)).toEqual(submitted.filter(concerns));
        }
      }),
      { numRuns: 100 },
    );
  });
});
