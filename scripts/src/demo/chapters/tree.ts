import { federations } from '@unionfold/codes';
import { firstLoad } from '../../seed/seed.ts';
import { everyItem, statisticsOf } from '../api/reading.ts';
import type { ChildUnion, Page, Statistics, UnionFacts } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';

const totals = ['unions', 'members', 'openCases', 'paidFen'] as const;

/** The first load is there: every federation of the country, and the totals of each level add up. */
export async function tree({ story, platform, people }: Scene): Promise<void> {
  const { national, provincial } = people;

  await story.step(
    '平台健康,接口文档按 OpenAPI 3.1 提供',
    'The platform is healthy and serves its API document (OpenAPI 3.1)',
    async (check) => {
      for (const path of ['/healthz', '/readyz']) {
        const answer = await platform.send({ method: 'GET', path });
        check.equal(path, answer.status, 200, answer);
      }
      const document = await platform.send({ method: 'GET', path: '/api/v1/openapi.json' });
      const { openapi = '', paths = {} } = document.answer as {
        openapi?: string;
        paths?: Record<string, unknown>;
      };
      check.equal('OpenAPI', openapi.slice(0, 3), '3.1', document);
      check.holds(
        '文档列出接口 the document lists the routes',
        Object.keys(paths).length >= 20,
        '≥ 20',
        Object.keys(paths).length,
      );
      const page = await platform.send({ method: 'GET', path: '/' });
      check.equal('首页 the page at /', page.status, 200, page);
    },
  );

  await story.step(
    '七个登录账号可用,没有的账号被拒绝',
    'The seven accounts can sign in, one that does not exist cannot',
    async (check) => {
      const listed = await platform.send({ method: 'GET', path: '/api/v1/sign-in' });
      const { items } = listed.answer as { items: readonly { account: string; role: string }[] };
      const accounts = ['county', 'enterprise', 'municipal', 'national', 'operator', 'provincial'];
      check.equal('账号 accounts', items.map(({ account }) => account).toSorted(), [
        ...accounts,
        'worker',
      ]);
      const worker = await platform.signIn({ account: 'worker' });
      const cases = await worker.attempt({ method: 'GET', path: '/api/v1/hardship-cases' });
      check.equal('职工 the worker', cases.status, 200, cases);
      const body = { account: 'nobody' };
      const refused = await platform.send({ method: 'POST', path: '/api/v1/sign-in', body });
      check.refused('没有的账号 no such account', refused, {
        status: 404,
        code: 'account-unknown',
        field: 'account',
      });
    },
  );

  const provinces = await story.step(
    '全国总工会之下:31 个省级总工会、10 个全国产业工会',
    'Below the national federation: 31 provincial federations, 10 national industry unions',
    async (check) => {
      const known = federations();
      const nation = await statisticsOf(national, places.nation);
      const children = await everyItem<ChildUnion>(
        national,
        `/api/v1/unions/${places.nation}/children?limit=20`,
      );
      const ofType = (type: string) => children.filter((union) => union.type === type);
      check.equal('省级总工会 provincial federations', ofType('provincial').length, 31);
      check.equal('全国产业工会 industry unions', ofType('industry').length, 10);
      check.equal(
        '全国工会数 unions in the nation',
        nation.unions,
        known.length + firstLoad.enterprises,
      );
      checkSums(check, '全国 nation', nation, children, 1);
      check.remark(`全国 nation: ${nation.unions} 个工会 unions, ${nation.members} 名会员 members`);
      return ofType('provincial');
    },
  );

  await story.step(
    '逐省展开:每个省的合计等于其下级合计,市、县两级与行政区划一致',
    'Province by province: totals equal the sum of what is below, cities and counties match the divisions',
    async (check) => {
      const known = federations();
      let cities = 0;
      let counties = 0;
      for (const { id, statistics } of provinces) {
        const below = await everyItem<ChildUnion>(
          national,
          `/api/v1/unions/${id}/children?limit=200`,
        );
        checkSums(check, id, statistics, below, 1);
        const municipal = below.filter(({ type }) => type === 'municipal');
        cities += municipal.length;
        counties += below.filter(({ type }) => type === 'county').length;
        for (const city of municipal) {
          const ofCity = await everyItem<ChildUnion>(
            national,
            `/api/v1/unions/${city.id}/children?limit=200`,
          );
          checkSums(check, city.id, city.statistics, ofCity, 1);
          counties += ofCity.filter(({ type }) => type === 'county').length;
        }
      }
      const expected = (level: string) => known.filter(({ type }) => type === level).length;
      check.equal('市级总工会 municipal federations', cities, expected('MUNICIPAL'));
      check.equal('县级总工会 county federations', counties, expected('COUNTY'));
      check.remark(`${cities} 个市级 municipal, ${counties} 个县级 county`);
    },
  );

  await story.step(
    '按名称、拼音、拼音首字母与行政区划代码都能找到青岛市总工会',
    'Qingdao is found by name, pinyin, initials and division code',
    async (check) => {
      for (const query of ['青岛市', 'qingdao', 'qdszgh', '370200', 'cn-3702']) {
        const { items } = await provincial.get<Page<UnionFacts>>(
          `/api/v1/unions?query=${encodeURIComponent(query)}`,
        );
        check.holds(
          query,
          items.some(({ id }) => id === places.city),
          places.city,
          items.map(({ id }) => id),
        );
      }
    },
  );
}

/** A union's totals are its own share and those of its subordinates. */
function checkSums(
  check: { equal(what: string, came: unknown, expected: unknown): void },
  name: string,
  whole: Statistics,
  parts: readonly ChildUnion[],
  ownUnions: number,
): void {
  const own = { unions: ownUnions, members: whole.ownMembers, openCases: 0, paidFen: 0 };
  const sums = totals.map((key) =>
    parts.reduce((sum, { statistics }) => sum + statistics[key], own[key]),
  );
  check.equal(
    `${name}: 合计等于下级之和 totals are the sum of the parts`,
    totals.map((key) => whole[key]),
    sums,
  );
}
