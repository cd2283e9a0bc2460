import { synthetic } from '@unionfold/codes';
import {
  CellCadreRole,
  type CoveredUnit,
  type EmployerParticulars,
  UnionType,
} from '@unionfold/contracts';
import { refuse } from '@unionfold/contracts/problems';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, GatewayWorld } from '../gateway-world.fixture.ts';

let world: GatewayWorld;
let county: Client;
let park: Client;
let operator: Client;
let worker: Client;

const made = synthetic(9);
/** Employers by what they are there for. */
const codes = {
  covered: made.enterprise(1, '370202').creditCode,
  large: made.enterprise(2, '370202').creditCode,
  small: made.enterprise(3, '370202').creditCode,
  outside: made.enterprise(4, '440103').creditCode,
  shared: made.enterprise(5, '370203').creditCode,
  prompting: made.enterprise(6, '370202').creditCode,
  fresh: made.enterprise(7, '370202').creditCode,
  nobody: made.enterprise(8, '370202').creditCode,
};

const particulars = (change: Partial<EmployerParticulars>): EmployerParticulars => ({
  name: '某公司',
  regionCode: '370202',
  ownership: '170',
  industry: 'C34',
  employees: 10,
  women: 0,
  migrantWorkers: 0,
  dispatched: 0,
  newForms: 0,
  ...change,
});

async function register(creditCode: string, change: Partial<EmployerParticulars>): Promise<void> {
  await world.append('organizations', 'employer', creditCode, [
    { type: 'EmployerRegistered', data: { creditCode, particulars: particulars(change) } },
  ]);
}

async function place(creditCode: string, cellId: string): Promise<void> {
  await world.append('organizations', 'employer', creditCode, [
    { type: 'EmployerPlaced', data: { creditCode, cellId, fromCellId: '' } },
  ]);
}

async function draw(cellId: string, unionId: string, upperCellId = ''): Promise<void> {
  await world.append('organizations', 'cell', cellId, [
    {
      type: 'CellDrawn',
      data: { cellId, unionId, name: `网格 ${cellId}`, upperCellId, regionCode: '' },
    },
  ]);
}

async function cover(unionId: string, creditCode: string, employees: number): Promise<void> {
  const { regionCode: _, ...told } = particulars({ name: '青岛海洋机械厂', employees });
  const unit: CoveredUnit = { creditCode, ...told };
  await world.append('organizations', 'union', unionId, [
    { type: 'UnitCovered', data: { unionId, unit } },
  ]);
}

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('cn', '', { type: UnionType.UNION_TYPE_NATIONAL });
  await world.union('cn-37', 'cn', { type: UnionType.UNION_TYPE_PROVINCIAL });
  await world.union('cn-3702', 'cn-37', { type: UnionType.UNION_TYPE_MUNICIPAL });
  await world.union('cn-370202', 'cn-3702', {
    type: UnionType.UNION_TYPE_COUNTY,
    regionCode: '370202',
  });
  await world.union('cn-370203', 'cn-3702', {
    type: UnionType.UNION_TYPE_COUNTY,
    regionCode: '370203',
  });
  await world.union('works', 'cn-370202');
  await world.union('park', 'cn-370202', {
    type: UnionType.UNION_TYPE_AREA,
    regionCode: '370202',
  });
  await world.union('cn-440103', 'cn', { type: UnionType.UNION_TYPE_COUNTY });
  await world.member('cadre', 'works', 1);
  await world.member('stranger', 'cn-440103', 2);

  await cover('works', codes.covered, 40);
  await register(codes.large, { name: '青岛大港造船有限公司', employees: 25 });
  await register(codes.small, { name: '青岛小店', employees: 24 });
  await register(codes.outside, { name: '广州某厂', regionCode: '440103', employees: 900 });
  await register(codes.shared, { name: '市北某厂', regionCode: '370203', employees: 7 });
  await draw('g1', 'cn-370202');
  await draw('micro', 'cn-370202', 'g1');
  await draw('park-cell', 'park');
  await draw('g-44', 'cn-440103');
  await place(codes.covered, 'g1');
  await place(codes.small, 'micro');
  await place(codes.shared, 'g1');
  await world.append('organizations', 'cell', 'g1', [
    {
      type: 'CellCadreAssigned',
      data: {
        cellId: 'g1',
        unionId: 'cn-370202',
        memberId: 'cadre',
        role: CellCadreRole.CELL_CADRE_ROLE_RESPONSIBLE,
      },
    },
  ]);
  for (let index = 0; index < 10; index++) {
    const memberId = `home-${index}`;
    await world.append('organizations', 'workplace', memberId, [
      {
        type: 'WorkplaceStated',
        data: { memberId, creditCode: codes.prompting, employerName: '青岛快递站' },
      },
    ]);
  }
  await world.settle();
  county = await world.as({ unionId: 'cn-370202', role: 'cadre' });
  park = await world.as({ unionId: 'park', role: 'cadre' });
  operator = await world.as({ unionId: 'cn', role: 'operator' });
  worker = await world.as({ unionId: 'works', role: 'worker', memberId: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  world.received.length = 0;
  world.instead.clear();
});

