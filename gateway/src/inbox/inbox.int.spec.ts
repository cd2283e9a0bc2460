import { RecipientKind } from '@unionfold/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';

let world: GatewayWorld;
let cadre: Client;
const { RECIPIENT_KIND_UNION: toUnion, RECIPIENT_KIND_MEMBER: toMember } = RecipientKind;

beforeAll(async () => {
  let now = Date.parse('2026-05-01T00:00:00Z');
  world = await GatewayWorld.open();
  await world.union('works', '');
  for (let i = 0; i < 5; i++) {
    now += 1_000;
    await world.notice(`notice-${i}`, toUnion, 'works', new Date(now));
  }
  // Two at the same moment: their order is that of their ids.
  await world.notice('notice-b', toUnion, 'works', new Date(now + 1_000));
  await world.notice('notice-a', toUnion, 'works', new Date(now + 1_000));
  await world.notice('private', toMember, 'works', new Date(now));
  await world.settle();
  world.instead.set('notifications.markNoticeRead', async ({ noticeId }, call) => {
    const data = { noticeId, recipientKind: toUnion, recipientId: 'works' };
    const stream = { aggregate: 'notice', id: noticeId };
    return await world.accept('notifications', call, stream, [{ type: 'NoticeRead', data }]);
  });
  cadre = await world.as({ unionId: 'works', role: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

async function read(path: string): Promise<{ ids: string[]; unread: number; next?: string }> {
  const { body } = await cadre('GET', path);
  return { ...body, ids: body.items.map(({ id }: { id: string }) => id) };
}

describe('The inbox of a union', () => {
  it('holds its notices, the newest first, a page at a time', async () => {
    const first = await read('/inbox?limit=3');
    expect(first.ids).toEqual(['notice-a', 'notice-b', 'notice-4']);
    expect(first.unread).toBe(7);
    const rest = await read(`/inbox?cursor=${first.next}`);
    expect(rest.ids).toEqual(['notice-3', 'notice-2', 'notice-1', 'notice-0']);
    expect(rest.next).toBeUndefined();
  });

  it('tells the texts in the language of the reader', async () => {
    for (const [language, text] of [
      ['zh', /\p{Script=Han}/u],
      ['en', /^[^\p{Script=Han}]+$/u],
    ] as const) {
      const { body } = await cadre('GET', '/inbox?limit=1', {
        headers: { 'accept-language': language },
      });
      expect(body.items[0].title).toMatch(text);
      expect(body.items[0].template).toBe('union-approved');
    }
  });

  it('counts a notice that was read no longer', async () => {
    const done = await cadre('POST', '/inbox/notice-3/read');
    expect(done).toMatchObject({ status: 200, body: { id: 'notice-3' } });
    const after = `position=${done.body.position}`;
    const unread = await read(`/inbox?show=unread&${after}`);
    expect(unread.ids).toEqual([
      'notice-a',
      'notice-b',
      'notice-4',
      'notice-2',
      'notice-1',
      'notice-0',
    ]);
    expect(unread.unread).toBe(6);
    expect((await read('/inbox')).ids).toContain('notice-3');
  });

  it('is not that of a member with the same id', async () => {
    expect((await read('/inbox')).ids).not.toContain('private');
    const answer = await cadre('POST', '/inbox/private/read', { body: {} });
    expect(answer).toMatchObject({ status: 404, body: { code: 'notice-unknown' } });
    const withBody = await cadre('POST', '/inbox/notice-1/read', { body: { read: false } });
    expect(withBody).toMatchObject({ status: 422, body: { code: 'unknown-field' } });
  });
});
