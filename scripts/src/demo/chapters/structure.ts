import { chinaDate, synthetic } from '@unionfold/codes';
import { settled } from '../api/operations.ts';
import { statisticsOf } from '../api/reading.ts';
import type { MemberRecord, Page, Statistics, UnionDetail } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import { places, type Scene } from '../scene.ts';
import { storySeed } from './establishment.ts';

const firstPerson = 940;
const dayMs = 86_400_000;

interface ChangeRecord {
  readonly id: string;
  readonly status: string;
  readonly parts?: readonly { readonly unionId: string }[];
}

interface Impact {
  readonly members: number;
  readonly movedSubordinateIds: readonly string[];
  readonly successorId?: string;
  readonly needsApproval: boolean;
}

/** Two enterprises merge, one splits, one pauses; and every day can still be asked for as it was. */
export async function structure({ story, platform, people }: Scene): Promise<void> {
  const { county, operator } = people;
  const change = async (body: object) => (await county.command('/api/v1/changes', body)).id;
  const read = async (id: string) => await county.get<ChangeRecord>(`/api/v1/changes/${id}`);
  const union = async (id: string) => await county.get<UnionDetail>(`/api/v1/unions/${id}`);
  const unionOf = async (id: string) =>
    (await county.get<MemberRecord>(`/api/v1/members/${id}`)).unionId;

  const cast = await story.step(
    '区总工会成立两家企业工会,其一有分工会;各有会员',
    'The county establishes two enterprise unions, one with a sub-union; each has members',
    async (check) => {
      const establish = async (index: number) => {
        const made = synthetic(storySeed).enterprise(index, '370202');
        const { id } = await county.command('/api/v1/unions', {
          name: made.unionName,
          type: 'enterprise',
          territorialParentId: places.county,
          creditCode: made.unionCreditCode,
          synthetic: true,
          approvalDocument: `南工批〔2026〕${index}号`,
        });
        return id;
      };
      const enrol = async (unionId: string, index: number) => {
        const { name, citizenNumber } = storyPerson(firstPerson + index);
        const body = { unionId, name, citizenNumber, synthetic: true };
        return (await county.command('/api/v1/members', body)).id;
      };
      const [source, target] = [await establish(11), await establish(12)];
      const workshop = await county.command('/api/v1/unions', {
        name: '一车间分工会(演示)',
        type: 'sub-union',
        territorialParentId: source,
        synthetic: true,
        approvalDocument: '分工会1号',
      });
      const members = [await enrol(source, 0), await enrol(source, 1), await enrol(source, 2)];
      await enrol(target, 3);
      check.equal('会员 members', (await statisticsOf(county, source)).members, 3);
      return { source, target, workshop: workshop.id, members };
    },
  );

  const merged = await story.step(
    '合并:先预演影响,再并入存续工会;存续工会的登记不变,会员和分工会随之转入,区合计只少一个工会',
    'A merger: previewed first, then done; the target keeps its data, members and sub-union go along, the county has one union less',
    async (check) => {
      const body = {
        kind: 'merge',
        unionId: cast.source,
        successorId: cast.target,
        reason: '企业合并',
      };
      const before = await statisticsOf(county, places.county);
      const kept = await union(cast.target);
      const impact = await county.post<Impact>('/api/v1/changes/preview', body);
      check.equal('预演:会员 preview: members', impact.members, 3);
      check.equal('预演:下级 preview: subordinates', impact.movedSubordinateIds, [cast.workshop]);
      check.equal('预演未作改动 nothing was changed', (await union(cast.source)).status, 'active');
      const id = await change({ ...body, approvalDocument: '南工批〔2026〕21号' });
      await settled(operator);
      check.equal('事项 the matter', (await read(id)).status, 'in-effect');
      const target = await union(cast.target);
      check.equal('名称 name', target.name, kept.name);
      check.equal('会员 members', (await statisticsOf(county, cast.target)).members, 4);
      check.equal('分工会 sub-union', (await union(cast.workshop)).parentId, cast.target);
      const after = await statisticsOf(county, places.county);
      check.equal('区 the county', after, { ...before, unions: before.unions - 1 });
      return { id, before };
    },
  );

  await story.step(
    '合并登记有误,撤销变更:工会、分工会和会员都回到原处,区合计复原',
    'The merger was an error and is undone: union, sub-union and members are back, the county’s totals as before',
    async (check) => {
      await county.command(`/api/v1/changes/${merged.id}/undo`, { reason: '登记有误' });
      await settled(operator);
      check.equal('事项 the matter', (await read(merged.id)).status, 'undone');
      check.equal('状态 status', (await union(cast.source)).status, 'active');
      check.equal('分工会 sub-union', (await union(cast.workshop)).parentId, cast.source);
      for (const id of cast.members) check.equal('会员 member', await unionOf(id), cast.source);
      check.equal('区 the county', await statisticsOf(county, places.county), merged.before);
    },
  );

  await story.step(
    '分立:分工会和一名会员归入分出的工会;暂停活动的工会不收会员,恢复后照常',
    'A split takes the sub-union and a member along; a suspended union takes no members until it is resumed',
    async (check) => {
      const [first = '', second = ''] = cast.members;
      const id = await change({
        kind: 'split',
        unionId: cast.source,
        parts: [{ name: '分出的工会(演示)', subordinateIds: [cast.workshop], memberIds: [second] }],
        approvalDocument: '南工批〔2026〕22号',
      });
      await settled(operator);
      const part = (await read(id)).parts?.[0]?.unionId ?? '';
      check.equal('随转会员 the member', await unionOf(second), part);
      check.equal('未转会员 the other', await unionOf(first), cast.source);
      check.equal('分工会 sub-union', (await union(cast.workshop)).parentId, part);
      const pause = { unionId: part, approvalDocument: '南工批〔2026〕23号' };
      await change({ kind: 'suspend', ...pause });
      await settled(operator);
      const { name, citizenNumber } = storyPerson(firstPerson + 4);
      const body = { unionId: part, name, citizenNumber, synthetic: true };
      const late = await county.attempt({ method: 'POST', path: '/api/v1/members', body });
      check.refused('暂停期间 while suspended', late, { status: 409, code: 'union-suspended' });
      await change({ kind: 'resume', ...pause });
      await settled(operator);
      await county.command('/api/v1/members', body);
      check.equal('会员 members', (await statisticsOf(county, part)).ownMembers, 2);
    },
  );

  await story.step(
    '生效日期在将来的变更等到当天;批复须由上级作出;可以撤回',
    'A change whose day lies ahead waits for it; an upper union approves it; it can be taken back',
    async (check) => {
      const tomorrow = chinaDate(new Date(Date.now() + dayMs));
      const body = { kind: 'rename', unionId: places.county, name: '市南区总工会(新)' };
      const id = await change({ ...body, effectiveOn: tomorrow });
      check.equal('待批复 proposed', (await read(id)).status, 'proposed');
      const path = `/api/v1/changes/${id}/approve`;
      const approval = { approvalDocument: '青工批〔2026〕1号' };
      const own = await county.attempt({ method: 'POST', path, body: approval });
      check.refused('自己批复 by itself', own, { status: 403, code: 'not-an-upper-union' });
      await people.provincial.command(path, approval);
      check.equal('已批复,未生效 approved, not in effect', (await read(id)).status, 'approved');
      await county.command(`/api/v1/changes/${id}/withdraw`, { reason: '演示结束' });
      check.equal('已撤回 withdrawn', (await read(id)).status, 'withdrawn');
      const outsider = await platform.signIn({ unionId: places.otherCity, role: 'cadre' });
      const unseen = await outsider.attempt({ method: 'GET', path: `/api/v1/changes/${id}` });
      check.refused('管辖之外 outside', unseen, { status: 404, code: 'change-unknown' });
      const past = await county.attempt({
        method: 'POST',
        path: '/api/v1/changes',
        body: { ...body, effectiveOn: '2020-01-01' },
      });
      check.refused('过去的日期 a past day', past, { status: 422, code: 'effective-date-past' });
    },
  );

  await story.step(
    '问过去:今天的统计与现在一致,平台建成之前没有数据;变动清单列出以上各事',
    'Asking the past: today is as now, before the platform there is nothing; the list of changes shows all of the above',
    async (check) => {
      const today = chinaDate(new Date());
      const path = `/api/v1/unions/${places.county}/statistics`;
      const now = await statisticsOf(county, places.county);
      check.equal(
        '截至今天 as of today',
        await county.get<Statistics>(`${path}?asOf=${today}`),
        now,
      );
      const other = await county.get<Statistics>(`${path}?asOf=${today}&structure=now`);
      check.equal('按现在的隶属 in the structure of now', other, now);
      const before = await county.attempt({ method: 'GET', path: `${path}?asOf=2001-01-01` });
      check.refused('建成之前 before it', before, { status: 404, code: 'union-unknown' });
      const log = await county.get<Page<{ event: string; unionId: string }>>(
        `/api/v1/unions/${places.county}/structure-changes?from=${today}&limit=200`,
      );
      const events = new Set(log.items.map(({ event }) => event));
      for (const event of ['UnionApproved', 'UnionDissolved', 'UnionRestored', 'UnionSplit']) {
        check.holds(`变动清单 ${event}`, events.has(event), event, [...events]);
      }
    },
  );

  await story.step(
    '登记信息与数据质量:补全联系方式后得分提高,名次随之变化',
    'Record and quality: with the office filled in, score and rank improve',
    async (check) => {
      const path = `/api/v1/unions/${cast.target}`;
      interface Quality {
        readonly score: number;
        readonly rank: number;
        readonly toFix: readonly { readonly name: string }[];
      }
      const before = await county.get<Quality>(`${path}/quality`);
      await county.put(`${path}/record`, {
        contactOffice: '工会办公室',
        contactPhone: '0532-80000000',
        address: '示例路1号',
        addressRegionCode: '370202',
        duties: '维护职工合法权益',
        functions: ['protect', 'educate'],
      });
      const after = await county.get<Quality>(`${path}/quality`);
      check.holds('得分 score', after.score > before.score, `> ${before.score}`, after.score);
      check.holds('名次 rank', after.rank <= before.rank, `<= ${before.rank}`, after.rank);
      const bad = await county.attempt({
        method: 'PUT',
        path: `${path}/record`,
        body: { certificateNumber: '1' },
      });
      check.refused('无法人资格的证书 certificate', bad, {
        status: 422,
        code: 'certificate-without-legal-person',
        field: 'record.certificateNumber',
      });
    },
  );
}
