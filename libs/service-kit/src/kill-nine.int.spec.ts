import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { type Document, eventsTopic, isRefusal } from '@unionfold/eventsourcing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';
import { noticesModule, readNotice } from './notices-module.fixture.ts';
import { openEmbeddedPlatform } from './platform/embedded.ts';
import { RemoteUnavailableError, remoteService } from './rpc/client.ts';
import { ServiceDirectory } from './rpc/service-directory.ts';
import { startService } from './service.ts';

interface Sent {
  readonly key: string;
  readonly notice: string;
  readonly reader: string;
}

const writers = 64;
const notices = 40;
const topic = eventsTopic('notifications');

describe('A service that is killed while it acknowledges commands', () => {
  let dataDir: string;
  let child: ChildProcess | undefined;
  const acknowledged = new Map<string, CommandAccepted>();
  const sent = new Map<string, Sent>();

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'unionfold-kill-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(dataDir, { recursive: true });
  });

  it('has every acknowledged one afterwards, does none twice, and its read model is that of a rebuild', async () => {
    for (const target of [100, 700, 1_500]) {
      await commandAndKill(acknowledged.size + target);
      await verify();
    }
    expect(acknowledged.size).toBeGreaterThan(2_300);
  }, 120_000);

  /** Sends commands from many writers until so many are acknowledged in all, and kills the service in the middle. */
  async function commandAndKill(target: number): Promise<void> {
    const script = join(import.meta.dirname, 'kill-nine.fixture.ts');
    const service = spawn(process.execPath, [script, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = service;
    const [port] = (await once(createInterface({ input: service.stdout }), 'line')) as [string];
    const directory = new ServiceDirectory();
    directory.set('notifications', `127.0.0.1:${port}`);
    const remote = remoteService(NotificationsServiceService, 'notifications', directory);
    let killed = false;
    await Promise.all(
      Array.from({ length: writers }, async () => {
        while (!killed) {
          const nth = sent.size;
          const one = { key: `a:${nth}`, notice: `n${nth % notices}`, reader: `m${nth}` };
          sent.set(one.key, one);
          try {
            acknowledge(one, await send(remote, one));
          } catch (error) {
            expect(error).toBeInstanceOf(RemoteUnavailableError);
            killed = true;
          }
          if (acknowledged.size >= target) {
            killed = true;
            service.kill('SIGKILL');
          }
        }
      }),
    );
    if (service.exitCode === null && service.signalCode === null) await once(service, 'exit');
    expect(service.signalCode).toBe('SIGKILL');
    directory.close();
  }

  /** Starts the service on what was left, here, and looks at everything. */
  async function verify(): Promise<void> {
    const platform = await openEmbeddedPlatform({ dataDir });
    const directory = new ServiceDirectory();
    const logger = createLogger('warn');
    const service = await startService(noticesModule(), { platform, directory, logger });
    directory.set('notifications', `127.0.0.1:${service.port}`);
    try {
      const remote = remoteService(NotificationsServiceService, 'notifications', directory);
      // Everybody asks again: who was answered gets the same answer, who was not gets one now, and nothing is done twice.
      for (const one of sent.values()) {
        const answer = await send(remote, one);
        const before = acknowledged.get(one.key);
        if (before !== undefined) expect(answer).toEqual(before);
        acknowledge(one, answer);
      }
      const { events } = await platform.storage('notifications');
      const readers: string[] = [];
      for (let nth = 0; nth < notices; nth++) {
        const stream = await events.readStream(`notice-n${nth}`);
        expect(stream.map(({ version }) => version)).toEqual(stream.map((_, index) => index + 1));
        readers.push(...stream.map(({ data }) => String(data['recipientId'])));
      }
      expect(readers.toSorted()).toEqual([...sent.values()].map(({ reader }) => reader).toSorted());
      for (const { id, positions } of acknowledged.values()) {
        const [{ partition, position } = { partition: 0, position: 0n }] = positions;
        const [event] = await events.readPartition(partition, Number(position) - 1, 1);
        expect(event?.stream).toBe(`notice-${id}`);
      }

      const [reads] = service.projections;
      if (reads === undefined) throw new Error('no read model');
      const all = async () => {
        const heads = await events.heads();
        const targets = heads.map((position, partition) => ({ topic, partition, position }));
        expect(await reads.waitFor(targets, 10_000)).toBe(true);
        const documents = await reads.find('notices', { limit: 1_000 });
        return new Map(documents.map((document): [string, Document] => [document.id, document]));
      };
      const live = await all();
      expect(live.size).toBe(notices);
      await reads.rebuild();
      await reads.rebuilt();
      expect(await all()).toEqual(live);
    } finally {
      await service.stop();
      directory.close();
      await platform.close();
    }
  }

  function acknowledge(one: Sent, answer: Awaited<ReturnType<typeof send>>): void {
    if (isRefusal(answer)) throw new Error(answer.refused);
    acknowledged.set(one.key, answer);
  }
});

async function send(
  remote: ReturnType<typeof remoteService<typeof NotificationsServiceService>>,
  { key, notice, reader }: Sent,
) {
  const origin = { actor: 'a', correlationId: 'c', idempotencyKey: key };
  return await remote.markNoticeRead(readNotice(notice, reader), origin);
}
