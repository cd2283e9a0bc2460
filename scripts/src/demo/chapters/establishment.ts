import { synthetic } from '@unionfold/codes';
import type { Caller } from '../api/platform-client.ts';
import { statisticsOf } from '../api/reading.ts';
import type { Page, UnionDetail, UnionFacts } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import { places, type Scene } from '../scene.ts';

/** The enterprise union that the story founds. */
export interface FoundedUnion {
  readonly id: string;
  readonly name: string;
  /** Its own cadre. */
  readonly cadre: Caller;
}

/** Seeds of made-up data: other people and enterprises than those of the first load. */
export const storySeed = 2026;

/** An enterprise union is established, and counts from its approval on (《工会法》 Art. 11). */
export async function establishment({ story, platform, people }: Scene): Promise<FoundedUnion> {
  const { county, enterprise, provincial } = people;
  const made = synthetic(storySeed).enterprise(0, '370202');
  const request = {
    name: made.unionName,
    type: 'enterprise',
    territorialParentId: places.county,
    regionCode: made.regionCode,
    creditCode: made.unionCreditCode,
    foundedOn: made.unionFoundedOn,
    synthetic: true,
  };

  const before = await story.step(
    '批复前先看区、市、省的工会数',
    'The numbers of unions of county, city and province before',
    async (check) => {
      const numbers = await unionNumbers(people);
      check.holds('区级有工会 the county has unions', (numbers[0] ?? 0) > 1, '> 1', numbers);
      return numbers;
    },
  );

  const { id } = await story.step(
    '区总工会经办人登记新成立的企业工会;未批复前不计入统计',
    'A county cadre registers the new enterprise union; it does not count before its approval',
    async (check) => {
      const clerk = await platform.signIn({
        unionId: places.county,
        role: 'cadre',
        person: 'clerk',
      });
      const accepted = await clerk.command('/api/v1/unions', request, {
        'idempotency-key': 'demo-establish',
      });
      const union = await county.get<UnionDetail>(`/api/v1/unions/${accepted.id}`);
      check.equal('状态 status', union.status, 'pending');
      check.equal('名称 name', union.name, made.unionName);
      check.equal('各级工会数不变 no level counts it', await unionNumbers(people), before);
      const again = await clerk.command('/api/v1/unions', request, {
        'idempotency-key': 'demo-establish',
      });
      check.equal('同一键重试得到同一结果 the same key, the same result', again, accepted);
      return accepted;
    },
  );

  await story.step(
    '批复前不能入会;企业自己和下级都不能批复',
    'No member can join before the approval; neither the union itself nor another below can approve',
    async (check) => {
      const person = storyPerson(900);
      const enrolment = await county.attempt({
        method: 'POST',
        path: '/api/v1/members',
        body: { unionId: id, name: person.name, citizenNumber: person.citizenNumber },
      });
      check.refused('待批复 pending', enrolment, {
        status: 409,
        code: 'union-not-live',
        field: 'unionId',
      });
      const approve = { method: 'POST', path: `/api/v1/unions/${id}/approve` } as const;
      const body = { approvalDocument: '自行批复〔2026〕1号' };
      const own = await platform.signIn({ unionId: id, role: 'cadre' });
      check.refused('本工会 the union itself', await own.attempt({ ...approve, body }), {
        status: 403,
        code: 'not-an-upper-union',
      });
      // To a union beside it, this one does not exist.
      check.refused('同级工会 a union beside it', await enterprise.attempt({ ...approve, body }), {
        status: 404,
        code: 'union-unknown',
        field: 'unionId',
      });
    },
  );

  await story.step(
    '区总工会批复:各级工会数各加一,名录可查',
    'The county approves: every level counts one more, and the directory shows it',
    async (check) => {
      await county.command(`/api/v1/unions/${id}/approve`, {
        approvalDocument: '南工批〔2026〕1号',
      });
      const union = await county.get<UnionDetail>(`/api/v1/unions/${id}`);
      check.equal('状态 status', union.status, 'active');
      check.equal(
        '区、市、省、全国各加一 county, city, province, nation: one more each',
        await unionNumbers(people),
        before.map((number) => number + 1),
      );
      const { items } = await provincial.get<Page<UnionFacts>>(
        `/api/v1/unions?query=${encodeURIComponent(made.unionName)}`,
      );
      check.equal(
        '按名称查到 found by its name',
        items.map((found) => found.id),
        [id],
      );
      const ancestors = await provincial.get<Page<UnionFacts>>(`/api/v1/unions/${id}/ancestors`);
      check.equal(
        '上级 upper unions',
        ancestors.items.map((upper) => upper.id),
        [places.county, places.city, places.province],
      );
    },
  );

  await story.step(
    '重复批复、同一信用代码再登记都被拒绝',
    'A second approval is refused, and so is a second union with the same credit code',
    async (check) => {
      const again = await county.attempt({
        method: 'POST',
        path: `/api/v1/unions/${id}/approve`,
        body: { approvalDocument: '南工批〔2026〕2号' },
      });
      check.refused('重复批复 approved twice', again, {
        status: 409,
        code: 'union-already-approved',
      });
    },
  );

  return { id, name: made.unionName, cadre: await platform.signIn({ unionId: id, role: 'cadre' }) };
}

/** The union numbers of county, city, province and nation. */
async function unionNumbers(people: Scene['people']): Promise<readonly number[]> {
  const { county, municipal, provincial, national } = people;
  return [
    (await statisticsOf(county, places.county)).unions,
    (await statisticsOf(municipal, places.city)).unions,
    (await statisticsOf(provincial, places.province)).unions,
    (await statisticsOf(national, places.nation)).unions,
  ];
}
