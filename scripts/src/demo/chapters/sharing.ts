import type { Caller } from '../api/platform-client.ts';
import { everyItem } from '../api/reading.ts';
import type { ResourceRecord } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import { booking } from './booking.ts';
import type { FoundedUnion } from './establishment.ts';
import { type MoveTotals, moveTotals } from './move.ts';

/** Unions share what they have, across levels: with those below, with their neighbours, with everybody. */
export async function sharing(
  scene: Scene,
  union: FoundedUnion,
  before: MoveTotals,
): Promise<void> {
  const { story, platform, people } = scene;
  const cadreOf = async (unionId: string) => await platform.signIn({ unionId, role: 'cadre' });
  const outsider = await cadreOf(places.otherProvince);
  const otherCityCounty = await cadreOf(places.otherCityCounty);
  const neighbour = await cadreOf(places.neighbourCounty);

  await story.step(
    '首次载入的共享资源:全国课程人人可见,省疗休养基地只在本省,市律师团限本市及兄弟市',
    'Offers of the first load: a national course for all, a provincial venue within the province, lawyers for neighbours',
    async (check) => {
      const inside = await visible(union.cadre);
      const outside = await visible(outsider);
      const seeded = ['course-cn-1', 'venue-cn-37-1', 'lawyer-cn-3702-1'];
      const of = (found: readonly string[]) => seeded.filter((id) => found.includes(id));
      check.equal('山东的企业工会 an enterprise in Shandong', of(inside), seeded);
      check.equal('广东 Guangdong', of(outside), ['course-cn-1']);
    },
  );

  const venue = await story.step(
    '市南区总工会(现属潍坊)向邻近工会开放职工书屋',
    'The district (now in Weifang) offers a library to its neighbours',
    async (check) => {
      const { id } = await people.county.command('/api/v1/resources', {
        kind: 'venue',
        name: '职工书屋(演示)',
        description: '向同市各区县工会开放。',
        audience: 'neighbours',
      });
      check.equal('自己 the owner', (await visible(people.county)).includes(id), true);
      check.equal('其下企业 an enterprise below', (await visible(union.cadre)).includes(id), true);
      check.equal(
        '潍坊的区 a district of the same city',
        (await visible(otherCityCounty)).includes(id),
        true,
      );
      check.equal(
        '青岛的区看不到 a district of the old city does not see it',
        (await visible(neighbour)).includes(id),
        false,
      );
      check.equal('广东看不到 Guangdong does not', (await visible(outsider)).includes(id), false);
      return id;
    },
  );

  await booking(scene, union);

  await story.step(
    '只有提供方能撤回,别人撤回被拒绝',
    'Only the owner can withdraw an offer',
    async (check) => {
      const path = `/api/v1/resources/${venue}/withdraw`;
      const refused = await otherCityCounty.attempt({ method: 'POST', path, body: {} });
      check.refused('别人 others', refused, { status: 403, code: 'resource-not-owned' });
      const hidden = await outsider.attempt({ method: 'POST', path, body: {} });
      check.refused('看不到的人 who does not see it', hidden, {
        status: 404,
        code: 'resource-unknown',
      });
    },
  );

  await story.step(
    '区划调整撤销:市南区回到青岛,各级合计与最初完全一致,书屋改向青岛的区开放',
    'The redrawing is revoked: the district returns, all totals are as at first, the library is shared with Qingdao',
    async (check) => {
      const now = await moveTotals(people);
      await people.provincial.command(`/api/v1/unions/${places.county}/move`, {
        toParentId: places.city,
        reason: '撤销区划调整(演示)',
      });
      const after = await moveTotals(people);
      check.equal('全国 the nation', after.nation, now.nation);
      check.equal('各级与最初一致 every level as at first', after, before);
      check.equal('青岛的区 the old neighbours', (await visible(neighbour)).includes(venue), true);
      check.equal(
        '潍坊的区 the new neighbours',
        (await visible(otherCityCounty)).includes(venue),
        false,
      );
    },
  );

  await story.step(
    '提供方撤回,谁也看不到了',
    'The owner withdraws it: nobody sees it',
    async (check) => {
      await people.county.command(`/api/v1/resources/${venue}/withdraw`, { reason: '装修' });
      for (const caller of [people.county, neighbour, union.cadre]) {
        check.equal('撤回后 after', (await visible(caller)).includes(venue), false);
      }
    },
  );
}

async function visible(caller: Caller): Promise<string[]> {
  const resources = await everyItem<ResourceRecord>(caller, '/api/v1/resources?limit=200');
  return resources.map(({ id }) => id);
}
