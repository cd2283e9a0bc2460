import { everyItem, statisticsOf } from '../api/reading.ts';
import type { CaseRecord } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import type { Aid } from './hardship.ts';

/** The province sees what was done below: open cases and money. */
export async function totals({ story, people }: Scene, aid: Aid): Promise<void> {
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
}
