import { randomBytes } from 'node:crypto';
import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { MembersServiceService } from '@unionfold/contracts/members';
import { OperationsServiceService } from '@unionfold/contracts/operations';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { eventsTopic, isRefusal, type Refusal } from '@unionfold/eventsourcing';
import { MasterKey } from '@unionfold/privacy';
import { RemoteUnavailableError, remoteService, ServiceDirectory } from '@unionfold/service-kit';
import { MongoConnection, MongoDocumentStore } from '@unionfold/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoredData } from '../demo/launcher/stored-data.ts';
import {
  addressesFromEnvironment,
  environmentOf,
  type ServerAddresses,
} from '../infra/addresses.ts';
import { forEachConcurrently } from '../seed/concurrency.ts';
import { DistributedProcesses } from './distributed-processes.ts';
import { readModelShows } from './read-model-shows.ts';

const addresses = servers();
const masterKey = MasterKey.generate().toText();
const source = synthetic(7);
/** Sessions in Kafka's groups and leases of those that were killed have to run out. Milliseconds. */
const catchUpMs = 60_000;
const patienceMs = 30_000;

describe('Two processes of each service and two gateways', () => {
  let prefix: string;
  let processes: DistributedProcesses;
  let directory: ServiceDirectory;
  let lines: string[];
  /** The furthest position of every partition that any command was acknowledged with. */
  let reached: Map<string, { topic: string; partition: number; position: number }>;

  beforeEach(async () => {
    prefix = `replicas_${randomBytes(4).toString('hex')}`;
    lines = [];
    reached = new Map();
    await start();
  });
  afterEach(async () => {
    directory.close();
    await processes.kill();
    await new StoredData(addresses, prefix).drop();
  });

  async function start(): Promise<void> {
    processes = await DistributedProcesses.start({
      replicas: 2,
      host: '127.0.0.1',
      port: 0,
      environment: {
        ...environmentOf(addresses),
        PREFIX: prefix,
        MASTER_KEY: masterKey,
        LOG_LEVEL: 'warn',
      },
      onLine: (name, line) => lines.push(`${name} ${line}`),
    });
    directory = new ServiceDirectory();
    for (const [name, address] of processes.addresses) directory.set(name, address);
    await processes.listening();
  }

  /** Sends a command until it is answered, as callers do: with the same key each time. */
  async function send(key: string, command: (key: string) => Promise<CommandAccepted | Refusal>) {
    const until = performance.now() + patienceMs;
    for (;;) {
      try {
        const answer = await command(key);
        if (isRefusal(answer)) throw new Error(`${key} was refused: ${answer.refused}`);
        for (const { service, partition, position } of answer.positions) {
          const place = `${service}/${partition}`;
          const before = reached.get(place)?.position ?? 0;
          const target = { topic: eventsTopic(service), partition };
          reached.set(place, { ...target, position: Math.max(before, Number(position)) });
        }
        return answer;
      } catch (error) {
        if (!(error instanceof RemoteUnavailableError) || performance.now() > until) throw error;
      }
    }
  }

  const origin = (idempotencyKey: string) => ({
    actor: 'a',
    correlationId: 'c',
    idempotencyKey,
  });

  async function establish(unionId: string, parentId: string): Promise<void> {
    const { establishUnion } = remoteService(
      OrganizationsServiceService,
      'organizations',
      directory,
    );
    await send(`union:${unionId}`, (key) =>
      establishUnion(
        {
          unionId,
          name: `${unionId}总工会`,
          type: parentId === '' ? UnionType.UNION_TYPE_NATIONAL : UnionType.UNION_TYPE_PROVINCIAL,
          territorialParentId: parentId,
          industryParentId: '',
          regionCode: parentId === '' ? '' : '370000',
          creditCode: '',
          foundedOn: '',
          synthetic: true,
          approvalDocument: 'test',
          approvedByUnionId: parentId === '' ? unionId : parentId,
        },
        origin(key),
      ),
    );
  }

  async function enrol(unionId: string, number: number): Promise<CommandAccepted> {
    const { name, citizenNumber, mobile, hiredOn } = source.person(number);
    const { enrolMember } = remoteService(MembersServiceService, 'members', directory, 3_000);
    return await send(`member:${number}`, (key) =>
      enrolMember(
        { memberId: '', unionId, name, citizenNumber, mobile, joinedOn: hiredOn, synthetic: true },
        origin(key),
      ),
    );
  }

  /** Whether a read model of a process comes to show all that was acknowledged. */
  async function catchesUp(database: string, projection: string, topics: readonly string[]) {
    const connection = await MongoConnection.open({ uri: addresses.mongodbUri });
    const documents = await MongoDocumentStore.open({
      connection,
      database: `${prefix}_${database}`,
    });
    const targets = [...reached.values()].filter(({ topic }) => topics.includes(topic));
    try {
      return await readModelShows(documents, projection)(targets, catchUpMs);
    } finally {
      await documents.close();
      await connection.close();
    }
  }

  async function everythingIsShown(): Promise<void> {
    const topics = ['organizations', 'members'].map(eventsTopic);
    expect(await catchesUp('members', 'rosters', topics)).toBe(true);
    expect(await catchesUp('gateway', 'federation', topics)).toBe(true);
  }

  /** Events of the unions' service that are not published yet, one number a partition. */
  async function relayLags(): Promise<bigint[]> {
    const operations = remoteService(OperationsServiceService, 'organizations', directory);
    const answer = await operations.listConsumers({}, { actor: 'a', correlationId: 'c' });
    if (isRefusal(answer)) throw new Error(answer.refused);
    const relay = answer.consumers.filter(({ consumer }) => consumer === 'relay');
    return relay.map(({ head, position }) => head - position);
  }

  /** The nation's members as one of the gateways tells. */
  async function membersAt(url: string): Promise<number> {
    const signIn = await fetch(`${url}/api/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ unionId: 'n', role: 'cadre' }),
    });
    const { token } = (await signIn.json()) as { token: string };
    const answer = await fetch(`${url}/api/v1/unions/n/statistics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { members } = (await answer.json()) as { members?: number };
    return members ?? -1;
  }

  it('go on while one of each is killed: every command is done once, and both gateways show it', async () => {
    await establish('n', '');
    await establish('p', 'n');
    const numbers = Array.from({ length: 300 }, (_, number) => number);
    const ids = new Set<string>();
    let crashed: Promise<unknown> | undefined;
    await forEachConcurrently(numbers, 16, async (number) => {
      ids.add((await enrol('p', number)).id);
      if (ids.size < 100 || crashed !== undefined) return;
      const victims = processes
        .of('members')
        .slice(0, 1)
        .concat(processes.of('gateway')[0] ?? []);
      crashed = Promise.all(victims.map((victim) => victim.crash()));
      await crashed;
    });
    expect(ids.size).toBe(numbers.length);
    await everythingIsShown();
    const urls = await Promise.all(processes.of('gateway').map((gateway) => gateway.listening()));
    expect(new Set(urls).size).toBe(2);
    expect(await Promise.all(urls.map(membersAt))).toEqual([numbers.length, numbers.length]);
    // Which of the two is heard of first is nobody's to say.
    expect(lines.filter((line) => line.includes('ended by itself')).toSorted()).toEqual([
      expect.stringContaining('gateway ended by itself (SIGKILL)'),
      expect.stringContaining('members ended by itself (SIGKILL)'),
    ]);
  }, 180_000);

  it('go on after all of them were killed at once', async () => {
    await establish('n', '');
    await establish('p', 'n');
    const ids = new Set<string>();
    for (const round of [0, 1]) {
      const numbers = Array.from({ length: 50 }, (_, index) => round * 50 + index);
      await forEachConcurrently(numbers, 16, async (number) => {
        ids.add((await enrol('p', number)).id);
      });
      directory.close();
      await processes.kill();
      await start();
      await everythingIsShown();
    }
    expect(ids.size).toBe(100);
  }, 240_000);

  it('stop in good order', async () => {
    await establish('n', '');
    // The operator sees that all is published before: the relay is listed as what follows the store.
    await expect.poll(relayLags, { timeout: catchUpMs }).toEqual([0n, 0n, 0n, 0n]);
    await processes.stop();
    expect(lines.filter((line) => /"level":(50|60)\b/.test(line))).toEqual([]);
    expect(processes.replicas.map(({ endedWith }) => endedWith)).toEqual(
      processes.replicas.map(() => 'exit code 0'),
    );
  }, 120_000);
});

function servers(): ServerAddresses {
  const told = addressesFromEnvironment(process.env);
  if (told === undefined) throw new Error('no servers: run npm run test:distributed');
  return told;
}
