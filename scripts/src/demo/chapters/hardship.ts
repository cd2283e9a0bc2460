import type { Caller } from '../api/platform-client.ts';
import { statisticsOf } from '../api/reading.ts';
import type { CaseRecord, FundLineRecord, Inbox, Page, Statistics } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import { eventually } from '../telling/eventually.ts';
import type { FoundedUnion } from './establishment.ts';
import type { Roster } from './roster-import.ts';

/** What the welfare chapter leaves for the province to see. */
export interface Aid {
  /** The province's totals before. */
  readonly before: Statistics;
  readonly paidFen: number;
  /** The cases that are still open. */
  readonly openCaseIds: readonly string[];
  readonly paidCaseId: string;
}

/** Aid of this story: 5,000 yuan, within the cap of the standard. */
const amountFen = 500_000;
const budgetFen = 2_000_000;

/** What the worker writes: personal, and looked for where it must not be. */
export const declaredStatement = '孩子在读初中,配偶失业在家,老人常年吃药(演示)。';

/** A family in need: three persons, a small income, high costs that cannot be avoided. Money in fen. */
export const household = {
  householdSize: 3,
  annualIncomeFen: 3_000_000,
  rigidExpenditureFen: 800_000,
  accidentCostFen: 0,
  statement: declaredStatement,
  consent: true,
} as const;

