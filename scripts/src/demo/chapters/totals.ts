import type { Caller } from '../api/platform-client.ts';
import { everyItem, statisticsOf } from '../api/reading.ts';
import type { CaseRecord } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import type { Aid } from './hardship.ts';
import { added, moveTotals } from './move.ts';

/** The province sees what was done below: open cases and money. */
export async function totals({ story, platform, people }: Scene, aid: Aid): Promise<void> {
  const { provincial, municipal, national } = people;

  await story.step(
    '省总工会看到合计:未结档案加一,已发放金额恰增 5,000 元;市、全国同增',
    'The province sees the totals: one more open case, exactly 5,000 yuan more paid; city and nation alike',
    async (check) => {
      const now = await statisticsOf(provincial, places.province);
      check.equal('未结 open cases', now.openCases, aid.before.openCases + aid.openCaseIds.length);
      check.equal('已发放 paid', now.paidFen, aid.before.paidFen + aid.paidFen);
      const city = await statisticsOf(municipal, places.city);
      const nation = await statisticsOf(national, places.nation);
      for (const [name, above, below] of [
        ['省不少于市 province ≥ city', now, city],
        ['全国不少于省 nation ≥ province', nation, now],
      ] as const) {
        check.holds(
          name,
          above.openCases >= below.openCases && above.paidFen >= below.paidFen,
          '≥',
          { above, below },
        );
      }
      check.equal('市内已发放 paid in the city', city.paidFen, aid.paidFen);
      check.remark(`省 province: ${now.openCases} 未结 open, ¥${(now.paidFen / 100).toFixed(2)}`);
    },
  );

  await story.step(
    '省的待办清单与合计一致',
    'The province’s work list agrees with the totals',
    async (check) => {
      const cases = await everyItem<CaseRecord>(provincial, '/api/v1/hardship-cases?limit=200');
      const open = cases.filter(({ status }) =>
        ['declared', 'verified', 'approved'].includes(status),
      );
      const now = await statisticsOf(provincial, places.province);
      check.equal('未结档案 open cases', open.length, now.openCases);
      check.equal(
        '其中有 among them',
        aid.openCaseIds.filter((id) => open.some((item) => item.id === id)),
        [...aid.openCaseIds],
      );
      const paid = cases
        .filter(({ status }) => status === 'paid')
        .reduce((sum, { amountFen = 0 }) => sum + amountFen, 0);
      check.equal('发放合计 sum of payments', paid, now.paidFen);
    },
  );

  await story.step(
    '带着未结档案和已发放资金再次划归潍坊又划回:案件和金额随区走,分毫不差',
    'The district goes to Weifang and back once more, now with an open case and paid aid: both go along, to the fen',
    async (check) => {
      const otherCity = await platform.signIn({ unionId: places.otherCity, role: 'cadre' });
      const path = `/api/v1/unions/${places.county}/move`;
      const before = await moveTotals(people);
      check.equal('区内未结 open in the district', before.county.openCases, aid.openCaseIds.length);
      check.equal('区内已发放 paid in the district', before.county.paidFen, aid.paidFen);
      await provincial.command(path, { toParentId: places.otherCity });
      const away = await moveTotals(people);
      check.equal('青岛 the old city', away.city, added(before.city, before.county, -1));
      check.equal('潍坊 the new city', away.otherCity, added(before.otherCity, before.county, 1));
      check.equal('省 the province', away.province, before.province);
      const cases = async (caller: Caller) =>
        (await everyItem<CaseRecord>(caller, '/api/v1/hardship-cases'))
          .map(({ id }) => id)
          .toSorted();
      const moved = [...aid.openCaseIds, aid.paidCaseId].toSorted();
      check.equal('潍坊的清单 the new city’s list', await cases(otherCity), moved);
      check.equal('青岛的清单 the old city’s list', await cases(municipal), []);
      await provincial.command(path, { toParentId: places.city });
      check.equal('划回 and back', await moveTotals(people), before);
      check.equal('青岛的清单 the city’s list', await cases(municipal), moved);
    },
  );
}
