import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { eventsTopic, isRefusal } from '@unionfold/eventsourcing';
import { MasterKey } from '@unionfold/privacy';
import { remoteService, ServiceDirectory } from '@unionfold/service-kit';
import { MongoConnection, MongoDocumentStore } from '@unionfold/storage';
import { MongoClient } from 'mongodb';
import { expect } from 'vitest';
import { environmentOf } from '../infra/addresses.ts';
import type { Servers } from '../infra/servers.ts';
import { startServers } from '../infra/start-servers.ts';
import { DistributedProcesses } from '../node/distributed-processes.ts';
import { untilSettled } from '../node/until-settled.ts';
import { verify } from '../verify/verify.ts';

const prefix = 'chaos';
const replicas = 2;
/** Requests under way at once. */
const writers = 12;

/** What a load has come to. */
export interface Load {
  /** Members whose enrolment was acknowledged. */
  readonly acknowledged: readonly string[];
  /** Requests that were answered otherwise, or not at all, before the same key was acknowledged. */
  readonly disturbed: number;
}

/** The whole platform as processes, two of each, on servers of its own that can be taken down. */
export class ChaosWorld {
  readonly servers: Servers;
  readonly processes: DistributedProcesses;
  readonly lines: string[];
  readonly mongo: MongoClient;
  readonly #token: string;
  readonly #connection: MongoConnection;
  #people = 0;

  static async start(): Promise<ChaosWorld> {
    const servers = await startServers();
    const lines: string[] = [];
    const processes = await DistributedProcesses.start({
      replicas,
      host: '127.0.0.1',
      port: 0,
      environment: {
        ...environmentOf(servers.addresses),
        PREFIX: prefix,
        PARTITIONS: '4',
        MASTER_KEY: MasterKey.generate().toText(),
        LOG_LEVEL: 'warn',
      },
      onLine: (name, line) => lines.push(`${name} ${line}`),
    });
    await processes.listening();
    const mongo = await MongoClient.connect(servers.mongodb.uri);
    await establishUnions(processes);
    const [gateway] = processes.of('gateway');
    const url = await gateway?.listening();
    const answer = await fetch(`${url}/api/v1/sign-in`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ unionId: 'cn', role: 'cadre' }),
    });
    const { token } = (await answer.json()) as { token: string };
    const connection = await MongoConnection.open({ uri: servers.mongodb.uri });
    const world = new ChaosWorld(servers, processes, lines, mongo, token, connection);
    await world.settled();
    return world;
  }

  private constructor(
    servers: Servers,
    processes: DistributedProcesses,
    lines: string[],
    mongo: MongoClient,
    token: string,
    connection: MongoConnection,
  ) {
    this.servers = servers;
    this.processes = processes;
    this.lines = lines;
    this.mongo = mongo;
    this.#token = token;
    this.#connection = connection;
  }

  async stop(): Promise<void> {
    await this.mongo.close();
    await this.#connection.close();
    await this.processes.stop();
    await this.servers.stop();
  }

  /**
   * Enrols members, several at a time, while something is done to the platform; each request is sent again with its key
   * until it is acknowledged, as a client does.
   * @param disturb is begun when the load runs; the load goes on until it has ended, and for some more enrolments
   */
  async underLoad(disturb: () => Promise<void>): Promise<Load> {
    const acknowledged: string[] = [];
    let disturbed = 0;
    let ended = false;
    const working = Array.from({ length: writers }, async () => {
      while (!ended) {
        const { id, attempts } = await this.#enrol();
        acknowledged.push(id);
        disturbed += attempts - 1;
      }
    });
    await reaches(() => acknowledged.length, 40);
    try {
      await disturb();
      await reaches(() => acknowledged.length, acknowledged.length + 60);
    } finally {
      ended = true;
    }
    await Promise.all(working);
    return { acknowledged, disturbed };
  }

  /** Waits until everything is published and shown, and has it all checked. */
  async expectWhole(load: Load): Promise<void> {
    await this.settled();
    const events = this.mongo.db(`${prefix}_members`).collection('recorded_events');
    const type = 'unionfold.members.v1.MemberEnrolled';
    const streams = load.acknowledged.map((id) => `member-${id}`);
    const found = await events.find({ '_id.stream': { $in: streams }, type }).toArray();
    // Once each: not lost, and not done twice by the requests that were sent again.
    expect(found.map(({ _id }) => Object(_id).stream).toSorted()).toEqual(streams.toSorted());
    const report = await verify({
      mongodbUri: this.servers.mongodb.uri,
      kafkaBrokers: this.servers.kafka.brokers,
      prefix,
      settled: true,
    });
    const violations = report.checks
      .flatMap(({ findings }) => findings)
      .filter(({ severity }) => severity === 'violation');
    expect(violations).toEqual([]);
    expect(report.verdict).toBe('whole');
  }

  async settled(): Promise<void> {
    const documents = await MongoDocumentStore.open({
      connection: this.#connection,
      database: `${prefix}_gateway`,
    });
    await untilSettled({ mongodbUri: this.servers.mongodb.uri, prefix }, documents);
  }

  /** The topic of a service's events in this installation. */
  topic(service: string): string {
    return `${prefix}-${eventsTopic(service)}`;
  }

  async #enrol(): Promise<{ readonly id: string; readonly attempts: number }> {
    const person = synthetic(77).person(this.#people++);
    const key = randomBytes(9).toString('hex');
    for (let attempts = 1; ; attempts++) {
      const gateways = this.processes.of('gateway');
      const gateway = gateways[attempts % gateways.length];
      try {
        const url = await Promise.race([gateway?.listening(), sleep(1_000)]);
        const answer = await fetch(`${url}/api/v1/members`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${this.#token}`,
            'content-type': 'application/json',
            'idempotency-key': key,
          },
          body: JSON.stringify({
            unionId: 'ent-1',
            name: person.name,
            citizenNumber: person.citizenNumber,
            mobile: person.mobile,
            joinedOn: person.hiredOn,
            synthetic: true,
          }),
          signal: AbortSignal.timeout(15_000),
        });
        const body = (await answer.json()) as { id?: string; code?: string };
        if (answer.ok && body.id !== undefined) return { id: body.id, attempts };
        if (answer.status < 500 && answer.status !== 429) {
          throw new Refused(`${answer.status} ${body.code}`);
        }
      } catch (error) {
        if (error instanceof Refused) throw error;
        // Not answered: sent again, to the other gateway.
      }
      await sleep(100);
    }
  }
}

