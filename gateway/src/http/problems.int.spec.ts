import { connect } from 'node:net';
import { problems } from '@unionfold/contracts/problems';
import { refuse } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';
import { badRequests } from './bad-requests.fixture.ts';

let world: GatewayWorld;
let cadre: Client;

beforeAll(async () => {
  world = await GatewayWorld.open();
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

describe('Bad input', () => {
  it.each(badRequests)(
    '$what is $code',
    async ({ method = 'POST', path, sending = {}, ...expected }) => {
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
    },
  );

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
