import { randomBytes } from 'node:crypto';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { MasterKey } from '@unionfold/privacy';
import { remoteService, ServiceDirectory } from '@unionfold/service-kit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { StoredData } from './demo/launcher/stored-data.ts';
import { addressesFromEnvironment, environmentOf } from './infra/addresses.ts';
import { DistributedProcesses } from './node/distributed-processes.ts';

const addresses = addressesFromEnvironment(process.env);
if (addresses === undefined) throw new Error('no servers: run npm run test:distributed');

const enterprises = 4_000;
/** Another gateway hears 20 seconds of silence before it takes an import over. */
const patience = { timeout: 150_000, interval: 100 };
const prefix = `imports_${randomBytes(4).toString('hex')}`;
const stored = new StoredData(addresses, prefix);

let processes: DistributedProcesses;
let token = '';

beforeAll(async () => {
  processes = await DistributedProcesses.start({
    replicas: 2,
    host: '127.0.0.1',
    port: 0,
    environment: {
      ...environmentOf(addresses),
      PREFIX: prefix,
      MASTER_KEY: MasterKey.generate().toText(),
      LOG_LEVEL: 'silent',
    },
    onLine: () => undefined,
  });
  await processes.listening();
  const directory = new ServiceDirectory();
  for (const [name, address] of processes.addresses) directory.set(name, address);
  const organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
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
    { actor: 'test', correlationId: 'test', idempotencyKey: 'test:root' },
  );
  directory.close();
  const answer = await fetch(`${await gateway(0)}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ unionId: 'cn', role: 'cadre', person: 'test' }),
  });
  token = ((await answer.json()) as { token: string }).token;
}, 120_000);

afterAll(async () => {
  await processes.kill();
  await stored.drop();
}, 120_000);

async function gateway(index: number): Promise<string> {
  return (await processes.of('gateway')[index]?.listening()) ?? '';
}

async function send(index: number, path: string, sending: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, ...sending.headers };
  return await fetch(`${await gateway(index)}/api/v1${path}`, { ...sending, headers });
}

async function submit(index: number, body: string): Promise<string> {
  const submitted = await send(index, '/imports/unions', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body,
  });
  expect(submitted.status).toBe(202);
  return ((await submitted.json()) as { id: string }).id;
}

async function progress(index: number, id: string): Promise<Readonly<Record<string, unknown>>> {
  return (await (await send(index, `/imports/${id}`)).json()) as Record<string, unknown>;
}

describe('An import whose gateway is killed', () => {
  it('is taken over by another one: every row is done once, and the counts are those of the tree', async () => {
    const rows = [
      'id,name,type,territorialParentId,approvalDocument',
      ...Array.from({ length: enterprises }, (_, i) => `,企业${i}工会,enterprise,c${i % 7},批`),
      ...Array.from({ length: 7 }, (_, i) => `c${i},市${i},municipal,p,批`),
      ',错,enterprise,nowhere,批',
      'p,省,provincial,cn,批',
    ];
    await vi.waitFor(async () => expect((await send(0, '/unions/cn')).status).toBe(200), patience);
    const id = await submit(0, rows.join('\n'));
    await vi.waitFor(
      async () => expect(Number((await progress(1, id))['done'])).toBeGreaterThan(500),
      patience,
    );
    await processes.of('gateway')[0]?.crash();
    expect(Number((await progress(1, id))['done'])).toBeLessThan(enterprises);
    await vi.waitFor(
      async () => expect(await progress(1, id)).toMatchObject({ state: 'finished' }),
      patience,
    );
    const created = enterprises + 7 + 1;
    const ended = await progress(1, id);
    expect(ended).toMatchObject({ rows: created + 1, created, skipped: 0, failed: 1 });
    const total = await vi.waitFor(async () => {
      const answer = await send(1, `/unions/cn/statistics?position=${ended['position']}`);
      expect(answer.status).toBe(200);
      return (await answer.json()) as { unions: number };
    }, patience);
    expect(total.unions).toBe(created + 1);

    const exported = await (await send(1, '/exports/unions')).text();
    const again = await submit(1, exported);
    await vi.waitFor(
      async () => expect(await progress(1, again)).toMatchObject({ state: 'finished' }),
      patience,
    );
    expect(await progress(1, again)).toMatchObject({
      rows: created + 1,
      skipped: created + 1,
      failed: 0,
    });
  }, 300_000);
});