/** A client's mistake, which no disturbance excuses. */
class Refused extends Error {
  override readonly name = 'Refused';
}

async function reaches(count: () => number, wanted: number): Promise<void> {
  const until = performance.now() + 120_000;
  while (count() < wanted) {
    if (performance.now() > until) throw new Error(`stuck at ${count()} of ${wanted}`);
    await sleep(20);
  }
}

async function establishUnions(processes: DistributedProcesses): Promise<void> {
  const directory = new ServiceDirectory();
  for (const [name, address] of processes.addresses) directory.set(name, address);
  const organizations = remoteService(OrganizationsServiceService, 'organizations', directory);
  const unions = [
    ['cn', '中华全国总工会', UnionType.UNION_TYPE_NATIONAL, '', ''],
    ['cn-37', '山东省总工会', UnionType.UNION_TYPE_PROVINCIAL, 'cn', '370000'],
    ['cn-3702', '青岛市总工会', UnionType.UNION_TYPE_MUNICIPAL, 'cn-37', '370200'],
    ['ent-1', '示例企业工会', UnionType.UNION_TYPE_ENTERPRISE, 'cn-3702', '370202'],
  ] as const;
  for (const [unionId, name, type, territorialParentId, regionCode] of unions) {
    const answer = await organizations.establishUnion(
      {
        unionId,
        name,
        type,
        territorialParentId,
        industryParentId: '',
        regionCode,
        creditCode: '',
        foundedOn: '',
        synthetic: true,
        approvalDocument: '1',
        approvedByUnionId: territorialParentId || unionId,
      },
      { actor: 'system:chaos', correlationId: 'chaos', idempotencyKey: `chaos:${unionId}` },
    );
    if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
  }
  directory.close();
}
