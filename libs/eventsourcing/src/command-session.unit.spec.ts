import { describe, expect, it } from 'vitest';
import {
  type CommandContext,
  CommandHandler,
  type CommandHandlerOptions,
} from './command-handler.ts';
import { type CommandSession, UndecodableStreamError } from './command-session.ts';
import type { Decider } from './decider.ts';
import { plainCodec } from './memory-event-log.fixture.ts';
import { MemoryEventStore } from './memory-event-store.fixture.ts';
import { refuse } from './refusal.ts';

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

describe('A command', () => {
  describe('a session', () => {
    it('makes one aggregate of two loads at once', async () => {
      const { handler, store } = setUp();
      await handler.execute(context, async (session) => {
        const [one, two] = await Promise.all([session.load(till, '1'), session.load(till, '1')]);
        one.decide({ deposit: 1 });
        two.decide({ deposit: 2 });
        return '1';
      });
      expect(store.stream('till-1')).toHaveLength(2);
    });

    it('tells the version of the stream that was asked for first, whichever was read first', async () => {
      const { handler, store, deposit } = setUp();
      for (let i = 0; i < 3; i++) await handler.execute(context, deposit(1, 'b'));
      const fresh = new CommandHandler({
        store,
        codec: plainCodec,
        clock: () => new Date(),
        newId: () => `x${store.events[0]?.length}`,
      });
      const outcome = await fresh.execute(context, async (session) => {
        const slow: Decider<{ readonly sum: number }, TillCommand, TillEvent> = {
          ...till,
          aggregate: 'slow',
          snapshot: { schema: 1, every: 100, toJson: () => null, fromJson: () => ({ sum: 0 }) },
        };
        const [a] = await Promise.all([session.load(slow, 'a'), session.load(till, 'b')]);
        return a.decide({ deposit: 1 }) ?? 'a';
      });
      expect(outcome).toMatchObject({ version: 1 });
    });

    it('appends to one stream what is added to it in several steps', async () => {
      const { handler, store } = setUp();
      const outcome = await handler.execute(context, async (session) => {
        session.append('register', 'r', [{ type: 'Deposited', data: { amount: 1 } }]);
        session.append('register', 'r', [{ type: 'Deposited', data: { amount: 2 } }]);
        return 'r';
      });
      expect(outcome).toMatchObject({ version: 0, positions: [{ partition: 0, position: 2 }] });
      expect(store.stream('register-r').map(({ data }) => data)).toEqual([
        { amount: 1 },
        { amount: 2 },
      ]);
    });

    it.each([
      [
        'load, then append',
        async (session: CommandSession) => {
          await session.load(till, '1');
          session.append('till', '1', []);
        },
      ],
      [
        'append, then load',
        async (session: CommandSession) => {
          session.append('till', '1', []);
          await session.load(till, '1');
        },
      ],
    ])('refuses loudly to %s the same stream', async (_, mix) => {
      const { handler, store } = setUp();
      const mixing = handler.execute(context, async (session) => {
        await mix(session);
        return '1';
      });
      await expect(mixing).rejects.toThrow('till-1 is both loaded and appended');
      expect(store.events.flat()).toEqual([]);
    });

    it('takes no stream apart with two deciders', async () => {
      const { handler } = setUp();
      const mixing = handler.execute(context, async (session) => {
        await session.load(till, '1');
        await session.load({ ...till }, '1');
        return '1';
      });
      await expect(mixing).rejects.toThrow('another decider');
    });

    it('refuses what the caller does not expect, but 0 means any version', async () => {
      const { handler, deposit } = setUp();
      await handler.execute(context, deposit(1));
      const expecting = (version: number) =>
        handler.execute(context, async (session) => {
          const aggregate = await session.load(till, '1');
          return aggregate.expectVersion(version) ?? '1';
        });
      expect(await expecting(2)).toEqual(
        refuse('version-conflict', {
          field: 'expectedVersion',
          params: { expected: 2, actual: 1 },
        }),
      );
      expect(await expecting(1)).toMatchObject({ version: 1 });
      expect(await expecting(0)).toMatchObject({ version: 1 });
    });

    it('decides nothing on a stream that it cannot read, or that has a gap', async () => {
      const { handler, store, deposit } = setUp();
      await handler.execute(context, deposit(1));
      await handler.execute(context, deposit(1));
      const [first, second] = store.stream('till-1');
      if (first === undefined || second === undefined) throw new Error('not appended');
      store.readStream = async () => [second];
      handler.forget('till', '1');
      await expect(handler.execute(context, deposit(1))).rejects.toThrow(UndecodableStreamError);
      store.readStream = async () => [first, { ...second, type: 'Garbled' }];
      await expect(handler.execute(context, deposit(1))).rejects.toThrow(UndecodableStreamError);
    });
  });

  describe('snapshots', () => {
    const snapping = (every: number, toJson = (state: { readonly sum: number }) => state.sum) => ({
      ...till,
      snapshot: {
        schema: 2,
        every,
        toJson,
        fromJson: (json: unknown) => ({ sum: Number(json) }),
      },
    });

    it('are taken where they are due, and begun from', async () => {
      const { handler, store } = setUp({ cachedStates: 1 });
      const decider = snapping(3);
      const deposit = () =>
        handler.execute(context, async (session) => {
          return (await session.load(decider, '1')).decide({ deposit: 1 }) ?? '1';
        });
      for (let i = 0; i < 5; i++) await deposit();
      expect(store.snapshots.get('till-1')).toMatchObject({ version: 3, schema: 2, state: 3 });
      await handler.read(till, 'pushes the state out');
      store.reads.length = 0;
      expect(await handler.read(decider, '1')).toEqual({ state: { sum: 5 }, version: 5 });
      expect(store.reads).toEqual([{ stream: 'till-1', fromVersion: 4 }]);
      const changed = { ...decider, snapshot: { ...decider.snapshot, schema: 3 } };
      expect(await handler.read(changed, '1')).toEqual({ state: { sum: 5 }, version: 5 });
      expect(store.reads.at(-1)?.fromVersion).toBe(1);
    });

    it('do not make a durable command fail when they cannot be made', async () => {
      const errors: unknown[] = [];
      const { handler, store } = setUp({ onError: (error) => errors.push(error) });
      const decider = snapping(1, () => {
        throw new Error('no JSON');
      });
      const outcome = await handler.execute(context, async (session) => {
        return (await session.load(decider, '1')).decide({ deposit: 1 }) ?? '1';
      });
      expect(outcome).toMatchObject({ version: 1 });
      expect(store.stream('till-1')).toHaveLength(1);
      expect(errors).toEqual([new Error('no JSON')]);
    });
  });
});
