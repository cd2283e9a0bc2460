import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayWorld } from '../gateway-world.fixture.ts';
import { tokenLifetime } from './issuer.ts';

let world: GatewayWorld;
let now = new Date('2026-05-01T00:00:00Z');

beforeAll(async () => {
  world = await GatewayWorld.open({ clock: () => now });
  await world.union('works', '');
  await world.settle();
});

afterAll(async () => {
  await world.close();
});

describe('A sign-in', () => {
  const unions = '/api/v1/unions';

  it('is asked for', async () => {
    const answer = await world.send('GET', unions);
    expect(answer).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="unionfold"');
  });

  it.each([
    ['nothing after Bearer', 'Bearer '],
    ['another scheme', 'Basic d2FuZzp3YW5n'],
    ['no token at all', 'Bearer not-a-token'],
    ['no signature', `Bearer ${unsigned({ alg: 'none' })}`],
    ['another algorithm', `Bearer ${unsigned({ alg: 'RS256' })}c2ln`],
  ])('with %s is malformed', async (_, authorization) => {
    const answer = await world.send('GET', unions, { headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'token-malformed' } });
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
  });

  it('with a changed claim is malformed', async () => {
    const { token } = await world.gateway.issuer.signIn({ unionId: 'works', role: 'worker' });
    const [header = '', claims = '', signature = ''] = token.split('.');
    const read = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...read, role: 'cadre' })).toString('base64url');
    const authorization = `Bearer ${[header, forged, signature].join('.')}`;
    const answer = await world.send('GET', unions, { headers: { authorization } });
    expect(answer).toMatchObject({ status: 401, body: { code: 'token-malformed' } });
  });

  it('is over after twelve hours', async () => {
    const before = now;
    const { token } = await world.gateway.issuer.signIn({ unionId: 'works', role: 'cadre' });
    const headers = { authorization: `Bearer ${token}` };
    now = new Date(before.getTime() + (tokenLifetime - 1) * 1_000);
    const last = await world.send('GET', unions, { headers });
    now = new Date(before.getTime() + tokenLifetime * 1_000);
    const over = await world.send('GET', unions, { headers });
    now = before;
    expect(last.status).toBe(200);
    expect(over).toMatchObject({ status: 401, body: { code: 'token-expired' } });
  });

  it('by a registered account says who it is, and only that', async () => {
    await world.gateway.issuer.registerAccount({
      account: 'works-cadre',
      unionId: 'works',
      role: 'cadre',
      title: '企业工会干部',
    });
    const listed = await world.send('GET', '/api/v1/sign-in');
    expect(listed.body.items).toEqual([
      { account: 'works-cadre', title: '企业工会干部', unionId: 'works', role: 'cadre' },
    ]);
    const signedIn = await world.send('POST', '/api/v1/sign-in', {
      body: { account: 'works-cadre' },
    });
    expect(signedIn.headers.get('cache-control')).toBe('no-store');
    const headers = { authorization: `Bearer ${signedIn.body.token}` };
    const answer = await world.send('GET', `${unions}/works`, { headers });
    expect(answer.body.id).toBe('works');
    expect(signedIn.body.subject).not.toContain('works');
  });

  it.each([
    ['an account that there is not', { account: 'nobody' }, 'account-unknown'],
    ['no union', { role: 'cadre' }, 'field-missing'],
    ['no role', { unionId: 'works' }, 'field-missing'],
    ['a worker who is nobody', { unionId: 'works', role: 'worker' }, 'field-missing'],
  ])('with %s is refused', async (_, body, code) => {
    const answer = await world.send('POST', '/api/v1/sign-in', { body });
    expect(answer.body.code).toBe(code);
    expect(answer.status).toBeGreaterThanOrEqual(400);
  });
});

/** A token that nobody signed. */
function unsigned(header: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'x', union: 'works', role: 'cadre', iss: 'unionfold-development' };
  return `${part(header)}.${part({ ...claims, aud: 'unionfold', exp: 4_000_000_000 })}.`;
}
