import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, GatewayWorld } from '../gateway-world.fixture.ts';

interface AuditLine {
  readonly audit?: boolean;
  readonly action: string;
  readonly actor: string;
  readonly members: readonly string[];
  readonly correlationId: string;
}

let world: GatewayWorld;
let cadre: Client;
let log = '';

beforeAll(async () => {
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      log += String(chunk);
      done();
    },
  });
  // Without the redaction of the platform's own logger: nothing personal may come that far.
  world = await GatewayWorld.open({ logger: pino({ level: 'trace' }, sink) });
  await world.union('works', '');
  await world.member('first', 'works', 0);
  await world.member('second', 'works', 1);
  await world.settle();
  cadre = await world.as({ unionId: 'works', role: 'cadre' });
});

afterAll(async () => {
  await world.close();
});

function audited(): AuditLine[] {
  const lines = log.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line)).filter(({ audit }) => audit === true);
}

describe('Reading about members', () => {
  it('is written down: who, what, whose, in which request', async () => {
    log = '';
    const read = await cadre('GET', '/members/first');
    const found = await cadre('POST', '/members/search', { body: {} });
    const [one, many] = audited();
    const actor = expect.stringMatching(/^[\w-]{22}$/);
    expect(one).toMatchObject({ action: 'members.read', actor, members: ['first'] });
    expect(one?.correlationId).toBe(read.headers.get('unionfold-correlation-id'));
    expect(many).toMatchObject({ action: 'members.search', actor: one?.actor });
    expect(many?.members.toSorted()).toEqual(['first', 'second']);
    expect(many?.correlationId).toBe(found.headers.get('unionfold-correlation-id'));
  });

  it('is not written down when nobody was read', async () => {
    log = '';
    await cadre('GET', '/members/nobody');
    expect(audited()).toEqual([]);
  });

  it('and failing at it leaves nothing personal in the log, however much is logged', async () => {
    log = '';
    const { name, citizenNumber, mobile } = world.people.person(2);
    const { name: known } = world.people.person(0);
    await cadre('POST', '/members', { body: { unionId: 'works', name, citizenNumber, mobile } });
    await cadre('POST', '/members', { body: { unionId: 'works', name: [name], citizenNumber } });
    await cadre('POST', '/members/search', { body: { name: known, citizenNumber, mobile } });
    await cadre('POST', '/members/import?unionId=works', {
      raw: `姓名,身份证号\n${name},${citizenNumber}\n${known},1`,
      headers: { 'content-type': 'text/csv' },
    });
    world.instead.set('members.enrolMember', async () => {
      throw new Error('out of order');
    });
    const failed = await cadre('POST', '/members', {
      body: { unionId: 'works', name, citizenNumber, mobile },
    });
    expect(failed.status).toBe(500);
    await cadre('GET', `/unions?query=${encodeURIComponent(name)}`);
    expect(log).toContain('request failed');
    expect(log).toContain('"route":"/api/v1/members/search"');
    for (const personal of [name, known, citizenNumber, mobile, encodeURIComponent(name)]) {
      expect(log).not.toContain(personal);
    }
  });
});
