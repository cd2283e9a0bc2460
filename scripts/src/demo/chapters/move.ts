import type { Caller } from '../api/platform-client.ts';
import { statisticsOf } from '../api/reading.ts';
import type { MemberRecord, Page, Statistics, UnionDetail, UnionFacts } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import type { FoundedUnion } from './establishment.ts';
import type { Roster } from './roster-import.ts';

/** Totals of the unions that a move between two cities concerns. */
export interface MoveTotals {
  readonly nation: Statistics;
  readonly province: Statistics;
  readonly city: Statistics;
  readonly otherCity: Statistics;
  readonly county: Statistics;
}

/** Boundaries are redrawn: a county union goes to another city, with everything below it. */
export async function move(
  { story, platform, people }: Scene,
  union: FoundedUnion,
  roster: Roster,
): Promise<MoveTotals> {
  const { provincial, municipal } = people;
  const otherCity = await platform.signIn({ unionId: places.otherCity, role: 'cadre' });

  const before = await story.step(
    '设想区划调整:市南区划归潍坊。先记下全国、省、两市、区的合计',
    'Suppose boundaries are redrawn: a district goes from Qingdao to Weifang. First the totals before',
    async (check) => {
      const totals = await moveTotals(people);
      check.holds(
        '区内有工会和会员 the district has unions and members',
        totals.county.unions > 10 && totals.county.members > 100,
        '> 10, > 100',
        totals.county,
      );
      const { county } = totals;
      check.remark(`市南区 the district: ${county.unions} 个工会 unions, ${county.members} 名会员`);
      return totals;
    },
  );

  await story.step(
    '省总工会变更隶属:青岛减、潍坊加,恰为该区合计;省和全国不变',
    'The province moves it: Qingdao loses and Weifang gains exactly its totals; province and nation stay',
    async (check) => {
      const { version } = await provincial.get<UnionDetail>(`/api/v1/unions/${places.county}`);
      await provincial.command(
        `/api/v1/unions/${places.county}/move`,
        { toParentId: places.otherCity, reason: '区划调整(演示)' },
        { 'if-match': `"${version}"` },
      );
      const after = await moveTotals(people);
      const { county } = before;
      check.equal('青岛 the old city', after.city, added(before.city, county, -1));
      check.equal('潍坊 the new city', after.otherCity, added(before.otherCity, county, 1));
      check.equal('区 the district', after.county, county);
      check.equal('省 the province', after.province, before.province);
      check.equal('全国 the nation', after.nation, before.nation);
      check.remark(
        `青岛 ${before.city.members} → ${after.city.members}, ` +
          `潍坊 ${before.otherCity.members} → ${after.otherCity.members} 名会员 members`,
      );
    },
  );

  await story.step(
    '区下企业的上级链条随之改变,会员在新的市名下查到,青岛再也看不到',
    'The lines above its enterprises change; members are found under the new city, no longer under the old',
    async (check) => {
      const uppers = async (caller: Caller) =>
        (await caller.get<Page<UnionFacts>>(`/api/v1/unions/${union.id}/ancestors`)).items.map(
          ({ id }) => id,
        );
      check.equal('上级 upper unions', await uppers(provincial), [
        places.county,
        places.otherCity,
        places.province,
      ]);
      const [, member] = roster.members;
      if (member === undefined) throw new Error('too few were imported');
      const wanted = { citizenNumber: member.citizenNumber };
      const found = await otherCity.post<Page<MemberRecord>>('/api/v1/members/search', wanted);
      check.equal(
        '潍坊查到会员 the new city finds the member',
        found.items.map(({ id }) => id),
        [member.id],
      );
      const gone = await municipal.post<Page<MemberRecord>>('/api/v1/members/search', wanted);
      check.equal('青岛查不到会员 the old city finds nobody', gone.items, []);
      for (const id of [places.county, union.id]) {
        const unseen = await municipal.attempt({ method: 'GET', path: `/api/v1/unions/${id}` });
        check.refused(`青岛看不到 ${id}`, unseen, { status: 404, code: 'union-unknown' });
        const seen = await otherCity.attempt({ method: 'GET', path: `/api/v1/unions/${id}` });
        check.equal(`潍坊看得到 ${id}`, seen.status, 200, seen);
      }
    },
  );

  await story.step(
    '移到自己的下级、层级不符、超出管辖、版本过期都被拒绝,合计不变',
    'Into its own subtree, to a wrong level, beyond the jurisdiction, on a stale version: refused, nothing changes',
    async (check) => {
      const totals = await moveTotals(people);
      const attempt = async (caller: Caller, unionId: string, toParentId: string, seen?: number) =>
        await caller.attempt({
          method: 'POST',
          path: `/api/v1/unions/${unionId}/move`,
          body: { toParentId },
          ...(seen === undefined ? {} : { headers: { 'if-match': `"${seen}"` } }),
        });
      const below = await attempt(provincial, places.otherCity, places.county);
      check.refused('移入下级 into the own subtree', below, {
        status: 409,
        code: 'move-into-own-subtree',
        field: 'toParentId',
      });
      const level = await attempt(provincial, places.neighbourCounty, union.id);
      check.refused('层级不符 a wrong level', level, {
        status: 409,
        code: 'parent-level-not-allowed',
        field: 'toParentId',
      });
      const beyond = await attempt(municipal, places.neighbourCounty, places.otherCity);
      check.refused('超出管辖 beyond the jurisdiction', beyond, {
        status: 422,
        code: 'parent-unknown',
        field: 'toParentId',
      });
      const own = await attempt(municipal, places.city, places.otherCity);
      check.holds('本级 the caller’s own union', own.status >= 400, '4xx', own.status, own);
      const stale = await attempt(provincial, places.county, places.city, 1);
      check.refused('过期版本 stale version', stale, { status: 409, code: 'version-conflict' });
      check.equal('合计不变 totals unchanged', await moveTotals(people), totals);
    },
  );

  return before;
}

/** The totals as they are now. */
export async function moveTotals({ national, provincial }: Scene['people']): Promise<MoveTotals> {
  return {
    nation: await statisticsOf(national, places.nation),
    province: await statisticsOf(provincial, places.province),
    city: await statisticsOf(provincial, places.city),
    otherCity: await statisticsOf(provincial, places.otherCity),
    county: await statisticsOf(provincial, places.county),
  };
}

/** What a union's totals are once a subtree has come (1) or gone (-1). */
export function added(whole: Statistics, part: Statistics, sign: 1 | -1): Statistics {
  return {
    unions: whole.unions + sign * part.unions,
    members: whole.members + sign * part.members,
    openCases: whole.openCases + sign * part.openCases,
    paidFen: whole.paidFen + sign * part.paidFen,
    ownMembers: whole.ownMembers,
  };
}
