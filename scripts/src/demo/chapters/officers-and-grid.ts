import { chinaDate, synthetic } from '@unionfold/codes';
import { settled } from '../api/operations.ts';
import type { Page } from '../api/shapes.ts';
import { storyPerson } from '../people.ts';
import { places, type Scene } from '../scene.ts';
import { storySeed } from './establishment.ts';

const firstPerson = 960;

interface Committee {
  readonly termNumber?: number;
  readonly bodies: readonly { readonly vacancies: readonly string[] }[];
}

interface Coverage {
  readonly employers: {
    readonly known: number;
    readonly covered: number;
    readonly inCells: number;
  };
}

/** A union elects its committee, an officer leaves, and the grid shows which employers nobody reaches. */
export async function officersAndGrid({ story, platform, people }: Scene): Promise<void> {
  const { county, operator } = people;

  const union = await story.step(
    '企业工会选出三人委员会,报区总工会批复;本级不能自批',
    'An enterprise union elects a committee of three; the county approves it, the union itself cannot',
    async (check) => {
      const made = synthetic(storySeed).enterprise(21, '370202');
      const { id } = await county.command('/api/v1/unions', {
        name: made.unionName,
        type: 'enterprise',
        territorialParentId: places.county,
        creditCode: made.unionCreditCode,
        synthetic: true,
        approvalDocument: '南工批〔2026〕31号',
      });
      const members: string[] = [];
      for (let index = 0; index < 4; index++) {
        const { name, citizenNumber } = storyPerson(firstPerson + index);
        const body = { unionId: id, name, citizenNumber, synthetic: true };
        members.push((await county.command('/api/v1/members', body)).id);
      }
      await settled(operator);
      const [chair = '', vice = '', member = '', next = ''] = members;
      const post = (name: string, memberId: string) => ({
        body: 'committee',
        post: name,
        memberId,
        fullTime: false,
      });
      const own = await platform.signIn({ unionId: id, role: 'cadre' });
      const election = await own.command(`/api/v1/unions/${id}/elections`, {
        kind: 'regular',
        heldOn: chinaDate(new Date()),
        termYears: 3,
        posts: [post('chair', chair), post('vice-chair', vice), post('member', member)],
      });
      const path = `/api/v1/elections/${election.id}/approve`;
      const approval = { approvalDocument: '南工批〔2026〕32号' };
      const refused = await own.attempt({ method: 'POST', path, body: approval });
      check.refused('自批 by itself', refused, { status: 403, code: 'not-an-upper-union' });
      await county.command(path, approval);
      const committee = await own.get<Committee>(`/api/v1/unions/${id}/committee`);
      check.equal('届次 term', committee.termNumber, 1);
      return { id, own, post, chair, vice, next };
    },
  );

  await story.step(
    '副主席离会:职务空缺,手中待办自动移交主席;补选后由继任者接手',
    'The vice chair leaves the union: the post is vacant, open duties pass to the chair, and to the successor once elected',
    async (check) => {
      const { id, own, post, chair, vice, next } = union;
      await own.command(`/api/v1/unions/${id}/duties`, {
        title: 'verify-case',
        subjectType: 'hardship-case',
        subjectId: 'demo',
        body: 'committee',
        post: 'vice-chair',
      });
      const holders = async () =>
        (
          await own.get<Page<{ readonly holderId?: string }>>(`/api/v1/unions/${id}/duties`)
        ).items.map(({ holderId }) => holderId);
      check.equal('待办 duties', await holders(), [vice]);
      await own.command(`/api/v1/members/${vice}/leave`, { reason: '离职' });
      await settled(operator);
      check.equal('移交主席 to the chair', await holders(), [chair]);
      const committee = await own.get<Committee>(`/api/v1/unions/${id}/committee`);
      check.equal('空缺 vacant', committee.bodies[0]?.vacancies, ['vice-chair']);
      await county.command(`/api/v1/unions/${id}/elections`, {
        kind: 'by-election',
        heldOn: chinaDate(new Date()),
        posts: [post('vice-chair', next)],
        approvalDocument: '南工批〔2026〕33号',
      });
      check.equal('继任者接手 to the successor', await holders(), [next]);
    },
  );

  await story.step(
    '网格:两家未建会的企业,一家入网格,一家成为盲区;入会建会后消除',
    'The grid: of two employers without a union one is in a cell, the other a blind spot, until a union covers it',
    async (check) => {
      const coverage = async () => {
        const path = `/api/v1/unions/${places.county}/coverage`;
        const { known, covered, inCells } = (await county.get<Coverage>(path)).employers;
        return { known, covered, inCells };
      };
      const before = await coverage();
      const register = async (index: number, employees: number) => {
        const { name, creditCode } = synthetic(storySeed).enterprise(index, '370202');
        const body = { creditCode, name, regionCode: '370202', employees };
        return (await county.command('/api/v1/employers', body)).id;
      };
      const [large, small] = [await register(22, 80), await register(23, 9)];
      const cell = await county.command('/api/v1/cells', {
        unionId: places.county,
        name: '第一网格(演示)',
      });
      await county.post(`/api/v1/cells/${cell.id}/employers`, { creditCodes: [small] });
      await settled(operator);
      const now = await coverage();
      check.equal('覆盖 coverage', now, {
        known: before.known + 2,
        covered: before.covered,
        inCells: before.inCells + 1,
      });
      const spots = async () =>
        (
          await county.get<Page<{ readonly employer?: { readonly id: string } }>>(
            `/api/v1/unions/${places.county}/blind-spots?kind=employer-without-union`,
          )
        ).items.map(({ employer }) => employer?.id);
      check.holds('盲区 a blind spot', (await spots()).includes(large), large, await spots());
      await county.put(`/api/v1/unions/${union.id}/units/${large}`, {
        name: '被覆盖单位(演示)',
        employees: 80,
      });
      await settled(operator);
      check.equal('已覆盖 covered', (await coverage()).covered, before.covered + 1);
      check.holds(
        '盲区消除 no blind spot',
        !(await spots()).includes(large),
        'none',
        await spots(),
      );
    },
  );
}
