import { UnionType } from '@unionfold/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, type Client, GatewayWorld } from '../gateway-world.fixture.ts';

let world: GatewayWorld;
let province: Client;
let worker: Client;
let operator: Client;

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('cn', '', { type: UnionType.UNION_TYPE_NATIONAL, name: '全国' });
  for (const [code, name] of [
    ['37', '山东'],
    ['44', '广东'],
  ] as const) {
    await world.union(`cn-${code}`, 'cn', { name: `${name}省总工会` });
    await world.union(`city-${code}`, `cn-${code}`, { name: `${name}某市总工会` });
    await world.union(`works-${code}`, `city-${code}`, { name: `${name}机械厂工会` });
    await world.member(`member-${code}`, `works-${code}`, Number(code), '王小明');
    await world.furnish(`works-${code}`, `member-${code}`, code);
    await world.furnish(`cn-${code}`, `member-${code}`, `top-${code}`);
  }
  await world.member('colleague', 'works-37', 1);
  await world.settle();
  province = await world.as({ unionId: 'cn-37', role: 'cadre' });
  worker = await world.as({ unionId: 'works-37', role: 'worker', memberId: 'member-37' });
  operator = await world.as({ unionId: 'cn-37', role: 'operator' });
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  world.received.length = 0;
});

/** All that tells one occurrence of a problem from another. */
function occurrence({ status, body }: Answer): unknown {
  const { instance: _, correlationId: __, ...rest } = body;
  return { status, ...rest };
}

describe('A list, count or search', () => {
  it.each([
    ['unions', 'GET', '/unions', undefined, ['cn-37', 'city-37', 'works-37']],
    [
      'unions by name',
      'GET',
      `/unions?query=${encodeURIComponent('机械厂')}`,
      undefined,
      ['works-37'],
    ],
    ['subordinates', 'GET', '/unions/cn-37/children', undefined, ['city-37']],
    ['ancestors', 'GET', '/unions/works-37/ancestors', undefined, ['city-37', 'cn-37']],
    ['members', 'POST', '/members/search', {}, ['colleague', 'member-37']],
    ['members by name', 'POST', '/members/search', { name: '王小明' }, ['member-37']],
    ['cases', 'GET', '/hardship-cases', undefined, ['case-37', 'case-top-37']],
    [
      'declared cases',
      'GET',
      '/hardship-cases?status=declared',
      undefined,
      ['case-37', 'case-top-37'],
    ],
    ['fund lines', 'GET', '/fund-lines', undefined, ['fund-37', 'fund-top-37']],
    ['resources', 'GET', '/resources', undefined, ['resource-top-37']],
    [
      'resources of one’s own',
      'GET',
      '/resources?owned=true',
      undefined,
      ['resource-37', 'resource-top-37'],
    ],
    ['notices', 'GET', '/inbox', undefined, ['notice-top-37']],
  ] as const)(
    'of %s shows the caller’s subtree and nothing else',
    async (_, method, path, body, ids) => {
      const answer = await province(method, path, body === undefined ? {} : { body });
      expect(answer.status).toBe(200);
      const found = answer.body.items.map((item: { id: string }) => item.id);
      expect(found.toSorted()).toEqual([...ids].toSorted());
      expect(JSON.stringify(answer.body)).not.toMatch(/-44|广东/);
    },
  );

  it('counts the caller’s subtree alone', async () => {
    const { body } = await province('GET', '/unions/cn-37/statistics');
    expect(body).toMatchObject({ unions: 3, members: 2, openCases: 2 });
    expect((await province('GET', '/inbox')).body.unread).toBe(1);
  });

  it('does not tell what stands above the caller', async () => {
    const { body } = await province('GET', '/unions/cn-37');
    expect(body.id).toBe('cn-37');
    expect(body).not.toHaveProperty('parentId');
    expect((await province('GET', '/unions/cn-37/ancestors')).body.items).toEqual([]);
  });

  it('finds nobody by the citizen number or mobile of a person elsewhere', async () => {
    const { citizenNumber, mobile } = world.people.person(44);
    for (const body of [{ citizenNumber }, { mobile }, { name: '王小', mobile }]) {
      expect((await province('POST', '/members/search', { body })).body).toEqual({ items: [] });
    }
    const inside = { body: { citizenNumber: world.people.person(37).citizenNumber } };
    expect((await province('POST', '/members/search', inside)).body.items).toHaveLength(1);
  });
});

