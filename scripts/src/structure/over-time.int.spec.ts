import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { patience, World } from './world.fixture.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
});

afterEach(async () => {
  await world.close();
});

describe('A merger into a live union (合并)', () => {
  it('keeps the target’s data, takes everything along, and can be undone', async () => {
    const [source, target] = [await world.enterprise('x'), await world.enterprise('y')];
    const workshop = await world.done('POST', '/unions', {
      name: '一车间分工会',
      type: 'sub-union',
      territorialParentId: source,
      approvalDocument: '批2号',
      synthetic: true,
    });
    const people = [await world.member(source), await world.member(source)];
    await world.member(target);
    await world.member(workshop);
    const fund = { source: 'union-dues', name: '互助金', budgetFen: 1_000_00 };
    const fundLine = await world.done('POST', '/fund-lines', { unionId: source, ...fund });
    const before = await world.get(`/unions/${target}`);
    await world.eventually('/unions/c/statistics', { unions: 6, members: 4 });

    const change = { kind: 'merge', unionId: source, successorId: target, reason: '企业合并' };
    const impact = await world.send('POST', '/changes/preview', change);
    expect(impact.body).toMatchObject({
      unions: 2,
      members: 3,
      ownMembers: 2,
      fundLines: 1,
      fundBalanceFen: 1_000_00,
      movedSubordinateIds: [workshop],
      successorId: target,
      needsApproval: true,
      undoable: true,
    });
    expect((await world.get(`/unions/${source}`)).status).toBe('active');

    const changeId = await world.done('POST', '/changes', { ...change, approvalDocument: '批3号' });
    await world.eventually(`/changes/${changeId}`, { status: 'in-effect' });
    const merged = await world.get(`/unions/${source}`);
    expect(merged).toMatchObject({ status: 'dissolved', successorId: target });
    const after = await world.get(`/unions/${target}`);
    expect({ ...after, statistics: 0 }).toEqual({ ...before, statistics: 0 });
    await world.eventually(`/unions/${target}/statistics`, {
      unions: 2,
      members: 4,
      ownMembers: 3,
    });
    await world.eventually('/unions/x/statistics', { unions: 1, members: 0 });
    await world.eventually('/unions/c/statistics', { unions: 5, members: 4 });
    await world.eventually(`/unions/${workshop}`, { parentId: target });
    await world.eventually(`/fund-lines/${fundLine}`, { unionId: target });

    await world.done('POST', `/changes/${changeId}/undo`, { reason: '登记有误' });
    await world.eventually(`/changes/${changeId}`, { status: 'undone' });
    await world.eventually(`/unions/${source}`, { status: 'active' });
    await world.eventually(`/unions/${source}/statistics`, {
      unions: 2,
      members: 3,
      ownMembers: 2,
    });
    await world.eventually(`/unions/${target}/statistics`, { unions: 1, members: 1 });
    for (const id of people) await world.eventually(`/members/${id}`, { unionId: source });
    await world.eventually(`/fund-lines/${fundLine}`, { unionId: source });
    const again = await world.send('POST', `/changes/${changeId}/undo`, {});
    expect(again).toMatchObject({ status: 409, body: { code: 'change-not-in-effect' } });
  });
});

describe('A change whose day lies ahead', () => {
  it('waits for approval and its day, and every day is told as it was', async () => {
    const union = await world.enterprise('x');
    await world.member(union);
    await world.eventually('/unions/x/statistics', { unions: 2, members: 1 });
    const first = world.today;
    const second = await world.nextDay();
    const effectiveOn = '2026-03-05';
    const move = { kind: 'move', unionId: union, toParentId: 'y', effectiveOn };
    const changeId = await world.done('POST', '/changes', move);
    await world.eventually(`/changes/${changeId}`, { status: 'proposed', effectiveOn });
    await world.signIn('x');
    const own = await world.send('POST', `/changes/${changeId}/approve`, {
      approvalDocument: '批',
    });
    expect(own).toMatchObject({ status: 403, body: { code: 'not-an-upper-union' } });
    await world.signIn('c');
    await world.done('POST', `/changes/${changeId}/approve`, { approvalDocument: '批4号' });
    await world.eventually(`/changes/${changeId}`, { status: 'approved' });
    expect((await world.get(`/unions/${union}`)).parentId).toBe('x');
    await world.nextDay(2);
    await world.eventually(`/changes/${changeId}`, { status: 'in-effect' });
    await world.eventually('/unions/y/statistics', { unions: 2, members: 1 });
    await world.member(union);
    await world.eventually('/unions/y/statistics', { members: 2 });

    for (const day of [first, second]) {
      const asOf = `asOf=${day}`;
      expect((await world.get(`/unions/${union}?${asOf}`)).parentId).toBe('x');
      const then = await world.get(`/unions/x/statistics?${asOf}`);
      expect(then).toMatchObject({ unions: 2, members: 1 });
      const now = await world.get(`/unions/x/statistics?${asOf}&structure=now`);
      expect(now).toMatchObject({ unions: 1, members: 0 });
      const here = await world.get(`/unions/y/statistics?${asOf}&structure=now`);
      expect(here).toMatchObject({ unions: 2, members: 1 });
      const children = await world.get(`/unions/x/children?${asOf}`);
      expect(children.items).toMatchObject([{ id: union, statistics: { members: 1 } }]);
      const line = await world.get(`/unions/${union}/ancestors?${asOf}`);
      expect(line.items.map(({ id }: { id: string }) => id)).toEqual(['x', 'c', 'p', 'cn']);
    }
    const log = await world.get(`/unions/y/structure-changes?from=${first}`);
    expect(log.items).toHaveLength(3);
    expect(log.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ event: 'UnionApproved', unionId: 'y', day: first }),
        expect.objectContaining({ event: 'UnionApproved', unionId: union, day: first }),
        expect.objectContaining({ event: 'UnionMoved', unionId: union, day: effectiveOn }),
      ]),
    );
    const left = await world.get(`/unions/x/structure-changes?from=${second}`);
    expect(left.items).toMatchObject([{ event: 'UnionMoved', unionId: union, day: effectiveOn }]);
    await world.signIn('x');
    expect((await world.send('GET', `/unions/${union}`)).status).toBe(404);
    expect((await world.get(`/unions/${union}?asOf=${first}`)).parentId).toBe('x');
  });

  it('fails on its day, and says why, when it cannot be carried out any more', async () => {
    const union = await world.enterprise('x');
    const changeId = await world.done('POST', '/changes', {
      kind: 'rename',
      unionId: union,
      name: '新名称工会',
      effectiveOn: '2026-03-03',
      approvalDocument: '批5号',
    });
    await world.done('POST', `/unions/${union}/dissolve`, {});
    await world.eventually(`/changes/${changeId}`, { status: 'approved' });
    await world.nextDay();
    await world.eventually(`/changes/${changeId}`, {
      status: 'failed',
      problem: 'union-dissolved',
    });
  });
});

