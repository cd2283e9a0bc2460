import { UnionType } from '@unionfold/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';

let world: GatewayWorld;
let cadre: Client;

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('cn', '', { type: UnionType.UNION_TYPE_NATIONAL });
  await world.settle();
  cadre = await world.as({ unionId: 'cn', role: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

async function rows(path: string) {
  const { status, body } = await cadre('GET', `/code-tables/${path}`);
  expect(status).toBe(200);
  return body as { items: { id: string; code: string; zh: string }[]; next?: string };
}

describe('Code tables', () => {
  it('are listed with the standard that each comes from', async () => {
    const { status, body } = await cadre('GET', '/code-tables');
    expect(status).toBe(200);
    expect(body.items).toContainEqual({
      name: 'industry-division',
      standard: 'GB/T 4754-2017',
      zh: '国民经济行业大类',
      en: 'Divisions of economic activity',
      rows: 97,
    });
    expect(body.items.map(({ name }: { name: string }) => name)).toContain('region');
  });

  it('are given to workers as well, and to nobody who is not signed in', async () => {
    const worker = await world.as({ unionId: 'cn', role: 'worker', memberId: 'm1' });
    expect((await worker('GET', '/code-tables/unit-type')).status).toBe(200);
    expect((await world.send('GET', '/api/v1/code-tables')).status).toBe(401);
  });

  it('are given whole, or as they were on a day', async () => {
    expect((await rows('industry?limit=200')).items).toHaveLength(20);
    expect((await rows('industry?on=2017-09-30')).items).toEqual([]);
    expect((await rows('industry?on=2017-10-01&prefix=C')).items).toEqual([
      { id: 'C-2017-10-01', code: 'C', zh: '制造业', en: 'Manufacturing', validFrom: '2017-10-01' },
    ]);
    expect((await rows('unit-type?prefix=17')).items).toEqual([
      { id: '170', code: '170', zh: '私营企业', en: 'Private enterprise' },
    ]);
  });

  it('tell of abolished regions when they ended and what took their place', async () => {
    expect((await rows('region?prefix=110103')).items).toEqual([
      {
        id: '110103',
        code: '110103',
        zh: '崇文区',
        validTo: '2010-12-31',
        successors: ['110101'],
      },
    ]);
    expect((await rows('region?prefix=110103&on=2011-01-01')).items).toEqual([]);
    const [city] = (await rows('region?prefix=420600&on=2005-01-01')).items;
    expect(city?.zh).toBe('襄樊市');
  });

  it('of regions are read page by page, each row once, in order', async () => {
    const whole: string[] = [];
    for (let cursor = ''; ; ) {
      const page = await rows(`region?prefix=37&on=2020-01-01&limit=40${cursor}`);
      whole.push(...page.items.map(({ id }) => id));
      if (page.next === undefined) break;
      cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
    expect(whole.length).toBeGreaterThan(150);
    expect(whole).toEqual([...new Set(whole)].sort());
    const first = await rows('region?prefix=37&limit=1');
    const other = await cadre('GET', `/code-tables/region?prefix=44&cursor=${first.next}`);
    expect(other.status).toBe(400);
    expect(other.body.code).toBe('page-token-invalid');
  });

  it('that do not exist, and days that do not, are refused', async () => {
    const unknown = await cadre('GET', '/code-tables/colours');
    expect([unknown.status, unknown.body.code]).toEqual([404, 'code-table-unknown']);
    expect((await cadre('GET', '/code-tables/region?on=2020-02-30')).status).toBe(422);
  });
});