describe('What lies outside', () => {
  const outside: [string, string, object?][] = [
    ['GET', '/unions/{works-44}'],
    ['GET', '/unions/{cn}'],
    ['GET', '/unions/{works-44}/children'],
    ['GET', '/unions/{works-44}/ancestors'],
    ['GET', '/unions/{works-44}/statistics'],
    ['POST', '/unions/{works-44}/approve', { approvalDocument: '批' }],
    ['POST', '/unions/{works-44}/rename', { name: '新名' }],
    ['POST', '/unions/{works-44}/move', { toParentId: 'city-37' }],
    ['POST', '/unions/works-37/move', { toParentId: '{city-44}' }],
    ['POST', '/unions/{works-44}/dissolve', {}],
    ['POST', '/unions/works-37/dissolve', { successorId: '{works-44}' }],
    ['POST', '/unions', { name: '新', type: 'enterprise', territorialParentId: '{city-44}' }],
    [
      'POST',
      '/unions',
      {
        name: '新',
        type: 'enterprise',
        territorialParentId: 'city-37',
        industryParentId: '{city-44}',
      },
    ],
    ['GET', '/members/{member-44}'],
    ['POST', '/members', { unionId: '{works-44}', name: '新', citizenNumber: '1' }],
    ['POST', '/members/{member-44}/correct', { name: '新' }],
    ['POST', '/members/{member-44}/transfer', { toUnionId: 'works-37' }],
    ['POST', '/members/member-37/transfer', { toUnionId: '{works-44}' }],
    ['POST', '/members/{member-44}/leave', {}],
    ['POST', '/members/search', { unionId: '{works-44}' }],
    ['GET', '/hardship-cases/{case-44}'],
    [
      'POST',
      '/hardship-cases',
      {
        memberId: '{member-44}',
        householdSize: 1,
        annualIncomeFen: 1,
        rigidExpenditureFen: 0,
        consent: true,
      },
    ],
    ['POST', '/hardship-cases/{case-44}/verify', {}],
    ['POST', '/hardship-cases/{case-44}/approve', { amountFen: 1 }],
    ['POST', '/hardship-cases/{case-44}/reject', { opinion: '不符' }],
    ['POST', '/hardship-cases/{case-44}/pay', { fundLineId: 'fund-37' }],
    ['POST', '/hardship-cases/case-37/pay', { fundLineId: '{fund-44}' }],
    ['POST', '/hardship-cases/case-37/verify', { verifiedByUnionId: '{works-44}' }],
    ['POST', '/hardship-cases/case-37/approve', { amountFen: 1, approvedByUnionId: '{cn}' }],
    ['GET', '/fund-lines/{fund-44}'],
    [
      'POST',
      '/fund-lines',
      { unionId: '{works-44}', source: 'donation', name: '新', budgetFen: 1 },
    ],
    ['GET', '/resources/{resource-44}'],
    ['POST', '/resources/{resource-44}/withdraw', {}],
    [
      'POST',
      '/resources',
      { ownerUnionId: '{works-44}', kind: 'venue', name: '新', audience: 'all' },
    ],
    ['POST', '/inbox/{notice-44}/read', {}],
    ['POST', '/inbox/{notice-top-44}/read', {}],
  ];

  it.each(outside)('%s %s is answered like what does not exist', async (method, path, body) => {
    const attempt = async (id?: string) => {
      const fill = (text: string) => text.replace(/\{([\w-]+)\}/, (_, named) => id ?? named);
      const sending = body === undefined ? {} : { body: JSON.parse(fill(JSON.stringify(body))) };
      return occurrence(await province(method, fill(path), sending));
    };
    const there = await attempt();
    expect(there).toMatchObject({ code: expect.stringMatching(/-unknown$/) });
    expect(await attempt('nobody-has-this-id')).toEqual(there);
    expect(world.commandsReceived()).toEqual([]);
  });

  it('is not imported to', async () => {
    const file = { raw: '姓名,身份证号\n王小明,1\n', headers: { 'content-type': 'text/csv' } };
    const there = await province('POST', '/members/import?unionId=works-44', file);
    const nowhere = await province('POST', '/members/import?unionId=nowhere', file);
    expect(occurrence(there)).toMatchObject({ status: 404, code: 'union-unknown' });
    expect(occurrence(nowhere)).toEqual(occurrence(there));
  });

  it('asks the owner as often as what does not exist, so that no time tells either', async () => {
    const asked = async (unionId: string) => {
      world.received.length = 0;
      await province('POST', `/unions/${unionId}/rename`, { body: { name: '新名' } });
      return world.received.map(({ method }) => method);
    };
    expect(await asked('works-44')).toEqual(await asked('nowhere'));
  });

  it('becomes inside by a move, and what was inside outside', async () => {
    await world.union('roaming', 'city-44');
    await world.settle();
    expect((await province('GET', '/unions/roaming')).status).toBe(404);
    await world.move('roaming', 'city-44', 'city-37');
    await world.settle();
    expect((await province('GET', '/unions/roaming')).body.parentId).toBe('city-37');
    await world.move('roaming', 'city-37', 'city-44');
    await world.settle();
    expect((await province('GET', '/unions/roaming')).status).toBe(404);
  });
});

