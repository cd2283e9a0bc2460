import type { Caller } from '../api/platform-client.ts';
import type { MemberRecord, Page, UnionFacts } from '../api/shapes.ts';
import { places, type Scene } from '../scene.ts';
import type { Checks } from '../telling/checks.ts';
import type { FoundedUnion } from './establishment.ts';
import type { Roster } from './roster-import.ts';

/** What lies outside a caller's subtree is answered like what does not exist. */
export async function jurisdiction(
  { story, platform, people }: Scene,
  union: FoundedUnion,
  roster: Roster,
): Promise<void> {
  const outsider = await platform.signIn({ unionId: places.otherProvince, role: 'cadre' });
  const member = roster.members.at(1);
  if (member === undefined) throw new Error('nobody was imported');

  await story.step(
    '广东省总工会的干部看不到山东的工会:详情、下级、统计、上级都与不存在一样',
    'A cadre of Guangdong does not see a union of Shandong: answers are those for what does not exist',
    async (check) => {
      for (const part of ['', '/children', '/ancestors', '/statistics']) {
        await sameAsUnknown(check, outsider, `/api/v1/unions/`, union.id, part, {
          code: 'union-unknown',
          field: 'unionId',
        });
      }
      const { items } = await outsider.get<Page<UnionFacts>>(
        `/api/v1/unions?query=${encodeURIComponent(union.name)}`,
      );
      check.equal('按名称查 search by name', items.length, 0);
    },
  );

  await story.step(
    '也看不到会员:详情 404,按姓名和身份证号查找都为空',
    'Nor a member: 404, and searches by name and citizen number find nothing',
    async (check) => {
      await sameAsUnknown(check, outsider, '/api/v1/members/', member.id, '', {
        code: 'member-unknown',
        field: 'memberId',
      });
      for (const wanted of [{ name: member.name }, { citizenNumber: member.citizenNumber }]) {
        const { items } = await outsider.post<Page<MemberRecord>>('/api/v1/members/search', wanted);
        check.equal(
          Object.keys(wanted).join(),
          items.filter(({ id }) => id === member.id),
          [],
        );
        const inside = await people.county.post<Page<MemberRecord>>(
          '/api/v1/members/search',
          wanted,
        );
        check.equal(
          `${Object.keys(wanted).join()}: 区总工会查得到 the county finds it`,
          inside.items.filter(({ id }) => id === member.id).length,
          1,
        );
      }
      const elsewhere = await outsider.attempt({
        method: 'POST',
        path: '/api/v1/members/search',
        body: { unionId: union.id },
      });
      check.refused('按工会查 search in the union', elsewhere, {
        status: 404,
        code: 'union-unknown',
        field: 'unionId',
      });
    },
  );

  await story.step(
    '也办不了事:更名、移动、入会、转会、退会都被拒绝',
    'Nor can it do anything there: rename, move, enrol, transfer, leave are refused',
    async (check) => {
      const unionUnknown = { status: 404, code: 'union-unknown', field: 'unionId' };
      const memberUnknown = { status: 404, code: 'member-unknown', field: 'memberId' };
      const attempts = [
        [`/api/v1/unions/${union.id}/rename`, { name: '越权工会' }, unionUnknown],
        [`/api/v1/unions/${union.id}/move`, { toParentId: places.otherProvince }, unionUnknown],
        [`/api/v1/unions/${union.id}/dissolve`, { reason: '越权' }, unionUnknown],
        [
          '/api/v1/members',
          { unionId: union.id, name: '某人', citizenNumber: member.citizenNumber },
          unionUnknown,
        ],
        [
          `/api/v1/members/${member.id}/transfer`,
          { toUnionId: places.otherProvince },
          memberUnknown,
        ],
        [`/api/v1/members/${member.id}/leave`, { reason: '越权' }, memberUnknown],
      ] as const;
      for (const [path, body, problem] of attempts) {
        check.refused(path, await outsider.attempt({ method: 'POST', path, body }), problem);
      }
    },
  );

  await story.step(
    '职工只看到自己;省以上看得到全部下级',
    'A worker sees only itself; the levels above see all that is below',
    async (check) => {
      const [, , other] = roster.members;
      const worker = await platform.signIn({
        unionId: union.id,
        role: 'worker',
        memberId: member.id,
      });
      const own = await worker.get<MemberRecord>(`/api/v1/members/${member.id}`);
      check.equal('本人 itself', own.id, member.id);
      check.holds(
        '身份证号已掩码 the citizen number is masked',
        own.citizenNumberMasked?.includes('*') === true &&
          own.citizenNumberMasked !== member.citizenNumber,
        '370***…',
        own.citizenNumberMasked,
      );
      const colleague = await worker.attempt({
        method: 'GET',
        path: `/api/v1/members/${other?.id}`,
      });
      check.refused('同事 a colleague', colleague, { status: 404, code: 'member-unknown' });
      const search = await worker.attempt({
        method: 'POST',
        path: '/api/v1/members/search',
        body: { name: member.name },
      });
      check.refused('职工不能查名册 no search for workers', search, {
        status: 403,
        code: 'forbidden',
      });
      for (const caller of [people.municipal, people.provincial, people.national]) {
        const seen = await caller.get<MemberRecord>(`/api/v1/members/${member.id}`);
        check.equal('上级 the levels above', seen.id, member.id);
      }
    },
  );
}

/** An id outside is answered as an id that nobody has, word for word. */
async function sameAsUnknown(
  check: Checks,
  caller: Caller,
  base: string,
  id: string,
  part: string,
  problem: { readonly code: string; readonly field: string },
): Promise<void> {
  const outside = await caller.attempt({ method: 'GET', path: `${base}${id}${part}` });
  check.refused(`${base}…${part}`, outside, { status: 404, ...problem });
  const unknown = await caller.attempt({ method: 'GET', path: `${base}no-such-thing${part}` });
  check.equal(
    `${base}…${part}: 与不存在一致 as what does not exist`,
    withoutTrace(outside.answer),
    withoutTrace(unknown.answer),
    outside,
  );
}

function withoutTrace(problem: unknown): unknown {
  const { instance: _, correlationId: __, ...rest } = problem as Record<string, unknown>;
  return rest;
}
