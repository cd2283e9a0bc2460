import { connect } from 'node:net';
import { problems } from '@unionfold/contracts/problems';
import { refuse } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld, type Sending } from '../gateway-world.fixture.ts';
import { tokenLifetime } from '../identity/issuer.ts';

let world: GatewayWorld;
let cadre: Client;
let now = new Date('2026-05-01T00:00:00Z');

beforeAll(async () => {
  world = await GatewayWorld.open({ clock: () => now });
  await world.union('works', '');
  await world.settle();
  cadre = await world.as({ unionId: 'works', role: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  world.received.length = 0;
  world.instead.clear();
});

const json = { 'content-type': 'application/json' };
const person = { unionId: 'works', name: '王小明', citizenNumber: '1' };

interface Bad {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  readonly sending?: Sending;
  readonly status: number;
  readonly code: string;
  /** Fields at fault with their codes. */
  readonly errors?: readonly (readonly [string, string])[];
}

const bad: readonly Bad[] = [
  {
    what: 'a field that there is not',
    path: '/members',
    sending: { body: { ...person, nmae: '王' } },
    status: 422,
    code: 'unknown-field',
    errors: [['nmae', 'unknown-field']],
  },
  {
    what: 'a field __proto__',
    path: '/members',
    sending: {
      raw: `{"unionId":"works","name":"王","citizenNumber":"1","__proto__":{"synthetic":true}}`,
      headers: json,
    },
    status: 422,
    code: 'unknown-field',
    errors: [['__proto__', 'unknown-field']],
  },
  {
    what: 'a missing field',
    path: '/members',
    sending: { body: { unionId: 'works', name: '王' } },
    status: 422,
    code: 'field-missing',
    errors: [['citizenNumber', 'field-missing']],
  },
  {
    what: 'a number where a text belongs',
    path: '/members',
    sending: { body: { ...person, mobile: 13812345678 } },
    status: 422,
    code: 'field-type-wrong',
    errors: [['mobile', 'field-type-wrong']],
  },
  {
    what: 'a text where a number belongs, which is not converted',
    path: '/hardship-cases/case/approve',
    sending: { body: { amountFen: '100' } },
    status: 422,
    code: 'field-type-wrong',
    errors: [['amountFen', 'field-type-wrong']],
  },
  {
    what: 'a negative amount',
    path: '/hardship-cases/case/approve',
    sending: { body: { amountFen: -1 } },
    status: 422,
    code: 'field-out-of-range',
    errors: [['amountFen', 'field-out-of-range']],
  },
  {
    what: 'a kind that there is not',
    path: '/unions',
    sending: { body: { name: '新', type: 'galactic', territorialParentId: 'works' } },
    status: 422,
    code: 'field-value-not-allowed',
    errors: [['type', 'field-value-not-allowed']],
  },
  {
    what: 'a day that the calendar does not have',
    path: '/members',
    sending: { body: { ...person, joinedOn: '2026-02-29' } },
    status: 422,
    code: 'date-invalid',
    errors: [['joinedOn', 'date-invalid']],
  },
  {
    what: 'a text without end',
    path: '/members',
    sending: { body: { ...person, mobile: '1'.repeat(33) } },
    status: 422,
    code: 'text-too-long',
    errors: [['mobile', 'text-too-long']],
  },
  {
    what: 'many faults at once',
    path: '/members',
    sending: { body: { name: 1, citizenNumber: true, extra: '' } },
    status: 422,
    code: 'validation-failed',
    errors: [
      ['unionId', 'field-missing'],
      ['extra', 'unknown-field'],
      ['name', 'field-type-wrong'],
      ['citizenNumber', 'field-type-wrong'],
    ],
  },
  {
    what: 'no body',
    path: '/members',
    status: 422,
    code: 'field-missing',
    errors: [['body', 'field-missing']],
  },
  {
    what: 'a list for a body',
    path: '/members',
    sending: { body: [] },
    status: 422,
    code: 'field-type-wrong',
    errors: [['body', 'field-type-wrong']],
  },
  {
    what: 'broken JSON',
    path: '/members',
    sending: { raw: '{"name": ', headers: json },
    status: 400,
    code: 'malformed-json',
  },
  {
    what: 'JSON that is no UTF-8',
    path: '/members',
    sending: { raw: new Uint8Array([0x22, 0xc3, 0x28, 0x22]), headers: json },
    status: 400,
    code: 'malformed-json',
  },
  {
    what: 'another media type',
    path: '/members',
    sending: { raw: '<name/>', headers: { 'content-type': 'application/xml' } },
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    what: 'JSON for a spreadsheet',
    path: '/members/import?unionId=works',
    sending: { body: {} },
    status: 415,
    code: 'unsupported-media-type',
  },
  {
    what: 'a body over the limit',
    path: '/members',
    sending: { raw: `{"name":"${'x'.repeat(1024 * 1024)}"}`, headers: json },
    status: 413,
    code: 'body-too-large',
  },
  {
    what: 'a query field that there is not',
    method: 'GET',
    path: '/unions?qurey=x',
    status: 422,
    code: 'unknown-field',
    errors: [['qurey', 'unknown-field']],
  },
  {
    what: 'a limit that is no number',
    method: 'GET',
    path: '/unions?limit=many',
    status: 422,
    code: 'field-type-wrong',
    errors: [['limit', 'field-type-wrong']],
  },
  {
    what: 'a limit out of range',
    method: 'GET',
    path: '/unions?limit=201',
    status: 422,
    code: 'field-out-of-range',
    errors: [['limit', 'field-out-of-range']],
  },
  {
    what: 'a cursor that nobody gave',
    method: 'GET',
    path: '/unions?cursor=abc',
    status: 400,
    code: 'page-token-invalid',
    errors: [['cursor', 'page-token-invalid']],
  },
  {
    what: 'a position that nobody gave',
    method: 'GET',
    path: '/unions?position=somewhere',
    status: 400,
    code: 'position-token-invalid',
    errors: [['Unionfold-Position', 'position-token-invalid']],
  },
  {
    what: 'an empty idempotency key',
    path: '/members',
    sending: { body: person, headers: { 'idempotency-key': '' } },
    status: 400,
    code: 'idempotency-key-invalid',
    errors: [['Idempotency-Key', 'idempotency-key-invalid']],
  },
  {
    what: 'an endless idempotency key',
    path: '/members',
    sending: { body: person, headers: { 'idempotency-key': 'k'.repeat(256) } },
    status: 400,
    code: 'idempotency-key-invalid',
    errors: [['Idempotency-Key', 'idempotency-key-invalid']],
  },
  {
    what: 'an If-Match that is no version',
    path: '/unions/works/rename',
    sending: { body: { name: '新' }, headers: { 'if-match': 'W/"1"' } },
    status: 422,
    code: 'field-format-wrong',
    errors: [['If-Match', 'field-format-wrong']],
  },
  {
    what: 'an unknown union',
    path: '/members',
    sending: { body: { ...person, unionId: 'nowhere' } },
    status: 404,
    code: 'union-unknown',
    errors: [['unionId', 'union-unknown']],
  },
  {
    what: 'a search by half a citizen number',
    path: '/members/search',
    sending: { body: { citizenNumber: '370202' } },
    status: 422,
    code: 'citizen-number-invalid-length',
    errors: [['citizenNumber', 'citizen-number-invalid-length']],
  },
  {
    what: 'a search by half a mobile number',
    path: '/members/search',
    sending: { body: { mobile: '138' } },
    status: 422,
    code: 'mobile-invalid',
    errors: [['mobile', 'mobile-invalid']],
  },
  {
    what: 'an address that there is not',
    method: 'GET',
    path: '/unoins',
    status: 404,
    code: 'not-found',
  },
  {
    what: 'a method that the address does not take',
    method: 'DELETE',
    path: '/unions/works',
    status: 405,
    code: 'method-not-allowed',
  },
];

describe('Bad input', () => {
  it.each(bad)('$what is $code', async ({ method = 'POST', path, sending = {}, ...expected }) => {
    for (const [language, text] of [
      ['zh-CN', /\p{Script=Han}/u],
      ['en', /^\P{Script=Han}*$/u],
    ] as const) {
      const answer = await cadre(method, path, {
        ...sending,
        headers: { ...sending.headers, 'accept-language': language },
      });
      expect(answer.status).toBe(expected.status);
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(answer.headers.get('content-language')).toBe(language);
      const { errors = [], ...document } = answer.body;
      expect(document).toMatchObject({
        type: `/problems/${expected.code}`,
        code: expected.code,
        status: expected.status,
        instance: `/api/v1${path.split('?', 1)[0]}`,
        correlationId: answer.headers.get('unionfold-correlation-id'),
      });
      const told = errors.map(({ field, code }: Record<string, string>) => [field, code]);
      expect(told.toSorted()).toEqual([...(expected.errors ?? [])].toSorted());
      const texts = [document.title, document.detail, document.remedy];
      texts.push(...errors.map(({ reason }: { reason: string }) => reason));
      for (const one of texts) {
        expect(one).toMatch(text);
        expect(one).not.toContain('…');
      }
    }
    expect(world.commandsReceived()).toEqual([]);
  });

  it('is never repeated in the answer', async () => {
    const secret = '370202199001011234';
    const answer = await cadre('POST', '/members', {
      body: {
        unionId: 'works',
        name: [secret],
        citizenNumber: Number(secret),
        mobile: secret.repeat(2),
      },
    });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toHaveLength(3);
    expect(JSON.stringify(answer.body)).not.toMatch(/3702021990/);
  });

  it('of an address that cannot be read is told, too', async () => {
    const answer = await world.send('GET', '/api/v1/unions/%E0%A4%A');
    expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });

  it('says which methods an address takes', async () => {
    const answer = await cadre('PUT', '/unions');
    expect(answer.headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it.each([
    ['that said how much it sends', 'content-length: 33554432', ''],
    ['that did not say how much it sends', 'transfer-encoding: chunked', '2000000\r\n'],
  ])(
    'by a client that is still sending, %s, is answered all the same',
    async (_, length, chunk) => {
      const { token } = await world.gateway.issuer.signIn({ unionId: 'works', role: 'cadre' });
      const head = [
        'POST /api/v1/members HTTP/1.1',
        'host: localhost',
        'content-type: application/json',
        length,
        `authorization: Bearer ${token}`,
      ];
      // It reads only when it has sent all: a server that does not take it cuts the connection, and the answer is lost.
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(world.gateway.port, '127.0.0.1');
        socket.on('error', reject);
        socket.write(`${head.join('\r\n')}\r\n\r\n${chunk}`);
        socket.write(Buffer.alloc(0x2000000, 0x20), () => {
          socket.once('data', (data) => {
            socket.destroy();
            resolve(data.toString('latin1'));
          });
          if (chunk !== '') socket.write('\r\n0\r\n\r\n');
        });
      });
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    },
  );
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

describe('A refusal of a service', () => {
  it('keeps its code, field and facts', async () => {
    world.instead.set('organizations.renameUnion', async () =>
      refuse('version-conflict', { field: 'expectedVersion', params: { expected: 3, actual: 5 } }),
    );
    const answer = await cadre('POST', '/unions/works/rename', {
      body: { name: '新' },
      headers: { 'if-match': '"3"', 'accept-language': 'en' },
    });
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: 'version-conflict',
        detail: expect.stringContaining('from version 3, but the current one is 5'),
        errors: [{ field: 'expectedVersion', code: 'version-conflict' }],
      },
    });
    expect(world.commandsReceived()).toMatchObject([{ request: { expectedVersion: 3n } }]);
  });

  it('that nobody registered, and a failure, tell nothing of the inside', async () => {
    for (const failing of [
      async () => refuse('made-up-code'),
      async () => {
        throw new Error('the password is hunter2');
      },
    ]) {
      world.instead.set('organizations.renameUnion', failing);
      const answer = await cadre('POST', '/unions/works/rename', { body: { name: '新' } });
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal-error' } });
      expect(answer.body.detail).toContain(answer.headers.get('unionfold-correlation-id'));
      expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|made-up-code/);
    }
  });
});

describe('A problem’s type', () => {
  it('leads to its explanation, in both languages', async () => {
    for (const [language, locale] of [
      ['zh', 'zh'],
      ['en-GB', 'en'],
    ] as const) {
      const headers = { 'accept-language': language };
      const answer = await world.send('GET', '/problems/union-unknown', { headers });
      expect(answer.body).toMatchObject({
        code: 'union-unknown',
        status: 404,
        title: problems['union-unknown'].title[locale],
      });
    }
    const unknown = await world.send('GET', '/problems/toString');
    expect(unknown).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});

/** A token that nobody signed. */
function unsigned(header: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { sub: 'x', union: 'works', role: 'cadre', iss: 'unionfold-development' };
  return `${part(header)}.${part({ ...claims, aud: 'unionfold', exp: 4_000_000_000 })}.`;
}