describe('A union that only its owner knows of yet', () => {
  it('can be worked with at once, inside the subtree alone', async () => {
    world.knowUnion('new-37', 'city-37');
    world.knowUnion('new-44', 'city-44');
    const body = { name: '新名' };
    expect((await province('POST', '/unions/new-37/rename', { body })).status).toBe(200);
    const elsewhere = await province('POST', '/unions/new-44/rename', { body });
    expect(elsewhere).toMatchObject({ status: 404, body: { code: 'union-unknown' } });
  });
});

describe('A cadre', () => {
  it.each([
    ['move', { toParentId: 'city-37' }],
    ['dissolve', {}],
  ])('does not %s the own union', async (verb, body) => {
    const answer = await province('POST', `/unions/cn-37/${verb}`, { body });
    expect(answer).toMatchObject({ status: 403, body: { code: 'not-an-upper-union' } });
    expect(world.commandsReceived()).toEqual([]);
  });

  it('acts in the name of the own union, whatever stands below', async () => {
    await province('POST', '/unions/works-37/approve', { body: { approvalDocument: '批' } });
    expect(world.commandsReceived()).toMatchObject([
      { method: 'approveUnion', request: { unionId: 'works-37', approvedByUnionId: 'cn-37' } },
    ]);
  });

  it('does not see the operators’ routes', async () => {
    const answer = await province('GET', '/operations/consumers');
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('A worker', () => {
  it('sees themselves, masked, and nobody else', async () => {
    const own = await worker('GET', '/members/member-37');
    expect(own.body).toMatchObject({ id: 'member-37', name: '王小明', erased: false });
    expect(own.body.citizenNumberMasked).toMatch(/^\d{3}\*{11}\w{4}$/);
    expect(own.body.mobileMasked).toMatch(/^\d{3}\*{4}\d{4}$/);
    const colleague = await worker('GET', '/members/colleague');
    const nobody = await worker('GET', '/members/nobody');
    expect(occurrence(colleague)).toMatchObject({ status: 404, code: 'member-unknown' });
    expect(occurrence(nobody)).toEqual(occurrence(colleague));
  });

  it('sees their own cases, notices, union and what is shared with it', async () => {
    const ids = async (path: string) =>
      (await worker('GET', path)).body.items.map((item: { id: string }) => item.id).toSorted();
    expect(await ids('/hardship-cases')).toEqual(['case-37', 'case-top-37']);
    expect(await ids('/inbox')).toEqual(['own-notice-37', 'own-notice-top-37']);
    expect(await ids('/resources')).toEqual(['resource-37', 'resource-top-37']);
    expect(await ids('/unions')).toEqual(['works-37']);
    await world.union('workshop', 'works-37');
    await world.furnish('workshop', 'colleague', 'workshop');
    await world.settle();
    expect(await ids('/resources?owned=true')).toEqual(['resource-37']);
    expect((await worker('GET', '/resources/resource-workshop')).status).toBe(404);
    expect(await ids('/unions')).toEqual(['works-37']);
    const union = await worker('GET', '/unions/works-37');
    expect(union.body).not.toHaveProperty('statistics');
    expect(union.body).not.toHaveProperty('parentId');
    expect((await worker('GET', '/unions/city-37')).status).toBe(404);
  });

  it('declares for themselves alone', async () => {
    const body = { householdSize: 2, annualIncomeFen: 1, rigidExpenditureFen: 0, consent: true };
    await worker('POST', '/hardship-cases', { body });
    expect(world.commandsReceived()).toMatchObject([{ request: { memberId: 'member-37' } }]);
    const other = { body: { ...body, memberId: 'colleague' } };
    const refused = await worker('POST', '/hardship-cases', other);
    expect(refused).toMatchObject({ status: 404, body: { code: 'member-unknown' } });
    expect(world.commandsReceived()).toHaveLength(1);
  });

  it.each([
    ['POST', '/members/search', {}],
    ['GET', '/unions/works-37/children', undefined],
    ['GET', '/unions/works-37/statistics', undefined],
    ['GET', '/fund-lines', undefined],
    ['POST', '/unions/works-37/rename', { name: '新' }],
    ['POST', '/members/member-37/leave', {}],
    ['POST', '/hardship-cases/case-37/approve', { amountFen: 1 }],
    ['GET', '/operations/dead-letters', undefined],
  ])('may not %s %s', async (method, path, body) => {
    const answer = await worker(method, path, body === undefined ? {} : { body });
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(world.received).toEqual([]);
  });

  it('goes with their membership when it is transferred', async () => {
    await world.append('members', 'member', 'colleague', [
      {
        type: 'MemberTransferred',
        data: { memberId: 'colleague', fromUnionId: 'works-37', toUnionId: 'city-37', reason: '' },
      },
    ]);
    await world.settle();
    const moved = await world.as({ unionId: 'works-37', role: 'worker', memberId: 'colleague' });
    expect((await moved('GET', '/unions/city-37')).status).toBe(200);
    expect((await moved('GET', '/unions/works-37')).status).toBe(404);
  });
});

describe('An operator', () => {
  it('sees the consumers of every service and the directory', async () => {
    const { body } = await operator('GET', '/operations/consumers');
    expect(body.unreachable).toEqual([]);
    expect(body.items).toContainEqual(
      expect.objectContaining({ service: 'gateway', consumer: 'federation_g1', lag: 0 }),
    );
    expect((await operator('GET', '/unions/works-37')).status).toBe(200);
    expect((await operator('GET', '/unions/works-44')).status).toBe(404);
  });

  it.each([
    ['GET', '/members/member-37', undefined],
    ['POST', '/members/search', {}],
    ['GET', '/hardship-cases', undefined],
    ['GET', '/inbox', undefined],
    ['POST', '/unions/works-37/rename', { name: '新' }],
  ])('may not %s %s', async (method, path, body) => {
    const answer = await operator(method, path, body === undefined ? {} : { body });
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});

describe('A person who was forgotten', () => {
  it('is told as erased, though the record is there', async () => {
    await world.member('forgotten', 'works-37', 99, '李遗忘');
    await world.settle();
    await world.platform.keys.destroy('forgotten');
    const { body } = await province('GET', '/members/forgotten');
    expect(body).toMatchObject({ id: 'forgotten', name: null, erased: true });
    expect(body).not.toHaveProperty('citizenNumberMasked');
  });
});