describe('A split (分立)', () => {
  it('takes subordinates, employers and members along, and undone they come back', async () => {
    const union = await world.enterprise('x');
    const workshop = await world.done('POST', '/unions', {
      name: '二车间分工会',
      type: 'sub-union',
      territorialParentId: union,
      approvalDocument: '批6号',
    });
    const [one, two] = [await world.member(union), await world.member(union)];
    const unit = { name: '示例有限公司', employees: 40 };
    await world.done('PUT', `/unions/${union}/units/91350100M000100Y43`, unit);
    const changeId = await world.done('POST', '/changes', {
      kind: 'split',
      unionId: union,
      parts: [
        {
          name: '分出的工会',
          subordinateIds: [workshop],
          unitCreditCodes: ['91350100M000100Y43'],
          memberIds: [two],
        },
      ],
      approvalDocument: '批7号',
    });
    await world.eventually(`/changes/${changeId}`, { status: 'in-effect' });
    const part = (await world.get(`/changes/${changeId}`)).parts[0].unionId;
    await world.eventually(`/members/${two}`, { unionId: part });
    await world.eventually(`/unions/${workshop}`, { parentId: part });
    expect((await world.get(`/members/${one}`)).unionId).toBe(union);
    expect((await world.get(`/unions/${part}/record`)).units).toMatchObject([unit]);
    await world.done('POST', `/changes/${changeId}/undo`, {});
    await world.eventually(`/members/${two}`, { unionId: union });
    await world.eventually(`/unions/${union}/statistics`, { unions: 2, members: 2 });
    expect((await world.get(`/unions/${union}/record`)).units).toMatchObject([unit]);
  });
});

describe('A suspended union (暂停活动)', () => {
  it('keeps its members, takes none, and goes on when it is resumed', async () => {
    const union = await world.enterprise('x');
    await world.member(union);
    const done = { unionId: union, approvalDocument: '批8号' };
    await world.done('POST', '/changes', { kind: 'suspend', ...done });
    await world.eventually(`/unions/${union}`, { status: 'suspended', statistics: { members: 1 } });
    await vi.waitFor(async () => {
      const refused = await world.send('POST', `/members`, {
        unionId: union,
        name: '王小明',
        citizenNumber: '11010519491231002X',
      });
      expect(refused.body.code).toBe('union-suspended');
    }, patience);
    await world.done('POST', '/changes', { kind: 'resume', ...done });
    await world.eventually(`/unions/${union}`, { status: 'active' });
    await vi.waitFor(() => world.member(union), patience);
  });
});

describe('The quality of records (数据质量)', () => {
  it('is a score with what to fix, and a rank within the upper union', async () => {
    const [better, worse] = [await world.enterprise('x'), await world.enterprise('x')];
    const before = await world.get(`/unions/${better}/quality`);
    expect(before).toMatchObject({ rank: 1, of: 2 });
    expect(before.toFix.map(({ name }: { name: string }) => name)).toContain('contact');
    await world.done('PUT', `/unions/${better}/record`, {
      contactOffice: '办公室',
      contactPhone: '0532-80000000',
      functions: ['protect'],
    });
    await world.done('POST', `/unions/${better}/record/verify`, {});
    await world.eventually(`/unions/${better}/quality`, { verifiedOn: world.today, rank: 1 });
    const after = await world.get(`/unions/${better}/quality`);
    expect(after.score).toBeGreaterThan(before.score);
    const names = after.toFix.map(({ name }: { name: string }) => name);
    expect(names).not.toContain('contact');
    expect(names).toContain('covered-unit');
    await world.done('PUT', `/unions/${better}/units/91350100M000100Y43`, {
      name: '示例有限公司',
      employees: 40,
    });
    const covering = await world.get(`/unions/${better}/quality`);
    expect(covering.toFix.map(({ name }: { name: string }) => name)).not.toContain('covered-unit');
    expect((await world.get(`/unions/${better}/coverage`)).employers).toMatchObject({ known: 1 });
    expect(await world.get(`/unions/${worse}/quality`)).toMatchObject({ rank: 2, of: 2 });
    const list = await world.get('/unions/x/quality/list');
    expect(list.items.map(({ unionId }: { unionId: string }) => unionId)).toEqual([worse, better]);
  });
});