async function idsOf(client: Client, path: string): Promise<string[]> {
  const { status, body } = await client('GET', path);
  expect(status).toBe(200);
  return body.items
    .map((item: { id?: string; employer?: { id: string }; cell?: { id: string } }) =>
      [item.id, item.employer?.id, item.cell?.id].find((id) => id !== undefined),
    )
    .toSorted();
}

const sorted = (...ids: string[]) => ids.toSorted();

describe('Employers', () => {
  it('are listed for the subtree, by union, covered or not, in a cell or not', async () => {
    const { covered, large, small, prompting } = codes;
    expect(await idsOf(county, '/employers')).toEqual(sorted(covered, large, small, prompting));
    expect(await idsOf(county, '/employers?covered=true')).toEqual([covered]);
    expect(await idsOf(county, '/employers?inCell=false')).toEqual(sorted(large, prompting));
    expect(await idsOf(county, '/employers?covered=false&inCell=true')).toEqual([small]);
    expect(await idsOf(county, '/employers?unionId=works')).toEqual([covered]);
    expect(await idsOf(park, '/employers')).toEqual([]);
    expect(await idsOf(operator, '/employers')).toHaveLength(6);
  });

  it.each(['造船', 'dagang', 'qddg'])(
    'are found by a part of the name or its pinyin: %s',
    async (query) => {
      const path = `/employers?query=${encodeURIComponent(query)}`;
      expect(await idsOf(county, path)).toEqual([codes.large]);
      expect(await idsOf(park, path)).toEqual([]);
    },
  );

  it('are found by their code inside the jurisdiction alone', async () => {
    expect(await idsOf(county, `/employers?query=${codes.large}`)).toEqual([codes.large]);
    expect(await idsOf(county, `/employers?query=${codes.large}&covered=true`)).toEqual([]);
    expect(await idsOf(county, `/employers?query=${codes.outside}`)).toEqual([]);
  });

  it('are read page by page', async () => {
    const first = await county('GET', '/employers?limit=3');
    const rest = await county('GET', `/employers?limit=3&cursor=${first.body.next}`);
    expect(rest.body).not.toHaveProperty('next');
    expect([...first.body.items, ...rest.body.items]).toHaveLength(4);
    const other = await county('GET', `/employers?covered=true&cursor=${first.body.next}`);
    expect(other.body.code).toBe('page-token-invalid');
  });

  it('tell what a union that covers them says, though they were never registered', async () => {
    const { body } = await county('GET', `/employers/${codes.covered}`);
    expect(body).toMatchObject({
      name: '青岛海洋机械厂',
      employees: 40,
      status: 'unregistered',
      covered: true,
      coveredByUnionId: 'works',
      cellId: 'g1',
    });
  });

  it('of elsewhere are seen by the union of the cell that they lie in, without what lies outside', async () => {
    const { status, body } = await county('GET', `/employers/${codes.shared}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ cellId: 'g1', inCell: true });
    const home = await world.as({ unionId: 'cn-370203', role: 'cadre' });
    const own = await home('GET', `/employers/${codes.shared}`);
    expect(own.body.inCell).toBe(true);
    expect(own.body).not.toHaveProperty('cellId');
    const correct = await county('POST', `/employers/${codes.shared}/correct`, {
      body: { name: '新', regionCode: '370202', employees: 1 },
    });
    expect(correct).toMatchObject({ status: 404, body: { code: 'employer-unknown' } });
  });

  it('are registered by the union of their region, and into a cell of its own by one inside it', async () => {
    const body = { creditCode: codes.fresh, ...particulars({}) };
    await county('POST', '/employers', { body });
    await park('POST', '/employers', { body: { ...body, cellId: 'park-cell' } });
    expect(world.commandsReceived()).toMatchObject([
      { method: 'registerEmployer', request: { cellId: '' } },
      { method: 'registerEmployer', request: { cellId: 'park-cell' } },
    ]);
    world.received.length = 0;
    for (const [client, sent] of [
      [park, body],
      [county, { ...body, regionCode: '440103' }],
      [park, { ...body, regionCode: '370203', cellId: 'park-cell' }],
    ] as const) {
      const answer = await client('POST', '/employers', { body: sent });
      expect(answer).toMatchObject({
        status: 403,
        body: { code: 'region-outside-jurisdiction' },
      });
    }
    expect(world.commandsReceived()).toEqual([]);
  });

  it('are corrected in a version that was read', async () => {
    const { headers } = await county('GET', `/employers/${codes.large}`);
    expect(headers.get('etag')).toBe('"1"');
    await county('POST', `/employers/${codes.large}/correct`, {
      body: { name: '新名', regionCode: '370202', employees: 26, reason: '核实' },
      headers: { 'if-match': '"1"' },
    });
    expect(world.commandsReceived()).toMatchObject([
      {
        method: 'correctEmployer',
        request: {
          creditCode: codes.large,
          expectedVersion: 1n,
          particulars: { name: '新名', employees: 26, women: 0 },
        },
      },
    ]);
  });
});

describe('Cells', () => {
  it('are listed for a union, for its subtree, or below one of them', async () => {
    expect(await idsOf(county, '/unions/cn-370202/cells')).toEqual(['g1', 'micro']);
    expect(await idsOf(county, '/unions/cn-370202/cells?upperCellId=g1')).toEqual(['micro']);
    expect(await idsOf(county, '/unions/cn-370202/cells?subtree=true')).toEqual([
      'g1',
      'micro',
      'park-cell',
    ]);
    expect(await idsOf(park, '/unions/park/cells')).toEqual(['park-cell']);
  });

  it('tell who looks after them, what lies in them, and the totals with micro-cells', async () => {
    const { body, headers } = await county('GET', '/cells/g1?limit=1');
    expect(headers.get('etag')).toBe('"2"');
    expect(body).toMatchObject({
      unionId: 'cn-370202',
      closed: false,
      cadres: [{ memberId: 'cadre', role: 'responsible' }],
      totals: { employers: 3, coveredEmployers: 1, employees: 71, microCells: 1 },
    });
    expect(body.employerPage.items).toHaveLength(1);
    const next = await county('GET', `/cells/g1?limit=1&cursor=${body.employerPage.next}`);
    const codesSeen = [...body.employerPage.items, ...next.body.employerPage.items].map(
      ({ id }: { id: string }) => id,
    );
    expect(codesSeen.toSorted()).toEqual(sorted(codes.covered, codes.shared));
  });
});

describe('Placing employers', () => {
  it('tells of each how it fared, and warns of those that lie elsewhere', async () => {
    world.instead.set('organizations.placeEmployer', async (request, call) => {
      const { creditCode } = request as unknown as { creditCode: string };
      if (creditCode === codes.small) return refuse('employer-in-another-cell');
      return await world.accept('organizations', call, { aggregate: 'notes', id: creditCode }, []);
    });
    const city = await world.as({ unionId: 'cn-3702', role: 'cadre' });
    const wanted = [codes.large, codes.small, codes.shared, codes.outside, codes.nobody];
    const { status, body } = await city('POST', '/cells/g1/employers', {
      body: { creditCodes: [...wanted, codes.large] },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({ done: 2, failed: 3 });
    const { reason: outside, ...told } = body.items[3];
    expect(told).toEqual({
      creditCode: codes.outside,
      status: 'failed',
      code: 'employer-unknown',
    });
    expect(body.items[4]).toEqual({ ...told, creditCode: codes.nobody, reason: outside });
    expect(body.items.slice(0, 3)).toEqual([
      { creditCode: codes.large, status: 'done' },
      {
        creditCode: codes.small,
        status: 'failed',
        code: 'employer-in-another-cell',
        reason: expect.stringMatching(/网格/),
      },
      { creditCode: codes.shared, status: 'done', warning: 'outside-cell-union' },
    ]);
  });

  it('says whether a union covers one that was never registered', async () => {
    await county('POST', '/cells/g1/employers', {
      body: { creditCodes: [codes.covered, codes.large] },
    });
    expect(world.commandsReceived()).toMatchObject([
      { request: { creditCode: codes.covered, covered: true } },
      { request: { creditCode: codes.large, covered: false } },
    ]);
  });

  it('gives every employer a key of its own, the same one when it is sent again', async () => {
    const send = async () => {
      world.received.length = 0;
      await county('POST', '/cells/g1/employers', {
        body: { creditCodes: [codes.large, codes.small] },
        headers: { 'idempotency-key': 'once' },
      });
      return world.commandsReceived().map(({ origin }) => origin.idempotencyKey);
    };
    const keys = await send();
    expect(new Set(keys).size).toBe(2);
    expect(await send()).toEqual(keys);
  });

  it('ends where the cell itself is at fault', async () => {
    world.instead.set('organizations.placeEmployer', async () => refuse('cell-closed'));
    const answer = await county('POST', '/cells/g1/employers', {
      body: { creditCodes: [codes.large] },
    });
    expect(answer).toMatchObject({ status: 409, body: { code: 'cell-closed' } });
  });
});

describe('Coverage', () => {
  it('is told of the subtree, with rates', async () => {
    const { body } = await county('GET', '/unions/cn-370202/coverage');
    expect(body).toEqual({
      employers: { known: 4, covered: 1, inCells: 2, coveredRate: 0.25, inCellsRate: 0.5 },
      employees: { known: 89, covered: 40, inCells: 64, coveredRate: 0.4494, inCellsRate: 0.7191 },
      cells: { drawn: 3, withoutCadre: 2 },
    });
    expect((await county('GET', '/unions/park/coverage')).body).toEqual({
      employers: { known: 0, covered: 0, inCells: 0 },
      employees: { known: 0, covered: 0, inCells: 0 },
      cells: { drawn: 1, withoutCadre: 1 },
    });
    expect((await operator('GET', '/unions/cn/coverage')).body.employers.known).toBe(6);
  });

  it.each([
    ['employer-without-cell', () => sorted(codes.large, codes.prompting)],
    ['employer-without-union', () => [codes.large]],
    ['cell-without-cadre', () => ['micro', 'park-cell']],
    ['employer-prompts-union', () => [codes.prompting]],
  ] as const)('leaves blind spots: %s', async (kind, ids) => {
    expect(await idsOf(county, `/unions/cn-370202/blind-spots?kind=${kind}`)).toEqual(ids());
    const one = await county('GET', `/unions/cn-370202/blind-spots?kind=${kind}&limit=1`);
    expect(one.body.items).toHaveLength(1);
  });

  it('judges size by the rules of the day', async () => {
    const early = await GatewayWorld.open({ clock: () => new Date('2001-10-26T15:59:59Z') });
    try {
      await early.union('cn', '', { type: UnionType.UNION_TYPE_NATIONAL });
      const creditCode = codes.large;
      await early.append('organizations', 'employer', creditCode, [
        {
          type: 'EmployerRegistered',
          data: { creditCode, particulars: particulars({ employees: 99 }) },
        },
      ]);
      await early.settle();
      const cadre = await early.as({ unionId: 'cn', role: 'cadre' });
      expect(await idsOf(cadre, '/unions/cn/blind-spots?kind=employer-without-union')).toEqual([]);
    } finally {
      await early.close();
    }
  });
});

describe('What lies outside', () => {
  const body = { name: '新', regionCode: '370202', employees: 1 };
  const attempts: [string, string, object?][] = [
    ['GET', `/employers/{${codes.outside}}`],
    ['POST', `/employers/{${codes.outside}}/correct`, body],
    ['POST', `/employers/{${codes.outside}}/close`, {}],
    ['GET', '/employers?unionId={cn-440103}'],
    ['GET', '/cells/{g-44}'],
    ['POST', '/cells/{g-44}/rename', { name: '新' }],
    ['POST', '/cells/{g-44}/cadres', { memberId: 'cadre', role: 'responsible' }],
    ['POST', '/cells/g1/cadres', { memberId: '{stranger}', role: 'responsible' }],
    ['POST', '/cells/{g-44}/cadres/cadre/release', {}],
    ['POST', '/cells/{g-44}/close', {}],
    ['POST', '/cells/g1/close', { successorCellId: '{g-44}' }],
    ['POST', '/cells/{g-44}/employers', { creditCodes: [codes.large] }],
    ['POST', '/cells/{g-44}/employers/remove', { creditCodes: [codes.large] }],
    ['POST', '/cells', { unionId: '{cn-440103}', name: '新' }],
    ['POST', '/cells', { unionId: 'works', name: '新', upperCellId: '{g-44}' }],
    ['POST', '/employers', { ...body, creditCode: codes.fresh, cellId: '{g-44}' }],
    ['GET', '/unions/{cn-440103}/cells'],
    ['GET', '/unions/{cn-440103}/coverage'],
    ['GET', '/unions/{cn-440103}/blind-spots?kind=cell-without-cadre'],
    ['POST', '/members/{stranger}/workplace', { creditCode: codes.fresh, employerName: '某公司' }],
  ];

  it.each(attempts)('%s %s is answered like what does not exist', async (method, path, sent) => {
    const attempt = async (id?: string) => {
      const fill = (text: string) => text.replace(/\{([\w-]+)\}/g, (_, named) => id ?? named);
      const sending = sent === undefined ? {} : { body: JSON.parse(fill(JSON.stringify(sent))) };
      const answer: Answer = await county(method, fill(path), sending);
      const { instance: _, correlationId: __, ...rest } = answer.body;
      const asked = world.received.map((call) => call.method);
      world.received.length = 0;
      return { status: answer.status, ...rest, asked };
    };
    const there = await attempt();
    expect(there).toMatchObject({ code: expect.stringMatching(/-unknown$/) });
    expect(await attempt('nobody-has-this-id')).toEqual(there);
    expect(world.commandsReceived()).toEqual([]);
  });

  it('is in no list', async () => {
    for (const path of [
      '/employers?limit=200',
      '/unions/cn-370202/cells?subtree=true',
      '/unions/cn-370202/blind-spots?kind=employer-without-union',
      '/unions/cn-370202/blind-spots?kind=cell-without-cadre',
    ]) {
      const { body: listed } = await county('GET', path);
      expect(JSON.stringify(listed)).not.toMatch(new RegExp(`${codes.outside}|g-44|广州`));
    }
  });
});

describe('A worker', () => {
  it('tells where they work, for themselves alone', async () => {
    const sent = { body: { creditCode: codes.fresh, employerName: '某公司' } };
    await worker('POST', '/members/cadre/workplace', sent);
    expect(world.commandsReceived()).toMatchObject([
      { method: 'stateWorkplace', request: { memberId: 'cadre', employerName: '某公司' } },
    ]);
    const other = await worker('POST', '/members/home-1/workplace', sent);
    expect(other).toMatchObject({ status: 404, body: { code: 'member-unknown' } });
  });

  it.each([
    '/employers',
    `/employers/${codes.covered}`,
    '/cells/g1',
    '/unions/works/cells',
    '/unions/works/coverage',
    '/unions/works/blind-spots?kind=cell-without-cadre',
  ])('does not see %s', async (path) => {
    expect(await worker('GET', path)).toMatchObject({ status: 403 });
  });
});
