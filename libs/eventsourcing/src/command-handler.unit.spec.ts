import { describe, expect, it, vi } from 'vitest';
import {
  type CommandContext,
  CommandHandler,
  type CommandHandlerOptions,
  type CommandOutcome,
} from './command-handler.ts';
import type { CommandSession } from './command-session.ts';
import type { Decider } from './decider.ts';
import { StoreUnavailableError } from './event-store.ts';
import { plainCodec } from './memory-event-log.fixture.ts';
import { MemoryEventStore } from './memory-event-store.fixture.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';

type TillEvent =
  | { readonly type: 'Deposited'; readonly data: { readonly amount: number } }
  | { readonly type: 'InternalNoted'; readonly data: object };
type TillCommand = { readonly deposit: number } | { readonly note: true };

/** A till that holds at most 1,000. */
const till: Decider<{ readonly sum: number }, TillCommand, TillEvent> = {
  aggregate: 'till',
  initialState: { sum: 0 },
  decide: (command, { sum }) => {
    if ('note' in command) return [{ type: 'InternalNoted', data: {} }];
    if (sum + command.deposit > 1_000) return refuse('till-full');
    return command.deposit === 0 ? [] : [{ type: 'Deposited', data: { amount: command.deposit } }];
  },
  evolve: ({ sum }, event) => ({ sum: event.type === 'Deposited' ? sum + event.data.amount : sum }),
};

const context: CommandContext = { actor: 'a', correlationId: 'c' };
const keyed: CommandContext = { ...context, idempotencyKey: 'k', fingerprint: 'f' };

function setUp(options: Partial<CommandHandlerOptions> = {}, partitions = 1) {
  const store = new MemoryEventStore(partitions);
  let ids = 0;
  const handler = new CommandHandler({
    store,
    codec: plainCodec,
    clock: () => new Date('2025-06-01T00:00:00Z'),
    newId: () => `id${++ids}`,
    ...options,
  });
  const deposit =
    (amount: number, id = '1') =>
    async (session: CommandSession) =>
      (await session.load(till, id)).decide({ deposit: amount }) ?? id;
  return { store, handler, deposit };
}

function accepted(outcome: CommandOutcome | Refusal): CommandOutcome {
  if (isRefusal(outcome)) throw new Error(outcome.refused);
  return outcome;
}

