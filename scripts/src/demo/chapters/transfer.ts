import { statisticsOf } from '../api/reading.ts';
import type { MemberRecord, Page } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import { places, type Scene } from '../scene.ts';
import type { FoundedUnion } from './establishment.ts';
import type { Roster } from './roster-import.ts';

/** A worker changes jobs: the membership goes along, and there is one of it nationwide. */
export async function transfer(
  { story, people }: Scene,
  union: FoundedUnion,
  roster: Roster,
): Promise<void> {
  const { county, enterprise, provincial } = people;
  const [member] = roster.members;
  if (member === undefined) throw new Error('nobody was imported');
  const from = union.id;
  const to = places.seededEnterprise;
  const numbers = async () => ({
    from: (await statisticsOf(county, from)).ownMembers,
    to: (await statisticsOf(county, to)).ownMembers,
    county: (await statisticsOf(county, places.county)).members,
  });

  await story.step(
    '职工换了工作:区总工会把会籍从甲企业转到乙企业,一减一加,区合计不变',
    'A worker changes jobs: the county transfers the membership, one less, one more, the county the same',
    async (check) => {
      const before = await numbers();
      const record = await county.get<MemberRecord>(`/api/v1/members/${member.id}`);
      check.equal('转前工会 union before', record.unionId, from);
      await county.command(
        `/api/v1/members/${member.id}/transfer`,
        { toUnionId: to, reason: '换工作' },
        { 'if-match': `"${record.version}"` },
      );
      check.equal('人数 numbers', await numbers(), {
        from: before.from - 1,
        to: before.to + 1,
        county: before.county,
      });
      const moved = await county.get<MemberRecord>(`/api/v1/members/${member.id}`);
      check.equal('转后工会 union after', moved.unionId, to);
      check.equal('版本加一 version', moved.version, record.version + 1);
    },
  );

  await story.step(
    '会籍随人走:新工会看得到,原工会看不到',
    'The membership goes along: the new union sees it, the old one no longer does',
    async (check) => {
      const path = `/api/v1/members/${member.id}`;
      const seen = await enterprise.attempt({ method: 'GET', path });
      check.equal('新工会 the new union', seen.status, 200, seen);
      const unseen = await union.cadre.attempt({ method: 'GET', path });
      check.refused('原工会 the old union', unseen, {
        status: 404,
        code: 'member-unknown',
        field: 'memberId',
      });
      const found = await provincial.post<Page<MemberRecord>>('/api/v1/members/search', {
        citizenNumber: member.citizenNumber,
      });
      check.equal(
        '全省只有一条会籍 one membership in the province',
        found.items.map(({ id, unionId }) => ({ id, unionId })),
        [{ id: member.id, unionId: to }],
      );
    },
  );

  await story.step(
    '全国唯一:同一身份证号再到别处入会被拒绝,外省也一样',
    'Unique nationwide: the same citizen number cannot join elsewhere, in another province neither',
    async (check) => {
      const before = await numbers();
      const body = { name: member.name, citizenNumber: member.citizenNumber, synthetic: true };
      for (const unionId of [from, places.otherProvince]) {
        const caller = unionId === from ? county : people.national;
        const refused = await caller.attempt({
          method: 'POST',
          path: '/api/v1/members',
          body: { ...body, unionId },
        });
        check.refused(unionId, refused, { status: 409, code: 'member-duplicate' });
      }
      check.equal('人数不变 numbers unchanged', await numbers(), before);
    },
  );

  await story.step(
    '退会后可以重新入会;版本过期的转会被拒绝',
    'Who has left can join again; a transfer on a stale version is refused',
    async (check) => {
      const person = storyPerson(901);
      const particulars = { name: person.name, citizenNumber: person.citizenNumber };
      const first = await county.command('/api/v1/members', {
        ...particulars,
        unionId: from,
        synthetic: true,
      });
      const before = await numbers();
      await county.command(`/api/v1/members/${first.id}/leave`, { reason: '离职' });
      check.equal('退会后 after leaving', (await numbers()).from, before.from - 1);
      const stale = await county.attempt({
        method: 'POST',
        path: `/api/v1/members/${member.id}/transfer`,
        body: { toUnionId: from },
        headers: { 'if-match': '"1"' },
      });
      check.refused('过期版本 stale version', stale, { status: 409, code: 'version-conflict' });
      const second = await county.command('/api/v1/members', {
        ...particulars,
        unionId: to,
        synthetic: true,
      });
      check.holds('新的会籍 a new membership', second.id !== first.id, `≠ ${first.id}`, second.id);
      await county.command(`/api/v1/members/${second.id}/leave`, { reason: '演示完毕' });
    },
  );
}
