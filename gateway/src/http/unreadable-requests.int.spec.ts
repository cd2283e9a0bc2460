import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createLogger } from '@unionfold/service-kit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayWorld } from '../gateway-world.fixture.ts';
import { UnreadableRequests } from './unreadable-requests.ts';

let world: GatewayWorld;

beforeAll(async () => {
  world = await GatewayWorld.open();
  await world.union('works', '');
  await world.settle();
});

afterAll(async () => {
  await world.close();
});

beforeEach(() => {
  world.received.length = 0;
  world.instead.clear();
});

/** All that comes back until the connection is closed, from a client that reads once it has sent everything. */
async function raw(bytes: string, port = world.gateway.port): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.on('error', reject);
    socket.write(bytes, 'latin1', () => resolve(readAll(socket)));
  });
}

async function readAll(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

interface Parsed {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

function parsed(answer: string): Parsed {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [line = '', ...fields] = head.split('\r\n');
  const headers = fields.map((field) => {
    const [name = '', ...value] = field.split(':');
    return [name.toLowerCase(), value.join(':').trim()];
  });
  expect(line).toMatch(/^HTTP\/1\.1 \d{3} [A-Z]/);
  return {
    status: Number(line.split(' ')[1]),
    headers: Object.fromEntries(headers),
    body: JSON.parse(body),
  };
}

const host = 'host: localhost\r\n';

describe('Bytes that are no HTTP request', () => {
  it.each([
    ['a request line that is none', 400, 'request-malformed', 'GET\t/\r\n'],
    ['a header without a name', 400, 'request-malformed', `GET / HTTP/1.1\r\n${host}: x\r\n`],
    ['no host', 400, 'request-malformed', 'GET /healthz HTTP/1.1\r\n'],
    [
      'a length that is no number',
      400,
      'request-malformed',
      `POST /api/v1/unions HTTP/1.1\r\n${host}content-length: many\r\n`,
    ],
    [
      'two lengths of one body',
      400,
      'request-malformed',
      `POST /api/v1/unions HTTP/1.1\r\n${host}content-length: 1\r\ntransfer-encoding: chunked\r\n`,
    ],
    [
      'headers beyond the limit',
      431,
      'request-headers-too-large',
      `GET / HTTP/1.1\r\n${host}accept-language: en\r\nx-long: ${'x'.repeat(20_000)}\r\n`,
    ],
    [
      'headers that are still being sent long after the limit',
      431,
      'request-headers-too-large',
      `GET / HTTP/1.1\r\n${host}accept-language: en\r\nx-long: ${'x'.repeat(8_000_000)}\r\n`,
    ],
  ])('with %s are answered with %i %s', async (_, status, code, head) => {
    const language = head.includes('accept-language') ? '' : 'accept-language: en\r\n';
    const answer = parsed(await raw(`${head}${language}\r\n`));
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json; charset=utf-8',
      'content-language': 'en',
      connection: 'close',
    });
    expect(answer.body).toMatchObject({
      type: `/problems/${code}`,
      code,
      status,
      correlationId: answer.headers['unionfold-correlation-id'],
    });
    expect(JSON.stringify(answer.body)).not.toMatch(/…|\p{Script=Han}/u);
    expect((await world.send('GET', '/healthz')).status).toBe(200);
  });

  it('are told in Chinese to those who ask for nothing else', async () => {
    const { headers, body } = parsed(await raw('NONSENSE\r\n\r\n'));
    expect(headers['content-language']).toBe('zh-CN');
    expect(body['title']).toBe('请求不符合 HTTP 规范');
  });

  it('inside of a body end its request, and nothing is carried out', async () => {
    const { token } = await world.gateway.issuer.signIn({ unionId: 'works', role: 'cadre' });
    const head = [
      'POST /api/v1/unions/works/rename HTTP/1.1',
      'host: localhost',
      `authorization: Bearer ${token}`,
      'content-type: application/json',
      'transfer-encoding: chunked',
    ];
    const answer = parsed(await raw(`${head.join('\r\n')}\r\n\r\nno number\r\n`));
    expect(answer).toMatchObject({ status: 400, body: { code: 'request-malformed' } });
    expect(world.commandsReceived()).toEqual([]);
  });

  it('after a request are answered after its answer', async () => {
    const request = `GET /healthz HTTP/1.1\r\n${host}\r\n`;
    const socket = connect(world.gateway.port, '127.0.0.1');
    socket.write(request);
    const first = await new Promise<string>((resolve) => {
      socket.once('data', (data) => resolve(data.toString('utf8')));
    });
    expect(first).toMatch(/^HTTP\/1\.1 200 /);
    socket.write('NONSENSE\r\n\r\n');
    expect(parsed(await readAll(socket))).toMatchObject({ status: 400 });
  });

  it('never stand in for the answer to a command that is being carried out', async () => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    world.instead.set('organizations.renameUnion', async () => {
      begun.resolve();
      await gate.promise;
      return { id: 'works', version: 3n, positions: [] };
    });
    const { token } = await world.gateway.issuer.signIn({ unionId: 'works', role: 'cadre' });
    const body = JSON.stringify({ name: '新' });
    const head = [
      'POST /api/v1/unions/works/rename HTTP/1.1',
      'host: localhost',
      `authorization: Bearer ${token}`,
      'content-type: application/json',
      'if-match: "2"',
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    const socket = connect(world.gateway.port, '127.0.0.1');
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    await begun.promise;
    socket.write('NONSENSE\r\n\r\n');
    const answer = await readAll(socket).catch(() => '');
    gate.resolve();
    expect(answer).not.toContain('request-malformed');
  });

  it('that never come are told to be late', async () => {
    const unreadable = new UnreadableRequests(createLogger('silent'));
    const server = createServer({
      headersTimeout: 50,
      requestTimeout: 50,
      connectionsCheckingInterval: 20,
    });
    server.on('clientError', (error, socket) => unreadable.answer(error, socket as Socket));
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const { port } = server.address() as AddressInfo;
    const answer = parsed(await raw(`GET / HTTP/1.1\r\n${host}`, port));
    expect(answer).toMatchObject({ status: 408, body: { code: 'request-timed-out' } });
    server.close();
  });
});
