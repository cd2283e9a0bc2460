import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { partitionOf } from '../event.ts';
import type { AppendedEvent, CommandReceipt, EventStore, StreamAppend } from '../event-store.ts';
import { allEvents, type EventStoreFixtureFactory, eventOf } from './event-store-fixture.ts';

const partitions = 2;
const streams = ['union-1', 'union-2', 'member-1', 'member-2', 'case-1'];

/** What a command asks, relative to what the model holds. */
interface ModelCommand {
  readonly appends: readonly {
    readonly stream: string;
    /** Added to the model's version; `'any'` stays. */
    readonly expected: number | 'any';
    readonly events: number;
  }[];
  readonly key: string | undefined;
  readonly reopen: boolean;
}

const command: fc.Arbitrary<ModelCommand> = fc.record({
  appends: fc.uniqueArray(
    fc.record({
      stream: fc.constantFrom(...streams),
      expected: fc.oneof(
        { weight: 6, arbitrary: fc.constant<number | 'any'>(0) },
        { weight: 2, arbitrary: fc.constant<number | 'any'>('any') },
        { weight: 1, arbitrary: fc.constantFrom<number | 'any'>(-1, 1) },
      ),
      events: fc.nat({ max: 3 }),
    }),
    { selector: ({ stream }) => stream, maxLength: 3 },
  ),
  key: fc.option(fc.constantFrom('k-1', 'k-2', 'k-3', 'k-4'), { nil: undefined, freq: 3 }),
  reopen: fc.boolean().map((reopen) => reopen),
});

/** Random appends against the simplest store there can be. */
export function modelContract(factory: EventStoreFixtureFactory): void {
  describe('model', () => {
    it('does what a list of events would do', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 25 }), async (commands) => {
          const fixture = await factory({ partitions });
          try {
            let store = await fixture.open();
            const model = new Model();
            for (const [index, next] of commands.entries()) {
              const appends = model.realise(next);
              const receipt =
                next.key === undefined
                  ? undefined
                  : { key: next.key, fingerprint: `f-${index}`, result: { index } };
              expect(await outcome(store, appends, receipt)).toEqual(
                model.append(appends, receipt),
              );
              if (next.reopen && index % 5 === 0) store = await fixture.reopen();
            }
            expect(await allEvents(store)).toMatchObject(model.partitions);
            expect(await store.heads()).toEqual(model.partitions.map(({ length }) => length));
          } finally {
            await fixture.destroy();
          }
        }),
        { numRuns: 30 },
      );
    });
  });
}

/** A store's answer in a form that compares. */
type Outcome =
  | { readonly appended: readonly AppendedEvent[] }
  | { readonly conflict: readonly string[] }
  | { readonly duplicate: unknown };

async function outcome(
  store: EventStore,
  appends: readonly StreamAppend[],
  receipt: CommandReceipt | undefined,
): Promise<Outcome> {
  try {
    return { appended: await store.append(appends, receipt) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.name === 'VersionConflictError' && 'stream' in error) {
      return { conflict: [String(error.stream)] };
    }
    if (error.name === 'DuplicateReceiptError' && 'receipt' in error) {
      return { duplicate: error.receipt };
    }
    throw error;
  }
}

/** The model: a list of events for each partition, a map of receipts. */
class Model {
  readonly partitions: (AppendedEvent & { readonly id: string })[][] = Array.from(
    { length: partitions },
    () => [],
  );
  readonly #receipts = new Map<string, unknown>();

  version(stream: string): number {
    return this.partitions.flat().filter((event) => event.stream === stream).length;
  }

  realise({ appends }: ModelCommand): StreamAppend[] {
    return appends.map(({ stream, expected, events }) => ({
      stream,
      expectedVersion: expected === 'any' ? 'any' : Math.max(0, this.version(stream) + expected),
      events: Array.from({ length: events }, () => eventOf()),
    }));
  }

  append(appends: readonly StreamAppend[], receipt: CommandReceipt | undefined): Outcome {
    const known = receipt && this.#receipts.get(receipt.key);
    if (known !== undefined) return { duplicate: known };
    const moved = appends.filter(
      ({ stream, expectedVersion }) =>
        expectedVersion !== 'any' && expectedVersion !== this.version(stream),
    );
    // Which of several conflicts is named is the adapter's choice; the first one is the natural one.
    if (moved[0] !== undefined) return { conflict: [moved[0].stream] };
    const appended = appends.flatMap(({ stream, events }) =>
      events.map(({ id }) => {
        const partition = partitionOf(stream, partitions);
        const list = this.partitions[partition] ?? [];
        const event = {
          stream,
          version: this.version(stream) + 1,
          partition,
          position: list.length + 1,
        };
        list.push({ ...event, id });
        return event;
      }),
    );
    if (receipt !== undefined) this.#receipts.set(receipt.key, { ...receipt, appended });
    return { appended };
  }
}
