import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { createLogger, remoteService } from '@unionfold/service-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedNode, startEmbeddedNode } from './embedded-node.ts';

/** What came back over HTTP. */
interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON came back
  readonly body: any;
}

let folder: string;
let node: EmbeddedNode;
/** Where the last command went: the next query waits for it. */
let position = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unionfold-e2e-'));
  const logger = createLogger('silent');
  node = await startEmbeddedNode({
    dataDir: join(folder, 'data'),
    host: '127.0.0.1',
    port: 0,
    logger,
  });
  const organizations = remoteService(OrganizationsServiceService, 'organizations', node.directory);
  for (const [unionId, parentId, type] of [
    ['cn', '', UnionType.UNION_TYPE_NATIONAL],
    ['p', 'cn', UnionType.UNION_TYPE_PROVINCIAL],
    ['works', 'p', UnionType.UNION_TYPE_ENTERPRISE],
    ['heir', 'p', UnionType.UNION_TYPE_ENTERPRISE],
  ] as const) {
    await organizations.establishUnion(
      {
        unionId,
        name: `${unionId} 工会`,
        type,
        territorialParentId: parentId,
        industryParentId: '',
        regionCode: '',
        creditCode: '',
        foundedOn: '',
        synthetic: true,
        approvalDocument: '1',
        approvedByUnionId: parentId === '' ? unionId : parentId,
      },
      { actor: 'test', correlationId: 'test' },
    );
  }
});

afterAll(async () => {
  await node.stop();
  await rm(folder, { recursive: true, force: true });
});

async function as(unionId: string) {
  const who = { unionId, role: 'cadre', person: `cadre of ${unionId}` } as const;
  const { token } = await node.gateway.issuer.signIn(who);
  return async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${node.gateway.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'GET' && position !== '' ? { 'unionfold-position': position } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    position = response.headers.get('unionfold-position') ?? position;
    return { status: response.status, body: await response.json() };
  };
}

/** Asks until the answer is as it should be: reactions of other services take their time. */
async function eventually(ask: () => Promise<unknown>, expected: unknown): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (JSON.stringify(await ask()) === JSON.stringify(expected)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(await ask()).toEqual(expected);
}

describe('a union elects (换届选举)', () => {
  it('from the report over the approval to the hand-over, with real members', async () => {
    const works = await as('works');
    const province = await as('p');
    const people = synthetic(23);
    const members: string[] = [];
    for (let index = 0; index < 5; index++) {
      const { name, citizenNumber, mobile } = people.person(index);
      const answer = await works('POST', '/members', {
        unionId: 'works',
        name,
        citizenNumber,
        mobile,
        joinedOn: '2025-05-01',
        synthetic: true,
      });
      expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
      members.push(answer.body.id);
    }
    const [chair, vice, member, next] = members as [string, string, string, string];
    const post = (name: string, memberId: string) => ({
      body: 'committee',
      post: name,
      memberId,
      fullTime: false,
    });
    const posts = [post('chair', chair), post('vice-chair', vice), post('member', member)];
    const election = { kind: 'regular', heldOn: '2025-06-01', termYears: 3 };

    const stranger = [...posts.slice(0, 2), post('member', 'nobody')];
    const refused = await works('POST', '/unions/works/elections', {
      ...election,
      posts: stranger,
    });
    expect(refused.body).toMatchObject({ code: 'officer-not-a-member' });

    const reported = await works('POST', '/unions/works/elections', { ...election, posts });
    expect(reported.status).toBe(201);
    const approve = `/elections/${reported.body.id}/approve`;
    const own = await works('POST', approve, { approvalDocument: '1' });
    expect(own.body).toMatchObject({ code: 'not-an-upper-union' });
    const approved = await province('POST', approve, {
      approvalDocument: '鲁工发〔2025〕1号',
      approvedOn: '2025-06-10',
    });
    expect(approved.status).toBe(200);
    const committee = (await works('GET', '/unions/works/committee')).body;
    expect(committee).toMatchObject({ termNumber: 1, endsOn: '2028-06-01' });
    const missing = async () => {
      const { body } = await province('GET', '/unions/works/quality');
      const names = body.toFix.map(({ name }: { name: string }) => name);
      return ['committee', 'audit-committee'].filter((name) => names.includes(name));
    };
    expect(await missing()).toEqual(['audit-committee']);

    const given = await works('POST', '/unions/works/duties', {
      title: 'verify-case',
      subjectType: 'hardship-case',
      subjectId: 'k1',
      body: 'committee',
      post: 'vice-chair',
    });
    expect(given.status).toBe(201);
    const holderOf = async (unionId: string) => {
      const { body } = await province('GET', `/unions/${unionId}/duties`);
      return body.items.map(({ holderId }: { holderId?: string }) => holderId ?? '');
    };
    expect(await holderOf('works')).toEqual([vice]);

    // 会籍转出: the vice chair goes to another union, and the post is vacant.
    const moved = await province('POST', `/members/${vice}/transfer`, {
      toUnionId: 'heir',
      reason: '调动',
    });
    expect(moved.status).toBe(200);
    await eventually(() => holderOf('works'), [chair]);
    const vacancies = async () =>
      (await works('GET', '/unions/works/committee')).body.bodies[0].vacancies;
    await eventually(vacancies, ['vice-chair']);

    // 补选
    const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
    const filled = await province('POST', '/unions/works/elections', {
      kind: 'by-election',
      heldOn: today,
      posts: [post('vice-chair', next)],
      approvalDocument: '鲁工发〔2025〕2号',
    });
    expect(filled, JSON.stringify(filled.body)).toMatchObject({ status: 201 });
    expect(await holderOf('works')).toEqual([next]);

    // 撤销: what is open goes to the successor.
    const dissolved = await province('POST', '/unions/works/dissolve', {
      successorId: 'heir',
      reason: '企业注销',
    });
    expect(dissolved.status).toBe(200);
    await eventually(() => holderOf('heir'), ['']);
    await eventually(
      async () => (await province('GET', '/unions/works/committee')).body.termNumber ?? 'none',
      'none',
    );
    expect(await missing()).toEqual(['committee', 'audit-committee']);
    expect((await province('GET', '/unions/works/committee?asOf=2025-07-01')).body.termNumber).toBe(
      1,
    );
    const wasAsked = async () =>
      (await province('GET', '/inbox')).body.items.some(
        ({ template }: { template: string }) => template === 'election-awaits-approval',
      );
    await eventually(wasAsked, true);
  });
});
