import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { MembersServiceService } from '@unionfold/contracts/members';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { isRefusal } from '@unionfold/eventsourcing';
import { createLogger, remoteService } from '@unionfold/service-kit';
import { type EmbeddedNode, loadTargetOf, startEmbeddedNode } from '../node/embedded-node.ts';
import { forEachConcurrently } from '../seed/concurrency.ts';
import { load } from '../seed/first-load.ts';
import { signIn, startChild } from './child.ts';
import type { Bench } from './figures.ts';
import { inFolder } from './folder.ts';

const membersEach = 10;
const county = 'cn-370202';
const from = 'cn-3702';
const to = 'cn-3703';
const width = 256;
const patienceMs = 120_000;
/** Everything that lies at a union's place in the tree. */
const placed = ['unions', 'members', 'cases', 'fund_lines', 'resources', 'changes', 'records'];

interface Totals {
  readonly unions: number;
  readonly members: number;
}

/**
 * Moving a county with 10,000 unions and 100,000 members to another city, over HTTP: from sending the command until the
 * county's place, the totals of both cities, the place of its unions, and the jurisdiction over its members are the new
 * ones, each asked of the gateway by cadres of the cities.
 */
export const move: Bench = ({ unions = 10_000, tell }) =>
  inFolder(async (dataDir) => {
    tell(`loading ${unions} unions with ${unions * membersEach} members into one county`);
    const node = await startEmbeddedNode({
      dataDir,
      host: '127.0.0.1',
      port: 0,
      logger: createLogger('warn'),
    });
    await load(
      await loadTargetOf(node),
      { enterprises: 1, membersEach: 1, townships: false },
      { start: () => undefined, step: () => undefined, stop: () => undefined },
    );
    const last = await fill(node, unions);
    const [federation] = node.gateway.projections;
    if (federation === undefined) throw new Error('there is no read model');
    await until(async () => {
      const member = await federation.get('members', last.memberId);
      return member !== undefined;
    });
    const path = `/cn/cn-37/${from}/${county}/`;
    let rewritten = 0;
    for (const collection of placed) {
      rewritten += await federation.count(collection, { prefix: { path }, limit: 10_000_000 });
    }
    await node.stop();

    const platform = await startChild(dataDir);
    try {
      const nation = await signIn(platform.url, 'cn');
      const ask = async (token: string, path: string, body?: object) => {
        const answer = await fetch(`${platform.url}/api/v1${path}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            authorization: `Bearer ${token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return { status: answer.status, body: await answer.json() };
      };
      const totals = async (id: string) =>
        (await ask(nation, `/unions/${id}/statistics`)).body as Totals;
      const before = { from: await totals(from), to: await totals(to), it: await totals(county) };
      const [oldCity, newCity] = [await signIn(platform.url, from), await signIn(platform.url, to)];
      const began = performance.now();
      const moved = await ask(nation, `/unions/${county}/move`, { toParentId: to });
      if (moved.status !== 200) throw new Error(`the move was answered with ${moved.status}`);
      await until(async () => {
        const now = { from: await totals(from), to: await totals(to) };
        return (
          now.from.members === before.from.members - before.it.members &&
          now.to.unions === before.to.unions + before.it.unions &&
          now.to.members === before.to.members + before.it.members &&
          (await ask(newCity, `/unions/${last.unionId}`)).status === 200 &&
          (await ask(newCity, `/members/${last.memberId}`)).status === 200 &&
          (await ask(oldCity, `/unions/${last.unionId}`)).status === 404 &&
          (await ask(oldCity, `/members/${last.memberId}`)).status === 404
        );
      });
      return {
        visible_s: (performance.now() - began) / 1_000,
        unions: before.it.unions,
        members: before.it.members,
        documents_rewritten: rewritten,
        resident_mb: platform.residentMb(),
      };
    } finally {
      await platform.stop();
    }
  });

/** Fills the county. */
async function fill(
  { directory }: EmbeddedNode,
  unions: number,
): Promise<{ readonly unionId: string; readonly memberId: string }> {
  const organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
  const members = remoteService(MembersServiceService, 'members', directory);
  const source = synthetic(11);
  const origin = { actor: 'bench', correlationId: 'bench' };
  const indexes = Array.from({ length: unions - 1 }, (_, index) => index + 1_000);
  await forEachConcurrently(indexes, width, async (index) => {
    const made = source.enterprise(index, '370202');
    const answer = await organizations.establishUnion(
      {
        unionId: `move-${index}`,
        name: made.unionName,
        type: UnionType.UNION_TYPE_ENTERPRISE,
        territorialParentId: county,
        industryParentId: '',
        regionCode: '370202',
        creditCode: made.unionCreditCode,
        foundedOn: '',
        synthetic: true,
        approvalDocument: '示例数据',
        approvedByUnionId: county,
      },
      origin,
    );
    if (isRefusal(answer)) throw new Error(`a union was refused: ${answer.refused}`);
  });
  const people = Array.from({ length: unions * membersEach }, (_, index) => index + 1_000);
  await forEachConcurrently(people, width, async (index) => {
    const answer = await members.enrolMember(
      {
        memberId: `move-${index}`,
        unionId: `move-${1_000 + (index % indexes.length)}`,
        ...source.person(index),
        joinedOn: '',
        synthetic: true,
      },
      origin,
    );
    if (isRefusal(answer)) throw new Error(`a member was refused: ${answer.refused}`);
  });
  return { unionId: `move-${indexes.at(-1)}`, memberId: `move-${people.at(-1)}` };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error('it did not become visible');
  }
}
