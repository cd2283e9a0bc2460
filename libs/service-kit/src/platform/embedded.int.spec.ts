import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventsTopic, type RecordedEvent } from '@unionfold/eventsourcing';
import { MasterKeyError } from '@unionfold/privacy';
import { DataFolderError } from '@unionfold/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noticeReadType } from '../notices-module.fixture.ts';
import { openEmbeddedPlatform } from './embedded.ts';
import type { Platform } from './platform.ts';

describe('The embedded platform', () => {
  let dataDir: string;
  const open: Platform[] = [];

  beforeEach(async () => {
    dataDir = join(await mkdtemp(join(tmpdir(), 'unionfold-platform-')), 'data');
  });
  afterEach(async () => {
    for (const platform of open.splice(0)) await platform.close();
    await rm(join(dataDir, '..'), { recursive: true });
  });

  async function start(): Promise<Platform> {
    const platform = await openEmbeddedPlatform({ dataDir });
    open.push(platform);
    return platform;
  }

  const read: RecordedEvent['data'] = { noticeId: 'n', recipientId: 'm' };

  async function appendTo(platform: Platform, service: string, id: string): Promise<void> {
    const { events } = await platform.storage(service);
    const metadata = { actor: 'a', correlationId: 'c', occurredAt: '2025-01-01T00:00:00.000Z' };
    const event = { id, type: noticeReadType, data: read, metadata };
    await events.append([{ stream: 'notice-n', expectedVersion: 'any', events: [event] }]);
  }

  it('keeps events, documents and keys over a restart', async () => {
    const first = await start();
    await appendTo(first, 'notifications', 'e1');
    const { documents } = await first.storage('notifications');
    await documents.define([{ name: 'd', indexes: [] }]);
    await documents.commit({ puts: [{ collection: 'd', document: { id: 'x', n: 1 } }] });
    const [key] = (await first.keys.ensureKeys(['m'])).values();
    await first.close();

    const second = await start();
    const storage = await second.storage('notifications');
    expect(await storage.events.readStream('notice-n')).toMatchObject([{ id: 'e1', data: read }]);
    expect(await storage.documents.get('d', 'x')).toEqual({ id: 'x', n: 1 });
    const [again] = (await second.keys.keysFor(['m'])).values();
    expect(key === undefined ? undefined : again?.equals(key)).toBe(true);
    expect(await second.log.heads(eventsTopic('notifications'))).toEqual([1]);
  });

  it('opens each store once, however often and by however many it is asked for', async () => {
    const platform = await start();
    const storages = await Promise.all([1, 2, 3].map(() => platform.storage('notifications')));
    const [first, second, third] = storages;
    expect(second?.events).toBe(first?.events);
    expect(third?.documents).toBe(first?.documents);
    expect(await platform.documents('notifications')).toBe(first?.documents);
  });

  it('tries again to open what could not be opened', async () => {
    const platform = await start();
    // A folder in the file's place.
    await mkdir(join(dataDir, 'notifications', 'documents.db'), { recursive: true });
    await expect(platform.storage('notifications')).rejects.toThrow();
    await rm(join(dataDir, 'notifications', 'documents.db'), { recursive: true });
    await appendTo(platform, 'notifications', 'e1');
    expect(await platform.log.heads(eventsTopic('notifications'))).toEqual([1]);
  });

  it('belongs to one at a time, and is free again after closing, twice even', async () => {
    const platform = await start();
    await expect(openEmbeddedPlatform({ dataDir })).rejects.toThrow(DataFolderError);
    await Promise.all([platform.close(), platform.close()]);
    await start();
  });

  it('goes on where a process died before it had made the key', async () => {
    const platform = await start();
    await platform.close();
    await rm(join(dataDir, 'keys'), { recursive: true });
    await start();
    expect(await readdir(join(dataDir, 'keys'))).toContain('master.key');
  });

  it.each([
    ['persons’ keys', async (platform: Platform) => void (await platform.keys.ensureKeys(['m']))],
    ['events', async (platform: Platform) => appendTo(platform, 'notifications', 'e1')],
  ])(
    'makes no new key where there are %s under a lost one, and is not left locked',
    async (_, fill) => {
      const platform = await start();
      await fill(platform);
      await platform.close();
      const file = join(dataDir, 'keys', 'master.key');
      const key = await readFile(file);
      await rm(file);
      await expect(openEmbeddedPlatform({ dataDir })).rejects.toThrow(MasterKeyError);
      await expect(readFile(file)).rejects.toThrow('ENOENT');
      await writeFile(file, key);
      await start();
    },
  );

  it('refuses a foreign folder and leaves it as it is', async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, 'thesis.txt'), 'mine');
    await expect(openEmbeddedPlatform({ dataDir })).rejects.toThrow(DataFolderError);
    expect(await readdir(dataDir)).toEqual(['thesis.txt']);
  });
});
