import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import { OperationsServiceService } from '@unionfold/contracts/operations';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { eventsTopic, isRefusal, type Projection, type Refusal } from '@unionfold/eventsourcing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from './logger.ts';
import {
  type NoticesOptions,
  noticeDecider,
  noticesModule,
  readNotice,
  readsProjection,
} from './notices-module.fixture.ts';
import { openEmbeddedPlatform } from './platform/embedded.ts';
import type { Platform } from './platform/platform.ts';
import type { CallOrigin } from './rpc/call-origin.ts';
import { RemoteUnavailableError, remoteService } from './rpc/client.ts';
import { ServiceDirectory } from './rpc/service-directory.ts';
import { newId, type RunningService, type ServiceContext, startService } from './service.ts';

const origin: CallOrigin = { actor: 'a', correlationId: 'c' };
const topic = eventsTopic('notifications');

describe('A service over the embedded platform', () => {
  let dataDir: string;
  let platform: Platform;
  let directory: ServiceDirectory;
  const running: RunningService[] = [];
  const errors: string[] = [];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'unionfold-service-'));
    platform = await openEmbeddedPlatform({ dataDir });
    directory = new ServiceDirectory();
    errors.length = 0;
  });
  afterEach(async () => {
    for (const service of running.splice(0)) await service.stop();
    directory.close();
    await platform.close();
    await rm(dataDir, { recursive: true });
  });

  const logger = createLogger('warn', { write: (line) => errors.push(line) });

  async function start(options: NoticesOptions = {}) {
    let context: ServiceContext | undefined;
    const module = noticesModule({ ...options, built: (built) => (context = built) });
    const service = await startService(module, { platform, directory, logger });
    running.push(service);
    directory.set('notifications', `127.0.0.1:${service.port}`);
    const [reads] = service.projections;
    if (reads === undefined || context === undefined) throw new Error('not built');
    return {
      service,
      reads,
      context,
      notices: remoteService(NotificationsServiceService, 'notifications', directory),
      operations: remoteService(OperationsServiceService, 'notifications', directory),
    };
  }

  function accepted(answer: CommandAccepted | Refusal): CommandAccepted {
    if (isRefusal(answer)) throw new Error(answer.refused);
    return answer;
  }

  function targets({ positions }: CommandAccepted) {
    return positions.map(({ partition, position }) => ({
      topic,
      partition,
      position: Number(position),
    }));
  }

  it('answers a command with a position at which its read model holds it', async () => {
    const { notices, reads } = await start();
    const answer = accepted(await notices.markNoticeRead(readNotice('n', 'm'), origin));
    expect(answer).toMatchObject({ id: 'n', version: 1n });
    expect(await reads.waitFor(targets(answer), 5_000)).toBe(true);
    expect(await reads.get('notices', 'n')).toEqual({
      id: 'n',
      reads: 1,
      lastReader: 'm',
      version: 1,
    });
  });

  it('carries out 200 commands at one aggregate at once, without a gap and without a loss', async () => {
    const { notices, context, reads } = await start();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        notices.markNoticeRead(readNotice('n', `m${n}`), origin),
      ),
    );
    const refused = answers.filter(isRefusal);
    expect(refused.filter((refusal) => refusal.refused !== 'concurrent-change')).toEqual([]);
    const versions = answers
      .filter((answer): answer is CommandAccepted => !isRefusal(answer))
      .map(({ version }) => Number(version))
      .toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 200 - refused.length }, (_, n) => n + 1));
    const { version } = await context.commands.read(noticeDecider, 'n');
    expect(version).toBe(versions.length);
    await reads.waitFor([{ topic, partition: 0, position: versions.length }], 5_000);
    expect(await reads.get('notices', 'n')).toMatchObject({ reads: versions.length });
  });

  it('does a command once that is sent twice at once under one key', async () => {
    const { notices, context } = await start();
    const call = { ...origin, idempotencyKey: 'a:k' };
    for (let round = 1; round <= 20; round++) {
      const keyed = { ...call, idempotencyKey: `a:${round}` };
      const send = () => notices.markNoticeRead(readNotice('n', 'm'), keyed);
      const [one, two] = await Promise.all([send(), send()]);
      expect(two).toEqual(one);
      expect(accepted(one).version).toBe(BigInt(round));
      expect(await send()).toEqual(one);
    }
    expect((await context.commands.read(noticeDecider, 'n')).version).toBe(20);
    const other = await notices.markNoticeRead(readNotice('n', 'else'), {
      ...call,
      idempotencyKey: 'a:1',
    });
    expect(other).toMatchObject({ refused: 'idempotency-key-reused' });
  });

  it('shows the operator a dead letter without its person, goes on with others, and replays it', async () => {
    let broken = true;
    const { notices, operations, reads } = await start({
      projection: readsProjection(1, ({ data }) => {
        if (data['recipientId'] === 'poison' && broken) {
          throw new RangeError('no place for 11010119900307371X');
        }
      }),
    });
    for (const [notice, reader] of [
      ['n1', 'm'],
      ['n1', 'poison'],
      ['n1', 'after'],
      ['n2', 'm'],
    ] as const) {
      await notices.markNoticeRead(readNotice(notice, reader), origin);
    }
    expect(await reads.waitFor([{ topic, partition: 0, position: 4 }], 5_000)).toBe(true);
    expect(await reads.get('notices', 'n1')).toMatchObject({ reads: 1 });
    expect(await reads.get('notices', 'n2')).toMatchObject({ reads: 1 });

    const listed = await operations.listDeadLetters({ consumer: '' }, origin);
    expect(listed).toMatchObject({
      deadLetters: [
        {
          consumer: 'reads_g1',
          topic,
          position: 2n,
          stream: 'notice-n1',
          reason: 'RangeError: no place for 110***********371X',
          parked: false,
          attempts: 4,
        },
        { position: 3n, stream: 'notice-n1', parked: true },
      ],
    });
    expect(await operations.listDeadLetters({ consumer: 'other' }, origin)).toEqual({
      deadLetters: [],
    });
    expect(errors.join()).not.toContain('11010119900307371X');
    expect(errors.join()).toContain('service.int.spec.ts');

    const letters = { consumer: 'reads_g1', stream: 'notice-n1' };
    expect(await operations.replayDeadLetters(letters, origin)).toEqual({
      handled: 0,
      remaining: 2,
    });
    broken = false;
    expect(await operations.replayDeadLetters(letters, origin)).toEqual({
      handled: 2,
      remaining: 0,
    });
    expect(await reads.get('notices', 'n1')).toMatchObject({ reads: 3, lastReader: 'after' });
    const answer = accepted(await notices.markNoticeRead(readNotice('n1', 'later'), origin));
    await reads.waitFor(targets(answer), 5_000);
    expect(await reads.get('notices', 'n1')).toMatchObject({ reads: 4 });

    expect(await operations.replayDeadLetters(letters, origin)).toMatchObject({
      refused: 'dead-letter-unknown',
    });
    expect(
      await operations.replayDeadLetters({ consumer: 'x', stream: 'y' }, origin),
    ).toMatchObject({ refused: 'consumer-unknown', params: { consumer: 'x' } });
  });

  it('rebuilds its read model while it serves', async () => {
    const { notices, operations, reads, context } = await start({
      projection: { ...readsProjection(), rebuildBatch: 50 },
    });
    const write = (n: number) => notices.markNoticeRead(readNotice(`n${n % 7}`, `m${n}`), origin);
    for (let n = 0; n < 600; n += 60) {
      await Promise.all(Array.from({ length: 60 }, (_, i) => write(n + i)));
    }
    let writing = true;
    let written = 600;
    let last: CommandAccepted | undefined;
    const writer = (async () => {
      while (writing) last = accepted(await write(written++));
    })();
    let seen = 0;
    const reader = (async () => {
      while (writing) {
        const count = Number((await reads.get('notices', 'n3'))?.['reads']);
        expect(count).toBeGreaterThanOrEqual(seen);
        seen = count;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    expect(await operations.rebuildProjection({ projection: 'reads' }, origin)).toEqual({
      generation: 2,
    });
    expect(await operations.rebuildProjection({ projection: 'reads' }, origin)).toMatchObject({
      refused: 'projection-rebuild-running',
    });
    const during = await operations.listConsumers({}, origin);
    expect(during).toMatchObject({
      consumers: [{ consumer: 'reads_g1', topic, partition: 0, rebuilding: true }],
    });
    await reads.rebuilt();
    writing = false;
    await Promise.all([writer, reader]);
    if (last === undefined) throw new Error('nothing was written meanwhile');
    expect(await reads.waitFor(targets(last), 5_000)).toBe(true);

    const after = await operations.listConsumers({}, origin);
    expect(after).toMatchObject({
      consumers: [{ consumer: 'reads_g2', rebuilding: false, position: BigInt(written) }],
    });
    let sum = 0;
    for (const { reads: count } of await reads.find('notices', { limit: 100 }))
      sum += Number(count);
    expect(sum).toBe(written);
    const { documents } = context;
    expect(await documents.checkpoints('reads_g1')).toEqual([]);
    expect((await documents.collections()).filter((name) => name.includes('_g1_'))).toEqual([]);
    expect(await operations.rebuildProjection({ projection: 'none' }, origin)).toMatchObject({
      refused: 'projection-unknown',
      params: { projection: 'none' },
    });
  });

  it('lists how far its events are published, where a relay publishes them', async () => {
    const asked: string[] = [];
    platform = {
      ...platform,
      publishing: async (service) => {
        asked.push(service);
        return [
          { topic, partition: 0, position: 7, published: 7, head: 7 },
          { topic, partition: 1, position: 3, published: 2, head: 9 },
        ];
      },
    };
    const { operations } = await start();
    const answer = await operations.listConsumers({}, origin);
    if (isRefusal(answer)) throw new Error(answer.refused);
    const relay = answer.consumers.filter(({ consumer }) => consumer === 'relay');
    const notRebuilt = { consumer: 'relay', topic, rebuilding: false, rebuildPosition: 0n };
    expect(relay).toEqual([
      { ...notRebuilt, partition: 0, position: 7n, head: 7n },
      { ...notRebuilt, partition: 1, position: 3n, head: 9n },
    ]);
    expect(answer.consumers.length).toBeGreaterThan(relay.length);
    expect(asked).toEqual(['notifications']);
  });

  it('builds a changed read model anew after a restart, and shows how far that is and what failed', async () => {
    const { service, notices } = await start();
    await notices.markNoticeRead(readNotice('n1', 'poison'), origin);
    const answer = accepted(await notices.markNoticeRead(readNotice('n2', 'm'), origin));
    await service.stop();
    const gate = Promise.withResolvers<void>();
    const changed: Projection = {
      ...readsProjection(2),
      rebuildBatch: 1,
      apply: async (event, documents) => {
        if (event.recorded.stream === 'notice-n1') throw new Error('poison');
        await gate.promise;
        await readsProjection().apply(event, documents);
      },
    };
    const { operations, reads } = await start({ projection: changed });
    await vi.waitFor(async () =>
      expect(await operations.listConsumers({}, origin)).toMatchObject({
        consumers: [{ consumer: 'reads_g2', rebuilding: true, rebuildPosition: 1n, head: 2n }],
      }),
    );
    expect(await operations.listDeadLetters({ consumer: '' }, origin)).toMatchObject({
      deadLetters: [{ consumer: 'reads_g2', stream: 'notice-n1' }],
    });
    gate.resolve();
    expect(await reads.waitFor(targets(answer), 5_000)).toBe(true);
    expect(reads.current).toBe(true);
  });

  it('stops, and starts again on the platform that stands', async () => {
    const { service, notices } = await start();
    await notices.markNoticeRead(readNotice('n', 'm'), origin);
    await Promise.all([service.stop(), service.stop()]);
    await expect(notices.markNoticeRead(readNotice('n', 'm'), origin)).rejects.toThrow(
      RemoteUnavailableError,
    );
    const again = await start();
    const answer = accepted(await again.notices.markNoticeRead(readNotice('n', 'm'), origin));
    expect(answer.version).toBe(2n);
    expect(await again.notices.getNotice({ noticeId: 'n' }, origin)).toMatchObject({ version: 2n });
  });

  it('leaves nothing running when it cannot start', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    let met = 0;
    const projection = readsProjection(1, () => {
      met += 1;
    });
    const address = `127.0.0.1:${port}`;
    const options = { platform, directory, logger, address };
    await expect(startService(noticesModule({ projection }), options)).rejects.toThrow();
    await new Promise((resolve) => taken.close(resolve));
    // Had the first one's consumer been left in the group, it would take the partition from the second's.
    const { notices, reads } = await start();
    const answer = accepted(await notices.markNoticeRead(readNotice('n', 'm'), origin));
    expect(await reads.waitFor(targets(answer), 5_000)).toBe(true);
    expect(met).toBe(0);
  });

  it('makes consumers while it is built only', async () => {
    const { context } = await start();
    expect(() => context.projection(readsProjection())).toThrow('in build() only');
  });

  it('does recurring work again and again, also after a failure, until it stops', async () => {
    const module = noticesModule();
    let runs = 0;
    const service = await startService(
      {
        name: module.name,
        build: (context) => {
          context.recurring({
            name: 'counting',
            everyMs: 1,
            run: async () => {
              runs += 1;
              if (runs === 2) throw new Error('once');
            },
          });
          return module.build(context);
        },
      },
      { platform, directory, logger },
    );
    await vi.waitFor(() => expect(runs).toBeGreaterThan(3));
    const before = runs;
    await service.recur();
    expect(runs).toBeGreaterThan(before);
    await service.stop();
    const after = runs;
    await service.recur();
    expect(runs).toBe(after + 1);
  });
});

describe('newId', () => {
  it('makes ids that are different and sort by age', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2025-06-01T00:00:00Z') });
    try {
      const ids = Array.from({ length: 1_000 }, newId);
      expect(new Set(ids).size).toBe(1_000);
      expect(ids.every((id) => /^[0-9a-hjkmnp-tv-z]{20}$/.test(id))).toBe(true);
      vi.setSystemTime(Date.now() + 1);
      expect(newId() > (ids.toSorted().at(-1) ?? '')).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
