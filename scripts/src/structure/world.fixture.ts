import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthetic } from '@unionfold/codes';
import { UnionType } from '@unionfold/contracts';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { eventsTopic } from '@unionfold/eventsourcing';
import { createLogger, remoteService } from '@unionfold/service-kit';
import { expect, vi } from 'vitest';
import { type EmbeddedNode, startEmbeddedNode } from '../node/embedded-node.ts';

const federations = [
  ['cn', UnionType.UNION_TYPE_NATIONAL, ''],
  ['p', UnionType.UNION_TYPE_PROVINCIAL, 'cn'],
  ['c', UnionType.UNION_TYPE_MUNICIPAL, 'p'],
  ['x', UnionType.UNION_TYPE_COUNTY, 'c'],
  ['y', UnionType.UNION_TYPE_COUNTY, 'c'],
] as const;

const hourMs = 3_600_000;
export const patience = { timeout: 20_000, interval: 20 };

/** The whole platform on one folder, with a clock that only the test moves, and a cadre of the nation. */
export class World {
  now = new Date('2026-03-02T04:00:00Z');
  readonly #source = synthetic(7);
  #enterprises = 0;
  #people = 0;
  #token = '';
  #position = '';
  readonly #folder: string;
  node: EmbeddedNode;

  private constructor(folder: string, node: EmbeddedNode) {
    this.#folder = folder;
    this.node = node;
  }

  static async open(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'unionfold-structure-'));
    let world: World | undefined;
    const node = await startEmbeddedNode({
      dataDir: folder,
      host: '127.0.0.1',
      port: 0,
      logger: createLogger('silent'),
      clock: () => world?.now ?? new Date('2026-03-02T04:00:00Z'),
    });
    world = new World(folder, node);
    const organizations = remoteService(
      OrganizationsServiceService,
      'organizations',
      node.directory,
    );
    for (const [unionId, type, territorialParentId] of federations) {
      await organizations.establishUnion(
        {
          unionId,
          name: `${unionId}总工会`,
          type,
          territorialParentId,
          industryParentId: '',
          regionCode: '',
          creditCode: '',
          foundedOn: '',
          synthetic: true,
          approvalDocument: '批',
          approvedByUnionId: territorialParentId === '' ? unionId : territorialParentId,
        },
        { actor: 'test', correlationId: 'test' },
      );
    }
    await world.signIn();
    await world.eventually('/unions/y', { status: 'active' });
    return world;
  }

  async close(): Promise<void> {
    await this.node.stop();
    await rm(this.#folder, { recursive: true });
  }

  async signIn(unionId = 'cn'): Promise<void> {
    const { body } = await this.send('POST', '/sign-in', { unionId, role: 'cadre', person: 'a' });
    this.#token = body.token;
  }

  /** Days pass, and what is due is done. */
  async nextDay(days = 1): Promise<string> {
    this.now = new Date(this.now.getTime() + days * 24 * hourMs);
    await this.signIn();
    for (const service of this.node.services) await service.recur();
    return this.now.toISOString().slice(0, 10);
  }

  get today(): string {
    return this.now.toISOString().slice(0, 10);
  }

  async send(method: string, path: string, body?: unknown) {
    const answer = await fetch(`${this.node.gateway.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.#token === '' ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.#position === '' ? {} : { 'unionfold-position': this.#position }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    this.#position = answer.headers.get('unionfold-position') ?? this.#position;
    // biome-ignore lint/suspicious/noExplicitAny: answers of many kinds
    return { status: answer.status, body: (await answer.json()) as any };
  }

  async done(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await this.send(method, path, body);
    expect(answer.body, `${method} ${path}`).not.toHaveProperty('code');
    return answer.body.id;
  }

  async get(path: string) {
    const answer = await this.send('GET', path);
    expect(answer.body, path).not.toHaveProperty('code');
    return answer.body;
  }

  async eventually(path: string, expected: object): Promise<void> {
    await vi.waitFor(async () => {
      expect((await this.send('GET', path)).body).toMatchObject(expected);
    }, patience);
  }

  /** Waits until everything that happened is known everywhere, and nothing follows from it any more. */
  async settle(): Promise<void> {
    const { node } = this;
    const consumers = [
      ...[
        ...node.services.flatMap(({ projections }) => projections),
        ...node.gateway.projections,
      ].map((runner) => ({ runner, topics: runner.projection.topics })),
      ...node.services
        .flatMap(({ reactions }) => reactions)
        .map((runner) => ({ runner, topics: runner.definition.topics })),
    ];
    for (let before = ''; ; ) {
      const heads = await Promise.all(
        node.services.map(async ({ name }) => {
          const topic = eventsTopic(name);
          const positions = await node.platform.log.heads(topic);
          return positions.map((position, partition) => ({ topic, partition, position }));
        }),
      );
      for (const { runner, topics } of consumers) {
        const followed = heads.flat().filter(({ topic }) => topics.includes(topic));
        expect(await runner.waitFor(followed, 20_000)).toBe(true);
      }
      const now = JSON.stringify(heads);
      if (now === before) return;
      before = now;
    }
  }

  async enterprise(parentId: string): Promise<string> {
    const made = this.#source.enterprise(this.#enterprises++, '370202');
    return await this.done('POST', '/unions', {
      name: made.unionName,
      type: 'enterprise',
      territorialParentId: parentId,
      creditCode: made.unionCreditCode,
      approvalDocument: '批1号',
      synthetic: true,
    });
  }

  async member(unionId: string): Promise<string> {
    const id = await this.tryMember(unionId);
    if (id === undefined) throw new Error(`${unionId} takes no members`);
    return id;
  }

  /** Enrols a member; undefined when the union takes none. */
  async tryMember(unionId: string): Promise<string | undefined> {
    const { name, citizenNumber, mobile } = this.#source.person(this.#people++);
    const { status, body } = await this.send('POST', '/members', {
      unionId,
      name,
      citizenNumber,
      mobile,
      joinedOn: '2026-01-01',
      synthetic: true,
    });
    return status === 201 ? body.id : undefined;
  }
}
