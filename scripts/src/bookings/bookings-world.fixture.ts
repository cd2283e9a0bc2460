import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthetic } from '@unionfold/codes';
import type { UnionType } from '@unionfold/contracts';
import { MembersServiceService } from '@unionfold/contracts/members';
import { OrganizationsServiceService } from '@unionfold/contracts/organizations';
import { isRefusal } from '@unionfold/eventsourcing';
import { createLogger, remoteService } from '@unionfold/service-kit';
import { type EmbeddedNode, startEmbeddedNode } from '../node/embedded-node.ts';

/** What came back over HTTP. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON came back
  readonly body: any;
}

/** Sends a request as one caller. */
export type Client = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>;

/** A union of the world. */
export interface WorldUnion {
  readonly id: string;
  readonly parentId: string;
  readonly type: UnionType;
  readonly regionCode?: string;
}

const origin = { actor: 'test', correlationId: 'test' };

/** The whole platform in a folder of its own, with a clock that the test sets. */
export class BookingsWorld {
  readonly #node: EmbeddedNode;
  readonly #dataDir: string;
  readonly #time: { now: Date };
  readonly #people = synthetic(7);

  private constructor(node: EmbeddedNode, dataDir: string, time: { now: Date }) {
    this.#node = node;
    this.#dataDir = dataDir;
    this.#time = time;
  }

  /** @param now the time at which it begins, RFC 3339 */
  static async open(now: string): Promise<BookingsWorld> {
    const dataDir = await mkdtemp(join(tmpdir(), 'bookings-'));
    const time = { now: new Date(now) };
    const node = await startEmbeddedNode({
      dataDir,
      host: '127.0.0.1',
      port: 0,
      logger: createLogger('silent'),
      partitions: 3,
      clock: () => time.now,
    });
    return new BookingsWorld(node, dataDir, time);
  }

  async close(): Promise<void> {
    await this.#node.stop();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  /** Sets the clock. */
  set now(moment: string) {
    this.#time.now = new Date(moment);
  }

  async establish({ id, parentId, type, regionCode = '' }: WorldUnion): Promise<void> {
    const organizations = remoteService(
      OrganizationsServiceService,
      'organizations',
      this.#node.directory,
    );
    const answer = await organizations.establishUnion(
      {
        unionId: id,
        name: `${id} 工会`,
        type,
        territorialParentId: parentId,
        industryParentId: '',
        regionCode,
        creditCode: '',
        foundedOn: '',
        synthetic: true,
        approvalDocument: '1',
        approvedByUnionId: parentId === '' ? id : parentId,
      },
      origin,
    );
    if (isRefusal(answer)) throw new Error(`${id}: ${answer.refused}`);
  }

  /** Enrols a synthetic person; returns the member's id. */
  async enrol(unionId: string, index: number): Promise<string> {
    const { name, citizenNumber, mobile } = this.#people.person(index);
    const members = remoteService(MembersServiceService, 'members', this.#node.directory);
    const answer = await members.enrolMember(
      {
        memberId: '',
        unionId,
        name,
        citizenNumber,
        mobile,
        joinedOn: '',
        synthetic: true,
      },
      origin,
    );
    if (isRefusal(answer)) throw new Error(answer.refused);
    return answer.id;
  }

  as(unionId: string, role: 'cadre' | 'worker' = 'cadre', memberId = ''): Client {
    return async (method, path, body, headers = {}) => {
      // Anew for every request: the clock may have run past the last token.
      const { token } = await this.#node.gateway.issuer.signIn({ unionId, role, memberId });
      const response = await fetch(`http://127.0.0.1:${this.#node.gateway.port}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    };
  }

  /** Waits until reactions have done their work and the read models show all of it. */
  async settle(): Promise<void> {
    // What a reaction appends is in the log when it has handled its event, so two rounds see the consequences.
    for (let round = 0; round < 2; round++) {
      for (const service of this.#node.services) {
        for (const runner of service.projections)
          await this.#follow(runner.projection.topics, runner);
        for (const runner of service.reactions) {
          await this.#follow(runner.definition.topics, runner);
        }
      }
    }
    for (const runner of this.#node.gateway.projections) {
      await this.#follow(runner.projection.topics, runner);
    }
  }

  async #follow(
    topics: readonly string[],
    runner: {
      waitFor(
        targets: readonly { topic: string; partition: number; position: number }[],
        timeoutMs: number,
      ): Promise<boolean>;
    },
  ): Promise<void> {
    const { log } = this.#node.platform;
    const targets = await Promise.all(
      topics.map(async (topic) =>
        (await log.heads(topic)).map((position, partition) => ({ topic, partition, position })),
      ),
    );
    if (!(await runner.waitFor(targets.flat(), 20_000))) throw new Error('a consumer is stuck');
  }
}
