import { synthetic } from '@unionfold/codes';
import { settled } from '../api/operations.ts';
import { everyItem, statisticsOf } from '../api/reading.ts';
import type { CaseRecord, FundLineRecord, MemberRecord, Page, UnionDetail } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import { places, type Scene } from '../scene.ts';
import { type FoundedUnion, storySeed } from './establishment.ts';
import { household } from './hardship.ts';

/** Members of the union that is dissolved. */
const memberNumber = 5;
const firstPerson = 700;
const budgetFen = 300_000;

/** The union that is dissolved, with what must not get lost. */
interface Doomed {
  readonly id: string;
  readonly memberIds: readonly string[];
  readonly caseId: string;
  readonly fundLineId: string;
}

/** An enterprise closes: members, open case and money of its union pass to the successor. */
export async function dissolution(
  { story, platform, people }: Scene,
  successor: FoundedUnion,
): Promise<void> {
  const { county, municipal, operator } = people;
  const totals = async () => ({
    county: await statisticsOf(county, places.county),
    successor: await statisticsOf(county, successor.id),
  });

  const doomed = await story.step(
    '区总工会直接批复成立另一家企业工会,有 5 名会员、一份未结档案和一个资金项',
    'The county establishes another enterprise union at once, with 5 members, an open case and a fund line',
    async (check): Promise<Doomed> => {
      const made = synthetic(storySeed).enterprise(1, '370202');
      const { id } = await county.command('/api/v1/unions', {
        name: made.unionName,
        type: 'enterprise',
        territorialParentId: places.county,
        creditCode: made.unionCreditCode,
        synthetic: true,
        approvalDocument: '南工批〔2026〕3号',
      });
      const union = await county.get<UnionDetail>(`/api/v1/unions/${id}`);
      check.equal('状态 status', union.status, 'active');
      const memberIds: string[] = [];
      for (let index = 0; index < memberNumber; index += 1) {
        const { name, citizenNumber } = storyPerson(firstPerson + index);
        const body = { unionId: id, name, citizenNumber, synthetic: true };
        memberIds.push((await county.command('/api/v1/members', body)).id);
      }
      const declared = await county.command('/api/v1/hardship-cases', {
        ...household,
        memberId: memberIds[0],
      });
      const line = await county.command('/api/v1/fund-lines', {
        unionId: id,
        source: 'donation',
        name: '企业互助金(演示)',
        budgetFen,
      });
      check.equal('会员 members', (await statisticsOf(county, id)).ownMembers, memberNumber);
      return { id, memberIds, caseId: declared.id, fundLineId: line.id };
    },
  );

  await story.step(
    '有下级的工会不能撤销,自己不能撤销自己,接续工会须在册',
    'A union with subordinates cannot be dissolved, none dissolves itself, and the successor must be live',
    async (check) => {
      const before = await totals();
      const path = (id: string) => `/api/v1/unions/${id}/dissolve`;
      const above = await municipal.attempt({
        method: 'POST',
        path: path(places.county),
        body: { reason: '演示' },
      });
      check.refused('有下级 with subordinates', above, {
        status: 409,
        code: 'union-has-subordinates',
      });
      const own = await platform.signIn({ unionId: doomed.id, role: 'cadre' });
      const itself = await own.attempt({ method: 'POST', path: path(doomed.id), body: {} });
      check.refused('自己 itself', itself, { status: 403, code: 'not-an-upper-union' });
      const heir = await county.attempt({
        method: 'POST',
        path: path(doomed.id),
        body: { successorId: doomed.id },
      });
      check.refused('接续工会 the successor', heir, {
        status: 409,
        code: 'successor-invalid',
        field: 'successorId',
      });
      check.equal('合计不变 totals unchanged', await totals(), before);
    },
  );

  await story.step(
    '企业注销,区总工会撤销其工会:会员、档案、资金全部转入接续工会,区合计只少一个工会',
    'The county dissolves it: members, case and money pass to the successor; the county has one union less, nothing else',
    async (check) => {
      const before = await totals();
      await county.command(`/api/v1/unions/${doomed.id}/dissolve`, {
        successorId: successor.id,
        reason: '企业注销',
      });
      await settled(operator);
      const after = await totals();
      check.equal('区 the county', after.county, {
        ...before.county,
        unions: before.county.unions - 1,
      });
      check.equal('接续工会 the successor', after.successor, {
        ...before.successor,
        members: before.successor.members + memberNumber,
        ownMembers: before.successor.ownMembers + memberNumber,
        openCases: before.successor.openCases + 1,
      });
      check.equal('原工会 the old union', await statisticsOf(county, doomed.id), {
        unions: 0,
        members: 0,
        openCases: 0,
        paidFen: 0,
        ownMembers: 0,
      });
      const gone = await county.get<UnionDetail>(`/api/v1/unions/${doomed.id}`);
      check.equal('状态 status', gone.status, 'dissolved');
      const members = await everyMember(successor);
      check.equal(
        '会员 members',
        doomed.memberIds.filter((id) => !members.includes(id)),
        [],
      );
      const line = await county.get<FundLineRecord>(`/api/v1/fund-lines/${doomed.fundLineId}`);
      check.equal('资金项 fund line', [line.unionId, line.balanceFen], [successor.id, budgetFen]);
    },
  );

  await story.step(
    '接续工会接着核实该档案;原工会不再收会员',
    'The successor goes on with the case; the old union takes no members any more',
    async (check) => {
      const { cadre } = successor;
      const path = `/api/v1/hardship-cases/${doomed.caseId}`;
      await cadre.command(`${path}/verify`, {});
      const verified = await cadre.get<CaseRecord>(path);
      check.equal('所在工会 union', verified.unionId, successor.id);
      check.equal(
        '核对项 checks',
        verified.checks.map(({ outcome }) => outcome),
        verified.checks.map(() => 'passed'),
      );
      const cases = await everyItem<CaseRecord>(cadre, '/api/v1/hardship-cases?status=verified');
      check.holds(
        '待办 work list',
        cases.some(({ id }) => id === doomed.caseId),
        doomed.caseId,
        cases.map(({ id }) => id),
      );
      const { name, citizenNumber } = storyPerson(firstPerson + memberNumber);
      const late = await county.attempt({
        method: 'POST',
        path: '/api/v1/members',
        body: { unionId: doomed.id, name, citizenNumber },
      });
      check.refused('已撤销 dissolved', late, {
        status: 409,
        code: 'union-dissolved',
        field: 'unionId',
      });
    },
  );
}

async function everyMember({ id, cadre }: FoundedUnion): Promise<string[]> {
  const { items } = await cadre.post<Page<MemberRecord>>('/api/v1/members/search', {
    unionId: id,
    limit: 200,
  });
  return items.map((member) => member.id);
}
