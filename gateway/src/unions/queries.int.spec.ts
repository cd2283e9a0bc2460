import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';

let world: GatewayWorld;
let cadre: Client;

const many = 1_000;
const enterprise = synthetic(3).enterprise(0, '370202');

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('cn', '', { type: UnionType.UNION_TYPE_NATIONAL });
  await world.union('town', 'cn', { name: '某镇总工会', type: UnionType.UNION_TYPE_TOWNSHIP });
  // Ties on purpose: twenty to a region code, and ids in another order than the codes.
  await Promise.all(
    Array.from({ length: many }, (_, i) =>
      world.union(`child-${String((i * 7919) % many).padStart(4, '0')}`, 'town', {
        name: `第${i}号企业工会`,
        regionCode: String(370_000 + Math.floor(i / 20)),
      }),
    ),
  );
  await world.union('cn-370202', 'cn', {
    name: '青岛市市南区总工会',
    type: UnionType.UNION_TYPE_COUNTY,
    regionCode: '370202',
  });
  await world.union('Mixed-Case', 'cn-370202', {
    name: '青岛海洋机械厂工会',
    creditCode: enterprise.unionCreditCode,
  });
  await world.settle();
  cadre = await world.as({ unionId: 'cn', role: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

async function pages(path: string): Promise<string[][]> {
  const read: string[][] = [];
  for (let cursor = ''; ; ) {
    const { body } = await cadre('GET', cursor === '' ? path : `${path}&cursor=${cursor}`);
    read.push(body.items.map(({ id }: { id: string }) => id));
    if (body.next === undefined) return read;
    cursor = encodeURIComponent(body.next);
  }
}

async function search(query: string, client = cadre): Promise<string[]> {
  const { status, body } = await client('GET', `/unions?query=${encodeURIComponent(query)}`);
  expect(status).toBe(200);
  return body.items.map(({ id }: { id: string }) => id);
}

describe('A thousand subordinates', () => {
  it.each([200, 73, 1])(
    'are read page by page, %i at a time, each once, in order',
    async (limit) => {
      if (limit === 1) {
        // One at a time through all would be slow, and tells no more than the first few.
        const { body } = await cadre('GET', '/unions/town/children?limit=1');
        const next = await cadre('GET', `/unions/town/children?limit=1&cursor=${body.next}`);
        expect(next.body.items[0].id).not.toBe(body.items[0].id);
        return;
      }
      const read = await pages(`/unions/town/children?limit=${limit}`);
      const ids = read.flat();
      expect(new Set(ids).size).toBe(many);
      expect(read.slice(0, -1).every((page) => page.length === limit)).toBe(true);
      const all = await pages('/unions/town/children?limit=200');
      expect(ids).toEqual(all.flat());
    },
  );

  it('ends without a next when the last page is full', async () => {
    const read = await pages('/unions/town/children?limit=100');
    expect(read.map((page) => page.length)).toEqual(Array(10).fill(100));
  });

  it('goes on where it was, whoever comes before and after meanwhile', async () => {
    const first = await cadre('GET', '/unions/cn-370202/children?limit=1');
    expect(first.body).not.toHaveProperty('next');
    await world.union('aaa-first', 'cn-370202');
    await world.union('zzz-last', 'cn-370202', { regionCode: '999999' });
    await world.settle();
    const page = await cadre('GET', '/unions/cn-370202/children?limit=2');
    await world.union('000-earlier', 'cn-370202');
    await world.settle();
    const rest = await cadre('GET', `/unions/cn-370202/children?limit=2&cursor=${page.body.next}`);
    const ids = [...page.body.items, ...rest.body.items].map(({ id }: { id: string }) => id);
    expect(ids).toEqual(['Mixed-Case', 'aaa-first', 'zzz-last']);
  });

  it('is not read with the cursor of another list', async () => {
    const { body } = await cadre('GET', '/unions/town/children?limit=1');
    for (const path of ['/unions/cn/children?limit=1', '/unions?limit=1', '/inbox?limit=1']) {
      const answer = await cadre('GET', `${path}&cursor=${body.next}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'page-token-invalid' } });
    }
  });

  it('comes with the totals of each', async () => {
    const { body } = await cadre('GET', '/unions/cn/children');
    const totals = body.items.map(
      ({ id, statistics }: { id: string; statistics: { unions: number } }) => [
        id,
        statistics.unions,
      ],
    );
    expect(totals.find(([id]: [string]) => id === 'town')).toEqual(['town', many + 1]);
  });
});

describe('A search', () => {
  it.each([
    ['part of the name', '市南区', 'cn-370202'],
    ['pinyin', 'qingdaoshi', 'cn-370202'],
    ['initials', 'qdssn', 'cn-370202'],
    ['pinyin from a later word', 'haiyang', 'Mixed-Case'],
    ['id', 'CN-370202', 'cn-370202'],
    ['id as it is written', 'Mixed-Case', 'Mixed-Case'],
    ['region code', '370202', 'cn-370202'],
    ['social credit code', enterprise.unionCreditCode, 'Mixed-Case'],
    ['social credit code in small letters', enterprise.unionCreditCode.toLowerCase(), 'Mixed-Case'],
  ])('by %s finds the union', async (_, query, id) => {
    expect(await search(query)).toContain(id);
  });

  it.each(['没有这个工会', 'xyzxyz', '!!!', '100000', '81370202MC1234566U'])(
    'for %s finds nothing',
    async (query) => {
      expect(await search(query)).toEqual([]);
    },
  );

  it('keeps to the subtree by whatever it searches', async () => {
    const county = await world.as({ unionId: 'cn-370202', role: 'cadre' });
    for (const query of ['某镇', 'town', 'cn', '第1号']) {
      expect(await search(query, county)).toEqual([]);
    }
    expect(await search('', county)).toContain('Mixed-Case');
  });

  it('of what a thousand share reads on, page by page, to the end', async () => {
    const read = await pages(`/unions?query=${encodeURIComponent('号企业工会')}&limit=150`);
    expect(new Set(read.flat()).size).toBe(many);
    expect(read.flat()).toHaveLength(many);
  });

  it('of what few of very many have ends its pages early and still finds them all', async () => {
    // Every name has the terms of the query; three have the query itself.
    const read = await pages(`/unions?query=${encodeURIComponent('第99')}&limit=5`);
    expect(read.flat()).toHaveLength(11);
  });
});