/** A worker declares hardship and is helped: 申报, 核实, 批准, 发放. */
export async function hardship(
  { story, platform, people }: Scene,
  union: FoundedUnion,
  roster: Roster,
): Promise<Aid> {
  const { provincial } = people;
  const [, member, colleague] = roster.members;
  if (member === undefined || colleague === undefined) throw new Error('too few were imported');
  const worker = await platform.signIn({
    unionId: union.id,
    role: 'worker',
    memberId: member.id,
  });
  const countyCadre = async (person: string) =>
    await platform.signIn({ unionId: places.county, role: 'cadre', person });
  const reviewer = await countyCadre('reviewer');
  const cashier = await countyCadre('cashier');
  const outsider = await platform.signIn({ unionId: places.otherProvince, role: 'cadre' });
  const province = async () => await statisticsOf(provincial, places.province);
  const before = await province();

  const fundLineId = await story.step(
    '区总工会设立帮扶资金项,余额即预算',
    'The county opens a fund line; its balance is its budget',
    async (check) => {
      const { id } = await people.county.command('/api/v1/fund-lines', {
        unionId: places.county,
        source: 'union-dues',
        name: '区级困难帮扶(演示)',
        budgetFen,
      });
      const line = await fundLine(people.county, id);
      check.equal('余额 balance', line.balanceFen, budgetFen);
      return id;
    },
  );

  const caseId = await story.step(
    '职工本人申报困难;未授权核对的申报被拒绝,未结时不能重复申报',
    'The worker declares hardship; without consent it is refused, and so is a second while one is open',
    async (check) => {
      const declaration = { memberId: member.id, ...household };
      const declare = async (caller: Caller, body: object) =>
        await caller.attempt({ method: 'POST', path: '/api/v1/hardship-cases', body });
      const unauthorised = await declare(worker, { ...declaration, consent: false });
      check.refused('未授权 no consent', unauthorised, {
        status: 422,
        code: 'consent-missing',
        field: 'consent',
      });
      const { id } = await worker.command('/api/v1/hardship-cases', declaration);
      const declared = await readCase(union.cadre, id);
      check.equal('状态 status', declared.status, 'declared');
      check.equal('所在工会 union', declared.unionId, union.id);
      const second = await declare(worker, declaration);
      check.refused('重复申报 a second one', second, { status: 409, code: 'case-open-already' });
      check.equal(
        '省未结档案加一 open in the province',
        (await province()).openCases,
        before.openCases + 1,
      );
      const work = await union.cadre.get<Page<CaseRecord>>(
        '/api/v1/hardship-cases?status=declared',
      );
      check.equal(
        '本工会待办 the union’s work list',
        work.items.map((item) => item.id),
        [id],
      );
      const unseen = await outsider.attempt({
        method: 'GET',
        path: `/api/v1/hardship-cases/${id}`,
      });
      check.refused('外省看不到 another province', unseen, { status: 404, code: 'case-unknown' });
      const list = await outsider.get<Page<CaseRecord>>('/api/v1/hardship-cases');
      check.equal(
        '外省清单 its list',
        list.items.filter((item) => item.id === id),
        [],
      );
      return id;
    },
  );
  const path = `/api/v1/hardship-cases/${caseId}`;

  await story.step(
    '本工会凭平台已有数据核实:会籍、工会、收入逐项给出结果和来源',
    'The union verifies it from held data: membership, union and income, each with outcome and source',
    async (check) => {
      await union.cadre.command(`${path}/verify`, {});
      const { status, checks, category } = await readCase(union.cadre, caseId);
      check.equal('状态 status', status, 'verified');
      check.equal(
        '核对项 checks',
        checks.map(({ name, outcome }) => `${name}: ${outcome}`),
        ['live-membership', 'declared-union', 'union-live', 'income'].map(
          (name) => `${name}: passed`,
        ),
      );
      check.holds(
        '来源 sources',
        checks.every(({ source }) => source !== ''),
        '≠ ""',
        checks,
      );
      check.equal('类别 category', category, 'deep');
      for (const { name, outcome, source } of checks)
        check.remark(`${name}: ${outcome} (${source})`);
    },
  );

  await story.step(
    '核实者不能自己批准,超过标准的金额被拒绝;区总工会批准',
    'The verifying union cannot approve, too much is refused; the county approves',
    async (check) => {
      const approve = async (caller: Caller, amount: number) =>
        await caller.attempt({
          method: 'POST',
          path: `${path}/approve`,
          body: { amountFen: amount },
        });
      check.refused('本工会 the union itself', await approve(union.cadre, amountFen), {
        status: 403,
        code: 'not-an-upper-union',
      });
      check.refused('超标准 above the cap', await approve(reviewer, 100_000_000), {
        status: 409,
        code: 'amount-over-cap',
        field: 'amountFen',
      });
      await reviewer.command(`${path}/approve`, { amountFen });
      const approved = await readCase(reviewer, caseId);
      check.equal('状态 status', approved.status, 'approved');
      check.equal('金额 amount', approved.amountFen, amountFen);
    },
  );

  await story.step(
    '批准人不能付款;余额不足的资金项被拒绝;另一人付款,余额恰减该金额',
    'The approver cannot pay; a fund line that holds too little is refused; another pays, and the balance falls by exactly that',
    async (check) => {
      const pay = async (caller: Caller, from: string) =>
        await caller.attempt({
          method: 'POST',
          path: `${path}/pay`,
          body: { fundLineId: from },
        });
      check.refused('批准人付款 the approver pays', await pay(reviewer, fundLineId), {
        status: 403,
        code: 'maker-is-checker',
      });
      const small = await people.county.command('/api/v1/fund-lines', {
        unionId: places.county,
        source: 'union-dues',
        name: '余额不足的资金项(演示)',
        budgetFen: amountFen - 1,
      });
      check.refused('余额不足 too little', await pay(cashier, small.id), {
        status: 409,
        code: 'fund-line-insufficient',
        field: 'fundLineId',
      });
      check.equal('未动 untouched', (await fundLine(cashier, small.id)).balanceFen, amountFen - 1);
      check.equal('未动 untouched', (await fundLine(cashier, fundLineId)).balanceFen, budgetFen);
      await cashier.command(`${path}/pay`, { fundLineId }, { 'idempotency-key': 'demo-pay' });
      const { balanceFen } = await fundLine(cashier, fundLineId);
      check.equal('余额 balance', balanceFen, budgetFen - amountFen);
      check.equal('状态 status', (await readCase(cashier, caseId)).status, 'paid');
      check.remark(`余额 balance: ${yuan(budgetFen)} → ${yuan(balanceFen)}`);
    },
  );

  await story.step(
    '第二次付款被拒绝,同一键重试只是同一结果,余额不变',
    'A second payment is refused, a retry with the same key is the same result, the balance stays',
    async (check) => {
      const again = await cashier.attempt({
        method: 'POST',
        path: `${path}/pay`,
        body: { fundLineId },
      });
      check.refused('再付 paid twice', again, { status: 409, code: 'case-wrong-status' });
      const retried = await cashier.attempt({
        method: 'POST',
        path: `${path}/pay`,
        body: { fundLineId },
        headers: { 'idempotency-key': 'demo-pay' },
      });
      check.equal('同一键 the same key', retried.status, 200, retried);
      check.equal(
        '余额 balance',
        (await fundLine(cashier, fundLineId)).balanceFen,
        budgetFen - amountFen,
      );
    },
  );

  await story.step(
    '职工的收件箱依次有核实、批准、发放的通知,可标为已读;同事的收件箱里没有',
    'The worker is told of verification, approval and payment, and can mark it read; a colleague is not told',
    async (check) => {
      const expected = ['aid-paid', 'hardship-approved', 'hardship-verified'];
      const about = ({ items }: Inbox) => items.filter(({ aboutId }) => aboutId === caseId);
      const told = await eventually('the notices of the case', async () => {
        const inbox = await worker.get<Inbox>('/api/v1/inbox');
        return about(inbox).length >= expected.length ? inbox : undefined;
      });
      const templates = about(told).map(({ template }) => template);
      check.equal('通知 notices', templates.toSorted(), expected);
      const [newest] = about(told);
      await worker.command(`/api/v1/inbox/${newest?.id}/read`);
      const { unread } = await worker.get<Inbox>('/api/v1/inbox');
      check.equal('未读少一 one less unread', unread, told.unread - 1);
      const other = await platform.signIn({
        unionId: union.id,
        role: 'worker',
        memberId: colleague.id,
      });
      check.equal('同事 a colleague', about(await other.get<Inbox>('/api/v1/inbox')), []);
    },
  );

  const openCaseId = await story.step(
    '经办与审批分离:区里核实的人不能再批准同一档案',
    'Maker and checker are kept apart: the county cadre who verified a case cannot approve it',
    async (check) => {
      const other = await platform.signIn({
        unionId: union.id,
        role: 'worker',
        memberId: colleague.id,
      });
      const { id } = await other.command('/api/v1/hardship-cases', {
        memberId: colleague.id,
        ...household,
      });
      await reviewer.command(`/api/v1/hardship-cases/${id}/verify`, {});
      const refused = await reviewer.attempt({
        method: 'POST',
        path: `/api/v1/hardship-cases/${id}/approve`,
        body: { amountFen },
      });
      check.refused('同一人 the same person', refused, { status: 403, code: 'maker-is-checker' });
      check.equal('状态不变 status unchanged', (await readCase(reviewer, id)).status, 'verified');
      return id;
    },
  );

  return { before, paidFen: amountFen, openCaseIds: [openCaseId], paidCaseId: caseId };
}

async function readCase(caller: Caller, id: string): Promise<CaseRecord> {
  return await caller.get<CaseRecord>(`/api/v1/hardship-cases/${id}`);
}

async function fundLine(caller: Caller, id: string): Promise<FundLineRecord> {
  return await caller.get<FundLineRecord>(`/api/v1/fund-lines/${id}`);
}

function yuan(fen: number): string {
  return `¥${(fen / 100).toFixed(2)}`;
}
