import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findServers } from './find-servers.ts';
import { isAlive } from './processes/process-identity.ts';
import { startServers } from './start-servers.ts';
import { processOf, readState, type ServerRecord } from './state.ts';

const run = promisify(execFile);

/** A connection that fails at once where Redis is gone. */
async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

describe('servers of a process', () => {
  it.each(['stop', 'kill'] as const)(
    'come back on their address and data after %s',
    async (how) => {
      await using servers = await startServers({ names: ['redis'] });
      const { redis } = servers;
      await withRedis(redis.url, (client) => client.set('kept', 'yes'));
      await redis[how]();
      await expect(withRedis(redis.url, (client) => client.ping())).rejects.toThrow();
      await redis.start();
      expect(await withRedis(redis.url, (client) => client.get('kept'))).toBe('yes');
    },
  );

  it('end with it, their data removed, when it is killed', async () => {
    const script = `
      import { startServers } from '${join(import.meta.dirname, 'start-servers.ts')}';
      const servers = await startServers({ names: ['redis'], engine: 'native' });
      console.log(servers.redis.url);
      setInterval(() => undefined, 1000);
    `;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = await once(createInterface({ input: parent.stdout }), 'line');
    const folder = await withRedis(url, async (client) => {
      const answer = await client.config('GET', 'dir');
      return String(Object.values(Object(answer)).at(-1));
    });
    expect(existsSync(folder)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(existsSync(folder)).toBe(false), { timeout: 15_000 });
    await expect(withRedis(url, (client) => client.ping())).rejects.toThrow();
  });
});

describe('npm run infra:up', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unionfold-infra-'));
    vi.stubEnv('INFRA_DIR', folder);
    vi.stubEnv('INFRA_ENGINE', 'native');
  });
  afterAll(async () => {
    await node('down.ts', '--delete-data');
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  async function node(script: string, ...args: string[]): Promise<string> {
    const file = resolve(import.meta.dirname, script);
    const { stdout } = await run(process.execPath, [file, ...args]);
    return stdout;
  }

  async function records(): Promise<readonly ServerRecord[]> {
    return (await readState(folder))?.servers ?? [];
  }

  async function alive(): Promise<boolean[]> {
    return await Promise.all(
      (await records()).map(async (record) => {
        const running = processOf(record);
        return running !== undefined && (await isAlive(running));
      }),
    );
  }

  it('starts what is down, leaves what is up, and is found; infra:down ends all of it', async () => {
    const first = await node('up.ts');
    expect(first).toMatch(
      /^MONGODB_URI=mongodb:\/\/\S+\nKAFKA_BROKERS=\S+:\d+\nREDIS_URL=redis:\/\/\S+\n$/,
    );
    const before = await records();
    expect(await node('up.ts')).toBe(first);
    expect(await records()).toEqual(before);

    const redis = before.find(({ name }) => name === 'redis');
    process.kill(redis?.pid ?? Number.NaN, 'SIGKILL');
    expect(await node('up.ts')).toBe(first);
    const after = await records();
    expect(after.find(({ name }) => name === 'redis')?.pid).not.toBe(redis?.pid);
    expect(after.filter(({ name }) => name !== 'redis')).toEqual(
      before.filter(({ name }) => name !== 'redis'),
    );

    for (const name of ['MONGODB_URI', 'KAFKA_BROKERS', 'REDIS_URL']) vi.stubEnv(name, '');
    expect((await findServers()).redisUrl).toBe(`redis://127.0.0.1:${redis?.port}`);

    const processes = after.map(processOf);
    await node('down.ts');
    for (const running of processes) {
      expect(running !== undefined && (await isAlive(running))).toBe(false);
    }
    expect(await alive()).toEqual([false, false, false]);
    await expect(findServers()).rejects.toThrow('npm run infra:up');
    expect(JSON.parse(await readFile(join(folder, 'state.json'), 'utf8'))).not.toHaveProperty(
      'servers.0.pid',
    );
  });
});
