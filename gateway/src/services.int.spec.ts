import { createHash } from 'node:crypto';
import { eventsTopic, partitionOf, streamOf } from '@unionfold/eventsourcing';
import { createLogger, RpcServer } from '@unionfold/service-kit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from './gateway-world.fixture.ts';
import type { PartHealth } from './operations/health.ts';

const positionWaitMs = 300;
let world: GatewayWorld;
let cadre: Client;
let other: Client;

beforeAll(async () => {
  world = await GatewayWorld.open({
    positionWaitMs,
    deadlineMs: 1_000,
    rateLimit: { capacity: 200, refillPerSecond: 1 },
  });
  await world.union('works', '');
  await world.member('member', 'works', 1);
  await world.settle();
});

afterAll(async () => {
  await world.close();
});

beforeEach(async ({ task }) => {
  world.received.length = 0;
  // A caller of their own for every test: the rates of one do not touch the others.
  cadre = await world.as({ unionId: 'works', role: 'cadre', person: task.id });
  other = await world.as({ unionId: 'works', role: 'cadre', person: `other ${task.id}` });
});

afterEach(() => {
  world.instead.clear();
});

const rename = { body: { name: '新名' } };

describe('A service that is down', () => {
  afterEach(async () => {
    await world.start('organizations');
  });

  it('is told with Retry-After, while what the read model holds is still answered', async () => {
    await world.stop('organizations');
    const answer = await cadre('POST', '/unions/works/rename', {
      ...rename,
      headers: { 'accept-language': 'en' },
    });
    expect(answer).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
    expect(answer.body.detail).toContain('organizations');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await cadre('GET', '/unions/works')).status).toBe(200);
    expect((await cadre('POST', '/members/search', { body: {} })).body.items).toHaveLength(1);
  });

  it('takes the same command again once it is back', async () => {
    await world.stop('organizations');
    const headers = { 'idempotency-key': 'once' };
    const failed = await cadre('POST', '/unions/works/rename', { ...rename, headers });
    expect(failed.status).toBe(503);
    await world.start('organizations');
    const repeated = await cadre('POST', '/unions/works/rename', { ...rename, headers });
    expect(repeated.status).toBe(200);
  });

  it('makes the gateway not ready, and says which part', async () => {
    expect((await world.send('GET', '/readyz')).status).toBe(200);
    await world.stop('organizations');
    const answer = await world.send('GET', '/readyz');
    expect(answer.status).toBe(503);
    const down = answer.body.parts.filter(({ ready }: PartHealth) => !ready);
    expect(down).toMatchObject([{ part: 'service organizations' }]);
    expect((await world.send('GET', '/healthz')).status).toBe(200);
  });

  it('counts as down while it says that it does not serve', async () => {
    await world.stop('organizations');
    const starting = new RpcServer([], { logger: createLogger('silent'), newId: () => 'id' });
    world.directory.set('organizations', `127.0.0.1:${await starting.listen('127.0.0.1:0')}`);
    const { status, body } = await world.send('GET', '/readyz');
    expect(status).toBe(503);
    expect(body.parts).toContainEqual({
      part: 'service organizations',
      ready: false,
      detail: 'not serving',
    });
    starting.setServing(true);
    expect((await world.send('GET', '/readyz')).status).toBe(200);
    await starting.stop();
  });

  it('hides no other service from the operator', async () => {
    await world.stop('organizations');
    const operator = await world.as({ unionId: 'works', role: 'operator' });
    const { body } = await operator('GET', '/operations/consumers');
    expect(body.unreachable).toEqual(['organizations']);
    expect(body.items).not.toEqual([]);
  });
});

describe('A service that does not answer', () => {
  it('is told when the time is over', async () => {
    world.instead.set('organizations.renameUnion', () => new Promise(() => undefined));
    const answer = await cadre('POST', '/unions/works/rename', rename);
    expect(answer).toMatchObject({ status: 503, body: { code: 'service-unavailable' } });
  });
});

describe('A command', () => {
  it('carries the caller’s pseudonym, the trace and the key, each of its own', async () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = {
      'idempotency-key': 'K 1',
      traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    };
    const answer = await cadre('POST', '/unions/works/rename', { ...rename, headers });
    await other('POST', '/unions/works/rename', { ...rename, headers });
    expect(answer.headers.get('unionfold-correlation-id')).toBe(trace);
    const [mine, theirs] = world.commandsReceived().map(({ origin }) => origin);
    expect(mine).toMatchObject({ correlationId: trace });
    expect(mine?.traceparent).toMatch(new RegExp(`^00-${trace}-(?!00f067aa0ba902b7)\\w{16}-01$`));
    const hash = createHash('sha256').update('K 1').digest('base64url');
    expect(mine?.idempotencyKey).toBe(`${mine?.actor}:${hash}`);
    expect(theirs?.idempotencyKey).toBe(`${theirs?.actor}:${hash}`);
    expect(theirs?.actor).not.toBe(mine?.actor);
  });

  it('without a key has none, and a trace of its own', async () => {
    const answers = [
      await cadre('POST', '/unions/works/rename', rename),
      await cadre('POST', '/unions/works/rename', {
        ...rename,
        headers: { traceparent: '00-00000000000000000000000000000000-0000000000000000-01' },
      }),
    ];
    const origins = world.commandsReceived().map(({ origin }) => origin);
    expect(origins.map(({ idempotencyKey }) => idempotencyKey)).toEqual([undefined, undefined]);
    const ids = answers.map(({ headers }) => headers.get('unionfold-correlation-id'));
    expect(new Set(ids).size).toBe(2);
    expect(ids).toEqual(origins.map(({ correlationId }) => correlationId));
    expect(ids[1]).not.toMatch(/^0+$/);
  });

  it('answers its position, with which a query sees it', async () => {
    for (let i = 0; i < 20; i++) {
      const done = await cadre('POST', '/unions/works/rename', { body: { name: `第${i}个名` } });
      expect(done.status).toBe(200);
      expect(done.body).toMatchObject({ id: 'works' });
      expect(done.headers.get('unionfold-position')).toBe(done.body.position);
      const headers = { 'unionfold-position': done.body.position };
      const seen = await cadre('GET', '/unions/works', { headers });
      expect(seen.body.name).toBe(`第${i}个名`);
    }
  });

  it('is refused its position in a future that does not come, with Retry-After', async () => {
    const heads = await world.platform.log.heads(eventsTopic('organizations'));
    const partition = partitionOf(streamOf('union', 'works'), heads.length);
    const ahead = `organizations/${partition}/${(heads[partition] ?? 0) + 1}`;
    const before = performance.now();
    const answer = await cadre('GET', `/unions/works?position=${ahead}`);
    // Timers may ring a little early by another clock.
    expect(performance.now() - before).toBeGreaterThanOrEqual(positionWaitMs - 5);
    expect(answer).toMatchObject({ status: 503, body: { code: 'read-model-behind' } });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.body.detail).not.toContain('…');
    const name = '终于来了';
    const data = { unionId: 'works', name, reason: '' };
    await world.append('organizations', 'union', 'works', [{ type: 'UnionRenamed', data }]);
    const seen = await cadre('GET', `/unions/works?position=${ahead}`);
    expect(seen).toMatchObject({ status: 200, body: { name } });
  });
});

describe('The rate of one caller', () => {
  it('is limited, and nobody else’s with it', async () => {
    const answers = await Promise.all(
      Array.from({ length: 220 }, () => cadre('GET', '/unions/works/statistics')),
    );
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(200);
    expect(refused[0]?.body.code).toBe('too-many-requests');
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await other('GET', '/unions/works')).status).toBe(200);
  });
});
