import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnionType } from '@unionfold/contracts';
import {
  type EstablishUnionRequest,
  OrganizationsServiceService,
} from '@unionfold/contracts/organizations';
import { isRefusal } from '@unionfold/eventsourcing';
import {
  createLogger,
  type Platform,
  type RemoteMethods,
  type RunningService,
  remoteService,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import {
  openTestPlatform,
  publishedHeads,
  removeTestPlatform,
} from '@unionfold/service-kit/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { organizationsModule } from './service.ts';

let folder: string;
let platform: Platform;
let service: RunningService;
let directory: ServiceDirectory;
let organizations: RemoteMethods<typeof OrganizationsServiceService>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unionfold-organizations-'));
  platform = await openTestPlatform({ dataDir: folder, partitions: 3 });
  directory = new ServiceDirectory();
  const logger = createLogger('silent');
  service = await startService(organizationsModule, { platform, directory, logger });
  directory.set('organizations', `127.0.0.1:${service.port}`);
  organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
  await establish({ unionId: 'cn', type: UnionType.UNION_TYPE_NATIONAL, approvedByUnionId: 'cn' });
  await establish({
    unionId: 'p1',
    type: UnionType.UNION_TYPE_PROVINCIAL,
    territorialParentId: 'cn',
    approvedByUnionId: 'cn',
  });
});

afterEach(async () => {
  await service.stop();
  directory.close();
  await platform.close();
  await removeTestPlatform(folder);
  await rm(folder, { recursive: true });
});

const origin = { actor: 'cadre', correlationId: 'test' };

async function establish(request: Partial<EstablishUnionRequest>): Promise<string> {
  const answer = await organizations.establishUnion(
    {
      unionId: '',
      name: `工会 ${request.unionId ?? ''}`,
      type: UnionType.UNION_TYPE_ENTERPRISE,
      territorialParentId: '',
      industryParentId: '',
      regionCode: '',
      creditCode: '',
      foundedOn: '',
      synthetic: true,
      approvalDocument: '1',
      approvedByUnionId: request.territorialParentId ?? '',
      ...request,
    },
    origin,
  );
  return isRefusal(answer) ? answer.refused : answer.id;
}

async function move(unionId: string, toParentId: string): Promise<string> {
  const answer = await organizations.moveUnion(
    { unionId, toParentId, reason: '', expectedVersion: 0n },
    origin,
  );
  return isRefusal(answer) ? answer.refused : 'moved';
}

async function dissolve(unionId: string): Promise<string> {
  const answer = await organizations.dissolveUnion(
    { unionId, successorId: '', reason: '', expectedVersion: 0n },
    origin,
  );
  return isRefusal(answer) ? answer.refused : 'dissolved';
}

async function line(unionId: string): Promise<string[]> {
  const answer = await organizations.listAncestors({ unionId }, origin);
  return isRefusal(answer) ? [answer.refused] : answer.unions.map((union) => union.unionId);
}

describe('organizations', () => {
  it('never closes a circle when two unions are moved under each other at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const [a, b] = [`a${round}`, `b${round}`];
      await establish({ unionId: a, territorialParentId: 'p1' });
      await establish({ unionId: b, territorialParentId: 'p1' });
      const outcomes = await Promise.all([move(a, b), move(b, a)]);
      expect(outcomes.toSorted()).toEqual(['move-into-own-subtree', 'moved']);
      expect((await line(a)).at(-1)).toBe('cn');
      expect((await line(b)).at(-1)).toBe('cn');
    }
  });

  it('never leaves a union under one that is dissolved at the same time', async () => {
    for (let round = 0; round < 20; round++) {
      const [upper, lower] = [`u${round}`, `l${round}`];
      await establish({ unionId: upper, territorialParentId: 'p1' });
      const [established, outcome] = await Promise.all([
        establish({ unionId: lower, territorialParentId: upper }),
        dissolve(upper),
      ]);
      const possible = [
        [lower, 'union-has-subordinates'],
        ['parent-not-live', 'dissolved'],
      ];
      expect(possible).toContainEqual([established, outcome]);
    }
  });

  it('establishes many unions under one at the same time', async () => {
    const ids = Array.from({ length: 300 }, (_, index) => `e${index}`);
    const made = await Promise.all(
      ids.map((unionId) => establish({ unionId, territorialParentId: 'p1' })),
    );
    expect(made).toEqual(ids);
    const children = service.projections.find(({ projection }) => projection.name === 'children');
    const targets = await publishedHeads(platform, 'organizations');
    expect(await children?.waitFor(targets, 10_000)).toBe(true);
    const listed: string[] = [];
    for (let pageToken = ''; ; ) {
      const page = await organizations.listChildren(
        { unionId: 'p1', pageSize: 70, pageToken },
        origin,
      );
      if (isRefusal(page)) throw new Error(page.refused);
      listed.push(...page.unions.map((union) => union.unionId));
      pageToken = page.nextPageToken;
      if (pageToken === '') break;
    }
    expect(listed.toSorted()).toEqual(ids.toSorted());
  });

  it('gives a credit code to one union only, whoever comes first', async () => {
    const creditCode = '81370200MC1234566U';
    const made = await Promise.all(
      ['x1', 'x2', 'x3'].map((unionId) =>
        establish({ unionId, territorialParentId: 'p1', creditCode }),
      ),
    );
    const [winner] = made.filter((id) => id !== 'credit-code-taken');
    expect(made.filter((id) => id === 'credit-code-taken')).toHaveLength(2);
    expect(await dissolve(winner ?? '')).toBe('dissolved');
    expect(await establish({ unionId: 'x4', territorialParentId: 'p1', creditCode })).toBe('x4');
  });

  it('answers a repeated command with its first result, and appends nothing', async () => {
    const command = { unionId: 'p1', name: '新省总工会', reason: '', expectedVersion: 0n };
    const keyed = { ...origin, idempotencyKey: 'k1' };
    const first = await organizations.renameUnion(command, keyed);
    const second = await organizations.renameUnion(command, keyed);
    expect(second).toEqual(first);
    const other = await organizations.renameUnion({ ...command, name: '另一个' }, keyed);
    expect(other).toMatchObject({ refused: 'idempotency-key-reused' });
  });

  it('refuses a stale version and tells both', async () => {
    const answer = await organizations.renameUnion(
      { unionId: 'p1', name: '新名', reason: '', expectedVersion: 1n },
      origin,
    );
    expect(answer).toMatchObject({
      refused: 'version-conflict',
      field: 'expectedVersion',
      params: { expected: 1, actual: 2 },
    });
  });

  it('shares resources, and lets only the owner withdraw them', async () => {
    const offer = await organizations.offerResource(
      {
        resourceId: '',
        ownerUnionId: 'p1',
        kind: 'RESOURCE_KIND_VENUE' as never,
        name: '职工之家',
        description: '',
        audience: 'RESOURCE_AUDIENCE_ALL' as never,
      },
      origin,
    );
    if (isRefusal(offer)) throw new Error(offer.refused);
    const withdraw = (ownerUnionId: string) =>
      organizations.withdrawResource({ resourceId: offer.id, ownerUnionId, reason: '' }, origin);
    expect(await withdraw('cn')).toMatchObject({ refused: 'resource-unknown' });
    expect(await withdraw('p1')).toMatchObject({ id: offer.id, version: 2n });
    expect(await withdraw('p1')).toMatchObject({ version: 2n, positions: [] });
  });
});
