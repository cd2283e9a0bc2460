import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { createLogger, remoteService } from '@unionfold/service-kit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startEmbeddedNode } from './node/embedded-node.ts';

const enterprises = 6_000;
const patience = { timeout: 60_000, interval: 20 };

let dataDir: string;
let child: ChildProcess | undefined;
let url = '';
let token = '';

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'unionfold-import-kill-'));
  const node = await startEmbeddedNode({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('silent'),
  });
  const organizations = remoteService(OrganizationsServiceService, 'organizations', node.directory);
  await organizations.establishUnion(
    {
      unionId: 'cn',
      name: '全国总工会',
      type: UnionType.UNION_TYPE_NATIONAL,
      territorialParentId: '',
      industryParentId: '',
      regionCode: '',
      creditCode: '',
      foundedOn: '',
      synthetic: true,
      approvalDocument: '批',
      approvedByUnionId: 'cn',
    },
    { actor: 'test', correlationId: 'test' },
  );
  await node.stop();
}, 60_000);

afterAll(async () => {
  child?.kill('SIGKILL');
  await rm(dataDir, { recursive: true });
});

async function start(): Promise<void> {
  const platform = spawn(process.execPath, [join(import.meta.dirname, 'start.ts')], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, SEED: 'none', LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = platform;
  url = await new Promise((resolve) => {
    createInterface({ input: platform.stdout }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
  const answer = await fetch(`${url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ unionId: 'cn', role: 'cadre', person: 'test' }),
  });
  token = ((await answer.json()) as { token: string }).token;
}

async function kill(): Promise<void> {
  const exited = child === undefined ? undefined : once(child, 'exit');
  child?.kill('SIGKILL');
  await exited;
}

async function send(path: string, sending: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...sending.headers };
  return await fetch(`${url}/api/v1${path}`, { ...sending, headers });
}

describe('An import that is killed again and again', () => {
  it('ends with every row done once, and counts that are those of the tree', async () => {
    const rows = [
      'id,name,type,territorialParentId,approvalDocument',
      ...Array.from({ length: enterprises }, (_, i) => `,企业${i}工会,enterprise,c${i % 7},批`),
      ...Array.from({ length: 7 }, (_, i) => `c${i},市${i},municipal,p,批`),
      ',错,enterprise,nowhere,批',
      'p,省,provincial,cn,批',
    ];
    await start();
    const submitted = await send('/imports/unions', {
      method: 'POST',
      headers: { 'content-type': 'text/csv', 'idempotency-key': 'one' },
      body: rows.join('\n'),
    });
    expect(submitted.status).toBe(202);
    const { id } = (await submitted.json()) as { id: string };
    const progress = async () =>
      (await (await send(`/imports/${id}`)).json()) as Readonly<Record<string, number | string>>;

    for (const target of [1_000, 3_000]) {
      await vi.waitFor(
        async () => expect(Number((await progress())['done'])).toBeGreaterThan(target),
        patience,
      );
      await kill();
      await start();
      expect(Number((await progress())['done'])).toBeLessThan(enterprises);
    }
    await vi.waitFor(
      async () => expect(await progress()).toMatchObject({ state: 'finished' }),
      patience,
    );
    const created = enterprises + 7 + 1;
    expect(await progress()).toMatchObject({
      rows: created + 1,
      created,
      updated: 0,
      skipped: 0,
      failed: 1,
    });
    const { position } = await progress();
    const total = await vi.waitFor(async () => {
      const answer = await send(`/unions/cn/statistics?position=${position}`);
      expect(answer.status).toBe(200);
      return (await answer.json()) as { unions: number };
    }, patience);
    expect(total.unions).toBe(created + 1);
  }, 180_000);
});
