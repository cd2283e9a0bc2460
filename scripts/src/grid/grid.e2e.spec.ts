import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { isRefusal } from '@unionfold/eventsourcing';
import { createLogger, remoteService } from '@unionfold/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedNode, startEmbeddedNode } from '../node/embedded-node.ts';

const made = synthetic(21);
const origin = { actor: 'test', correlationId: 'test' };

let node: EmbeddedNode;
let dataDir: string;
/** Of all commands so far: sent with every request, so that each sees the ones before. */
let seen: string[] = [];

// biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON came back
type Body = any;

async function send(unionId: string, method: string, path: string, body?: object): Promise<Body> {
  const { token } = await node.gateway.issuer.signIn({ unionId, role: 'cadre' });
  const response = await fetch(`${node.gateway.url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(seen.length === 0 ? {} : { 'unionfold-position': seen.join() }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: Body = await response.json();
  if (response.status >= 400) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  if (typeof answer.position === 'string' && answer.position !== '') {
    seen = [...seen, answer.position].slice(-8);
  }
  return answer;
}

/** Looks until it is so: reactions take their time. */
async function eventually(look: () => Promise<void>): Promise<void> {
  for (const end = Date.now() + 15_000; ; ) {
    try {
      await look();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function establish(unionId: string, parentId: string, type: UnionType, regionCode = '') {
  const organizations = remoteService(OrganizationsServiceService, 'organizations', node.directory);
  const answer = await organizations.establishUnion(
    {
      unionId,
      name: `${unionId} 工会`,
      type,
      territorialParentId: parentId,
      industryParentId: '',
      regionCode,
      creditCode: '',
      foundedOn: '',
      synthetic: true,
      approvalDocument: '1',
      approvedByUnionId: parentId === '' ? unionId : parentId,
    },
    origin,
  );
  if (isRefusal(answer)) throw new Error(answer.refused);
  seen = answer.positions.map(
    ({ service, partition, position }) => `${service}/${partition}/${position}`,
  );
}

async function enrol(unionId: string, index: number): Promise<string> {
  const { name, citizenNumber, mobile } = made.person(index);
  const body = { unionId, name, citizenNumber, mobile, synthetic: true };
  return (await send('cn-370202', 'POST', '/members', body)).id;
}

async function register(index: number, employees: number): Promise<string> {
  const { name, creditCode } = made.enterprise(index, '370202');
  const body = { creditCode, name, regionCode: '370202', employees };
  return (await send('cn-370202', 'POST', '/employers', body)).id;
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'grid-'));
  node = await startEmbeddedNode({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    logger: createLogger('silent'),
    partitions: 3,
  });
  await establish('cn', '', UnionType.UNION_TYPE_NATIONAL);
  await establish('cn-37', 'cn', UnionType.UNION_TYPE_PROVINCIAL, '370000');
  await establish('cn-3702', 'cn-37', UnionType.UNION_TYPE_MUNICIPAL, '370200');
  await establish('cn-370202', 'cn-3702', UnionType.UNION_TYPE_COUNTY, '370202');
  await establish('park', 'cn-370202', UnionType.UNION_TYPE_AREA, '370202');
  await establish('home', 'cn-370202', UnionType.UNION_TYPE_TOWNSHIP, '370202001');
});

afterAll(async () => {
  await node.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('The grid, with every service and the gateway', () => {
  it('reaches employers cell by cell, and shows what it does not reach', async () => {
    const county = (method: string, path: string, body?: object) =>
      send('cn-370202', method, path, body);
    const [large, small] = [await register(1, 60), await register(2, 6)];
    const upper = (await county('POST', '/cells', { unionId: 'cn-370202', name: '第一网格' })).id;
    const micro = (
      await county('POST', '/cells', {
        unionId: 'cn-370202',
        name: '第一微网格',
        upperCellId: upper,
      })
    ).id;
    const placed = await county('POST', `/cells/${micro}/employers`, {
      creditCodes: [small, made.enterprise(99, '370202').creditCode],
    });
    expect(placed).toMatchObject({
      done: 1,
      failed: 1,
      items: [{ status: 'done' }, { code: 'employer-unknown' }],
    });
    expect((await county('GET', `/cells/${upper}`)).totals).toEqual({
      employers: 1,
      coveredEmployers: 0,
      employees: 6,
      microCells: 1,
    });
    const member = await enrol('home', 1);
    await county('POST', `/cells/${upper}/cadres`, { memberId: member, role: 'responsible' });
    expect(await county('GET', '/unions/cn-370202/coverage')).toMatchObject({
      employers: { known: 2, covered: 0, inCells: 1 },
      employees: { known: 66, inCells: 6 },
      cells: { drawn: 2, withoutCadre: 1 },
    });
    const spots = async (kind: string) =>
      (await county('GET', `/unions/cn-370202/blind-spots?kind=${kind}`)).items.map(
        (item: Body) => item.employer?.id ?? item.cell.id,
      );
    expect(await spots('employer-without-cell')).toEqual([large]);
    expect(await spots('employer-without-union')).toEqual([large]);
    expect(await spots('cell-without-cadre')).toEqual([micro]);

    await county('POST', `/members/${member}/leave`, {});
    await eventually(async () => {
      expect((await spots('cell-without-cadre')).toSorted()).toEqual([micro, upper].toSorted());
      const { items } = await county('GET', '/inbox');
      expect(items).toContainEqual(
        expect.objectContaining({ template: 'cell-without-cadre', aboutId: upper }),
      );
    });

    await county('POST', `/cells/${micro}/close`, { successorCellId: upper });
    await eventually(async () => {
      const { totals, employerPage } = await county('GET', `/cells/${upper}`);
      expect(totals).toMatchObject({ employers: 1, employees: 6, microCells: 0 });
      expect(employerPage.items.map(({ id }: Body) => id)).toEqual([small]);
    });
    expect(await county('GET', `/cells/${micro}`)).toMatchObject({
      closed: true,
      totals: { employers: 0, employees: 0 },
    });
  });

  it('passes the cells of a dissolved union to its successor, with the totals', async () => {
    const { name, creditCode } = made.enterprise(3, '370202');
    const cellId = (await send('park', 'POST', '/cells', { unionId: 'park', name: '园区网格' })).id;
    await send('park', 'POST', '/employers', {
      creditCode,
      name,
      regionCode: '370202',
      employees: 12,
      cellId,
    });
    const { cells } = await send('park', 'GET', '/unions/park/coverage');
    expect(cells.drawn).toBe(1);
    expect((await send('park', 'GET', `/employers/${creditCode}`)).cellId).toBe(cellId);
    const before = await send('cn-370202', 'GET', '/unions/cn-370202/coverage');
    await send('cn-370202', 'POST', '/unions/park/dissolve', { reason: '园区撤并' });
    await eventually(async () => {
      expect((await send('cn-370202', 'GET', `/cells/${cellId}`)).unionId).toBe('cn-370202');
      expect((await send('park', 'GET', '/unions/park/coverage')).cells.drawn).toBe(0);
      expect(await send('cn-370202', 'GET', '/unions/cn-370202/coverage')).toEqual(before);
    });
  });

  it('notices that many members at a 会员之家 work for one employer without a union', async () => {
    const { creditCode } = made.enterprise(4, '370202');
    for (let index = 10; index < 20; index++) {
      const spots = '/unions/cn-370202/blind-spots?kind=employer-prompts-union';
      expect((await send('cn-370202', 'GET', spots)).items).toEqual([]);
      const memberId = await enrol('home', index);
      await send('home', 'POST', `/members/${memberId}/workplace`, {
        creditCode,
        employerName: '青岛快递站',
      });
    }
    const { items } = await send(
      'cn-370202',
      'GET',
      '/unions/cn-370202/blind-spots?kind=employer-prompts-union',
    );
    expect(items).toMatchObject([
      { employer: { id: creditCode, name: '青岛快递站', workers: 10, status: 'unregistered' } },
    ]);
  });
});