describe('CommandHandler', () => {
  it('appends what was decided and tells version and position', async () => {
    const { store, handler, deposit } = setUp();
    expect(await handler.execute(context, deposit(5))).toEqual({
      id: '1',
      version: 1,
      positions: [{ partition: 0, position: 1 }],
      repeated: false,
    });
    expect(store.stream('till-1')).toMatchObject([{ type: 't.Deposited', data: { amount: 5 } }]);
  });

  it('keeps what else the caller carries out of the log', async () => {
    const { store, handler, deposit } = setUp();
    const call = { ...keyed, causationId: 'e', traceparent: 't', token: 'secret' };
    await handler.execute(call, deposit(5));
    expect(store.stream('till-1')[0]?.metadata).toEqual({
      actor: 'a',
      correlationId: 'c',
      causationId: 'e',
      traceparent: 't',
      occurredAt: '2025-06-01T00:00:00.000Z',
    });
  });

  it('asks nothing of the store when nothing has to change', async () => {
    const { store, handler, deposit } = setUp();
    await handler.execute(context, deposit(5));
    store.beforeAppend = () => expect.unreachable();
    expect(await handler.execute(context, deposit(0))).toMatchObject({ version: 1, positions: [] });
  });

  it('tells the positions of public events only, one a partition', async () => {
    const { handler } = setUp({}, 4);
    const outcome = await handler.execute(keyed, async (session) => {
      for (const id of ['1', '2', '3', '4', '5', '6', '7', '8']) {
        const aggregate = await session.load(till, id);
        aggregate.decide(id === '3' ? { note: true } : { deposit: 1 });
        if (id === '5') aggregate.decide({ note: true });
      }
      return 'done';
    });
    const { positions } = accepted(outcome);
    expect(new Set(positions.map(({ partition }) => partition)).size).toBe(positions.length);
    const again = await handler.execute(keyed, () => expect.unreachable());
    expect(again).toEqual({ ...accepted(outcome), repeated: true });
  });

  describe('after a lost race', () => {
    it('decides anew on the newer state', async () => {
      const { store, handler, deposit } = setUp();
      let raced = false;
      store.beforeAppend = async () => {
        if (raced) return;
        raced = true;
        await handler.execute(context, deposit(999));
      };
      expect(await handler.execute(context, deposit(2))).toEqual(refuse('till-full'));
      expect(store.stream('till-1')).toHaveLength(1);
    });

    it('serves a crowd at one aggregate in turn, without a gap and without a loss', async () => {
      const { store, handler, deposit } = setUp({ maxAttempts: 3 });
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, () => handler.execute(context, deposit(1))),
      );
      expect(outcomes.filter(isRefusal)).toEqual([]);
      expect(store.stream('till-1').map(({ version }) => version)).toEqual(
        Array.from({ length: 200 }, (_, i) => i + 1),
      );
      expect((await handler.read(till, '1')).state.sum).toBe(200);
    });

    it('lets those go first that have lost before, and holds up nobody else', async () => {
      const { handler, deposit } = setUp();
      const gate = Promise.withResolvers<void>();
      let runs = 0;
      const loser = handler.execute(context, async (session) => {
        const aggregate = await session.load(till, '1');
        runs += 1;
        if (runs === 1) await handler.execute(context, deposit(1));
        else await gate.promise;
        return aggregate.decide({ deposit: 10 }) ?? '1';
      });
      await vi.waitFor(() => expect(runs).toBe(2));
      const newcomer = handler.execute(context, deposit(100));
      // It only looks at the busy stream.
      const guarding = await handler.execute(context, async (session) => {
        await session.load(till, '1');
        return (await session.load(till, '2')).decide({ deposit: 1 }) ?? '2';
      });
      expect(guarding).toMatchObject({ id: '2' });
      gate.resolve();
      expect(await loser).toMatchObject({ version: 2 });
      expect(await newcomer).toMatchObject({ version: 3 });
      expect(runs).toBe(2);
    });

    it('gives up after the attempts that it has, having appended nothing', async () => {
      const { store, handler, deposit } = setUp({ maxAttempts: 3 });
      let attempts = 0;
      store.beforeAppend = async ([append]) => {
        if (append?.expectedVersion === 'any') return;
        attempts += 1;
        const events = [{ id: `x${attempts}`, type: 't.Deposited', data: { amount: 1 } }];
        const metadata = { ...context, occurredAt: '' };
        await store.append([
          {
            stream: 'till-1',
            expectedVersion: 'any',
            events: events.map((e) => ({ ...e, metadata })),
          },
        ]);
      };
      expect(await handler.execute(context, deposit(2))).toEqual(refuse('concurrent-change'));
      expect(attempts).toBe(3);
      expect(store.stream('till-1').map(({ data }) => data)).toEqual(
        Array.from({ length: 3 }, () => ({ amount: 1 })),
      );
    });

    it('guards what was loaded only to be looked at', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(1, 'guard'));
      let runs = 0;
      const outcome = await handler.execute(context, async (session) => {
        const guard = await session.load(till, 'guard');
        runs += 1;
        if (runs === 1) await handler.execute(context, deposit(1, 'guard'));
        return (await session.load(till, '1')).decide({ deposit: guard.state.sum }) ?? '1';
      });
      expect(runs).toBe(2);
      expect(accepted(outcome).version).toBe(2);
      expect(store.stream('till-1')).toMatchObject([{ data: { amount: 2 } }]);
    });
  });

  describe('the states in memory', () => {
    it('save reading the events again', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(1));
      await handler.execute(context, deposit(1));
      await handler.read(till, '1');
      expect(store.reads.map(({ fromVersion }) => fromVersion)).toEqual([1, 3]);
    });

    it('do not ask for what is likely to be new, and decide anew where it is not', async () => {
      const { store, handler } = setUp();
      let runs = 0;
      const open = (amount: number) => async (session: CommandSession) => {
        runs += 1;
        const aggregate = await session.load(till, '1', { isLikelyNew: true });
        if (aggregate.version > 0) return refuse('till-full');
        return aggregate.decide({ deposit: amount }) ?? '1';
      };
      expect(await handler.execute(context, open(1))).toMatchObject({ version: 1 });
      expect(store.reads).toEqual([]);
      const { handler: other } = setUp({ store });
      expect(await other.execute(context, open(2))).toEqual(refuse('till-full'));
      expect(runs).toBe(3);
      expect(store.stream('till-1').map(({ data }) => data)).toEqual([{ amount: 1 }]);
    });

    it('refuse nothing as new that is there', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(1));
      const { handler: other } = setUp({ store });
      const outcome = await other.execute(context, async (session) => {
        const aggregate = await session.load(till, '1', { isLikelyNew: true });
        return aggregate.version === 0
          ? refuse('till-full')
          : (aggregate.decide({ deposit: 2 }) ?? '1');
      });
      expect(outcome).toMatchObject({ version: 2 });
      // What memory holds by now is no longer taken for new.
      let runs = 0;
      await other.execute(context, async (session) => {
        runs += 1;
        const aggregate = await session.load(till, '1', { isLikelyNew: true });
        return aggregate.decide({ deposit: 3 }) ?? '1';
      });
      expect(runs).toBe(1);
      expect(store.stream('till-1')).toHaveLength(3);
    });

    describe('when another process has appended since', () => {
      const elsewhere = async (store: MemoryEventStore, amount: number) => {
        await new CommandHandler({
          store,
          codec: plainCodec,
          clock: () => new Date('2025-06-01T00:00:00Z'),
          newId: () => `elsewhere${amount}`,
        }).execute(context, async (session) => {
          return (await session.load(till, '1')).decide({ deposit: amount }) ?? '1';
        });
      };

      it('decide anew: the append finds it out', async () => {
        const { store, handler, deposit } = setUp();
        await handler.execute(context, deposit(1));
        await elsewhere(store, 10);
        expect(await handler.execute(context, deposit(100))).toMatchObject({ version: 3 });
        expect(await handler.read(till, '1')).toMatchObject({ state: { sum: 111 } });
      });

      it('refuse nothing that the store’s state allows', async () => {
        const { store, handler, deposit } = setUp();
        await handler.execute(context, deposit(1_000));
        await elsewhere(store, -500);
        expect(await handler.execute(context, deposit(100))).toMatchObject({ version: 3 });
      });

      it('allow nothing that the store’s state refuses', async () => {
        const { store, handler, deposit } = setUp();
        await handler.execute(context, deposit(1));
        await elsewhere(store, 999);
        expect(await handler.execute(context, deposit(1))).toEqual(refuse('till-full'));
        expect(store.stream('till-1')).toHaveLength(2);
      });

      it('do not say that there was nothing to do', async () => {
        const { store, handler } = setUp();
        const emptied = async (session: CommandSession) => {
          const aggregate = await session.load(till, '1');
          return aggregate.decide({ deposit: -aggregate.state.sum }) ?? String(aggregate.state.sum);
        };
        await handler.execute(context, emptied);
        await elsewhere(store, 10);
        expect(await handler.execute(context, emptied)).toMatchObject({ version: 2 });
        expect(await handler.read(till, '1')).toMatchObject({ state: { sum: 0 } });
      });

      it('do not fail because of it', async () => {
        const { store, handler, deposit } = setUp();
        await handler.execute(context, deposit(1));
        await elsewhere(store, 10);
        const outcome = await handler.execute(context, async (session) => {
          const { state } = await session.load(till, '1');
          if (state.sum === 1) throw new Error('cannot be');
          return '1';
        });
        expect(outcome).toMatchObject({ version: 2 });
      });
    });

    it('are not looked at anew for an error that is the store’s', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(1));
      store.beforeAppend = async () => {
        throw new StoreUnavailableError('full');
      };
      store.reads.length = 0;
      await expect(handler.execute(context, deposit(1))).rejects.toThrow(StoreUnavailableError);
      expect(store.reads).toEqual([]);
    });

    it('are not those of an append that failed, or whose answer was lost', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(1));
      store.beforeAppend = async () => {
        throw new StoreUnavailableError('full');
      };
      await expect(handler.execute(context, deposit(10))).rejects.toThrow(StoreUnavailableError);
      expect(await handler.read(till, '1')).toEqual({ state: { sum: 1 }, version: 1 });
      store.beforeAppend = async () => undefined;
      store.afterAppend = async () => {
        throw new StoreUnavailableError('gone');
      };
      await expect(handler.execute(context, deposit(100))).rejects.toThrow(StoreUnavailableError);
      expect(await handler.read(till, '1')).toEqual({ state: { sum: 101 }, version: 2 });
    });

    it('are not touched by what a refused command has decided before', async () => {
      const { handler } = setUp();
      await handler.execute(context, async (session) => {
        (await session.load(till, '1')).decide({ deposit: 7 });
        return refuse('no');
      });
      expect(await handler.read(till, '1')).toEqual({ state: { sum: 0 }, version: 0 });
    });

    it('do not go back when an older read ends last', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(1));
      const gate = Promise.withResolvers<void>();
      const readStream = store.readStream.bind(store);
      store.readStream = async (stream, fromVersion) => {
        store.readStream = readStream;
        const events = await readStream(stream, fromVersion);
        await gate.promise;
        return events;
      };
      const slow = handler.read(till, '1');
      await handler.execute(context, deposit(1));
      await handler.execute(context, deposit(1));
      gate.resolve();
      expect((await slow).version).toBeLessThan(3);
      store.reads.length = 0;
      expect(await handler.read(till, '1')).toEqual({ state: { sum: 3 }, version: 3 });
      expect(store.reads).toEqual([{ stream: 'till-1', fromVersion: 4 }]);
    });

    it('are another decider’s of the same name never', async () => {
      const { handler, deposit } = setUp();
      await handler.execute(context, deposit(4));
      const counter: Decider<number, never, TillEvent> = {
        aggregate: 'till',
        initialState: 0,
        decide: () => [],
        evolve: (count) => count + 1,
      };
      expect((await handler.read(counter, '1')).state).toBe(1);
      expect((await handler.read(till, '1')).state).toEqual({ sum: 4 });
    });

    it('are gone when they are to be forgotten, even if a session still held them', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(1));
      await handler.execute(context, async (session) => {
        const aggregate = await session.load(till, '1');
        handler.forget('till', '1');
        return aggregate.decide({ deposit: 1 }) ?? '1';
      });
      await handler.read(till, '1');
      expect(store.reads.at(-1)?.fromVersion).toBe(1);
    });

    it('do not outlive their age, however busy the stream is', async () => {
      vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
      try {
        const { store, handler } = setUp({ stateAgeMs: 1_000 });
        for (let i = 0; i < 5; i++) {
          await handler.read(till, '1');
          vi.advanceTimersByTime(400);
        }
        expect(store.reads.length).toBe(5);
        await handler.execute(context, async (s) => (await s.load(till, '1')).state.sum.toString());
        const { handler: busy, store: other, deposit } = setUp({ stateAgeMs: 1_000 });
        for (let i = 0; i < 6; i++) {
          await busy.execute(context, deposit(1));
          vi.advanceTimersByTime(400);
        }
        expect(other.reads.map(({ fromVersion }) => fromVersion)).toEqual([1, 1]);
      } finally {
        vi.useRealTimers();
      }
    });
  });

  describe('idempotency keys', () => {
    it('give the first result and append nothing, also when nothing had to change', async () => {
      const { store, handler, deposit } = setUp();
      await handler.execute(context, deposit(5));
      const first = accepted(await handler.execute(keyed, deposit(0)));
      expect(first).toMatchObject({ version: 1, positions: [], repeated: false });
      await handler.execute(context, deposit(5));
      expect(await handler.execute(keyed, deposit(0))).toEqual({ ...first, repeated: true });
      expect(store.stream('till-1')).toHaveLength(2);
    });

    it('refuse another command under the same key', async () => {
      const { handler, deposit } = setUp();
      await handler.execute(keyed, deposit(5));
      expect(await handler.execute({ ...keyed, fingerprint: 'other' }, deposit(6))).toEqual(
        refuse('idempotency-key-reused'),
      );
    });

    it('do the command once when two calls come at once', async () => {
      const { store, handler, deposit } = setUp();
      const outcomes = await Promise.all([
        handler.execute(keyed, deposit(5)),
        handler.execute(keyed, deposit(5)),
      ]);
      expect(outcomes.map((outcome) => accepted(outcome).repeated).toSorted()).toEqual([
        false,
        true,
      ]);
      expect(store.stream('till-1')).toHaveLength(1);
    });

    it('tell the first result even when the rules meanwhile refuse the command', async () => {
      const { handler, deposit } = setUp();
      let raced = false;
      const outcome = await handler.execute(keyed, async (session) => {
        if (!raced) {
          raced = true;
          await handler.execute(keyed, deposit(1_000));
        }
        return deposit(1_000)(session);
      });
      expect(outcome).toMatchObject({ version: 1, repeated: true });
    });

    it('rest the answer “nothing to do” on a state that still holds', async () => {
      const { store, handler } = setUp();
      let runs = 0;
      store.beforeAppend = async ([append]) => {
        if (append?.events.length !== 0 || runs > 1) return;
        await handler.execute(context, async (s) => {
          (await s.load(till, '1')).decide({ deposit: 3 });
          return '1';
        });
      };
      const outcome = await handler.execute(keyed, async (session) => {
        const aggregate = await session.load(till, '1');
        runs += 1;
        return String(aggregate.state.sum);
      });
      expect(outcome).toMatchObject({ id: '3', version: 1 });
    });
  });
});
