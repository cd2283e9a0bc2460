import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ElectionKind,
  type EventName,
  type EventOf,
  type OfficerBody,
  type OfficerPost,
  type OfficerSeat,
  UnionType,
} from '@unionfold/contracts';
import { RosterServiceService } from '@unionfold/contracts/members';
import {
  CommitteesServiceService,
  OrganizationsServiceService,
} from '@unionfold/contracts/organizations';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { eventsTopic, isRefusal, isUndecodable, type Refusal } from '@unionfold/eventsourcing';
import {
  createLogger,
  type Platform,
  ProtoEventCodec,
  type RemoteMethods,
  type RunningService,
  remoteService,
  rpcService,
  type ServiceContext,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import {
  openTestPlatform,
  publishedHeads,
  removeTestPlatform,
} from '@unionfold/service-kit/testing';
import { organizationsModule } from '../service.ts';
import { Registers } from '../subordinates/registers.ts';
import { restoreUnder } from '../union/hierarchy.ts';
import { committeeOf, seat } from './committee.fixture.ts';

const origin = { actor: 'cadre', correlationId: 'test' };
const logger = createLogger('silent');

/**
 * The organizations service on the embedded platform in a folder of its own, beside a stand-in of the members service
 * that knows who belongs where and appends real events. The day is the test's.
 */
export class CommitteesWorld {
  readonly directory = new ServiceDirectory();
  readonly committees: RemoteMethods<typeof CommitteesServiceService>;
  readonly organizations: RemoteMethods<typeof OrganizationsServiceService>;
  /** Who belongs to which union. */
  readonly members = new Map<string, string>();
  /** How many members the stand-in counts in every union. */
  memberCount = 30;
  /** So many answers of the stand-in are of a moment ago, when everybody was a member. */
  outdatedAnswers = 0;
  today = '2024-06-03';
  readonly #folder: string;
  readonly #platform: Platform;
  #membersContext: ServiceContext | undefined;
  #context: ServiceContext | undefined;
  #service: RunningService | undefined;
  #standIn: RunningService | undefined;

  private constructor(folder: string, platform: Platform) {
    this.#folder = folder;
    this.#platform = platform;
    this.committees = remoteService(CommitteesServiceService, 'organizations', this.directory);
    this.organizations = remoteService(
      OrganizationsServiceService,
      'organizations',
      this.directory,
    );
  }

  static async open(): Promise<CommitteesWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'unionfold-committees-'));
    const platform = await openTestPlatform({ dataDir: join(folder, 'data'), partitions: 3 });
    const world = new CommitteesWorld(folder, platform);
    await world.startMembers();
    await world.start();
    return world;
  }

  async close(): Promise<void> {
    await this.stop();
    await this.#standIn?.stop();
    this.directory.close();
    await this.#platform.close();
    await removeTestPlatform(join(this.#folder, 'data'));
    await rm(this.#folder, { recursive: true });
  }

  async start(): Promise<void> {
    const { directory } = this;
    const build = (context: ServiceContext) => {
      this.#context = context;
      return organizationsModule.build(context);
    };
    this.#service = await startService(
      { name: 'organizations', build },
      { platform: this.#platform, directory, logger, clock: () => this.clock() },
    );
    directory.set('organizations', `127.0.0.1:${this.#service.port}`);
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
    this.#service = undefined;
  }

  async startMembers(): Promise<void> {
    const build = (context: ServiceContext) => {
      this.#membersContext = context;
      return [
        rpcService(RosterServiceService, {
          checkRoster: async ({ unionId, memberIds, countUpTo }) => {
            const isOutdated = this.outdatedAnswers-- > 0;
            return {
              absentMemberIds: memberIds.filter(
                (id) => this.members.get(id) !== unionId && !isOutdated,
              ),
              members: Math.min(this.memberCount, countUpTo),
            };
          },
        }),
      ];
    };
    const { directory } = this;
    const platform = this.#platform;
    this.#standIn = await startService({ name: 'members', build }, { platform, directory, logger });
    directory.set('members', `127.0.0.1:${this.#standIn.port}`);
  }

  async stopMembers(): Promise<void> {
    await this.#standIn?.stop();
    this.#standIn = undefined;
  }

  /** Noon in China. */
  clock(): Date {
    return new Date(`${this.today}T04:00:00Z`);
  }

  get context(): ServiceContext {
    if (this.#context === undefined) throw new Error('the service was not started');
    return this.#context;
  }

  /** The read model of due warnings. */
  get dueWarnings() {
    const found = this.#service?.projections.find(
      ({ projection }) => projection.name === 'due-term-warnings',
    );
    if (found === undefined) throw new Error('no read model of due warnings');
    return found;
  }

  /** A live union, and members m1 to m12, c, v and n of it, their ids led by the union's. */
  async union(unionId: string, territorialParentId: string, type?: UnionType): Promise<void> {
    const answer = await this.organizations.establishUnion(
      {
        unionId,
        name: `工会 ${unionId}`,
        type: type ?? UnionType.UNION_TYPE_ENTERPRISE,
        territorialParentId,
        industryParentId: '',
        regionCode: '',
        creditCode: '',
        foundedOn: '',
        synthetic: true,
        approvalDocument: '1',
        approvedByUnionId: territorialParentId === '' ? unionId : territorialParentId,
      },
      origin,
    );
    if (isRefusal(answer)) throw new Error(answer.refused);
    const names = ['c', 'v', 'n', ...Array.from({ length: 12 }, (_, index) => `m${index + 1}`)];
    for (const name of names) this.members.set(`${unionId}-${name}`, unionId);
  }

  /** The committee of so many, with the ids of this union's members. */
  seats(unionId: string, size = 3): OfficerSeat[] {
    return committeeOf(size).map((held) => ({ ...held, memberId: `${unionId}-${held.memberId}` }));
  }

  seat(unionId: string, post: OfficerPost, name: string, body?: OfficerBody): OfficerSeat {
    return seat(post, `${unionId}-${name}`, body);
  }

  /** Reports an election; with an upper union it is approved at once. */
  async elect(
    unionId: string,
    election: {
      readonly kind?: ElectionKind;
      readonly heldOn?: string;
      readonly termYears?: number;
      readonly seats?: OfficerSeat[];
      readonly approvedBy?: string;
      readonly approvedOn?: string;
    } = {},
  ): Promise<string> {
    const { kind = ElectionKind.ELECTION_KIND_REGULAR, heldOn = this.today } = election;
    const { termYears = 3, seats = this.seats(unionId), approvedBy = '' } = election;
    return told(
      await this.committees.reportElection(
        {
          unionId,
          kind,
          heldOn,
          termYears,
          seats,
          approvalDocument: approvedBy === '' ? '' : '批复 1',
          approvedByUnionId: approvedBy,
          approvedOn: election.approvedOn ?? '',
        },
        origin,
      ),
    );
  }

  async approve(electionId: string, approvedByUnionId: string): Promise<string> {
    return told(
      await this.committees.approveElection(
        {
          electionId,
          approvedByUnionId,
          approvalDocument: '批复 2',
          approvedOn: '',
          expectedVersion: 0n,
        },
        origin,
      ),
    );
  }

  async assign(unionId: string, post: OfficerPost, body: OfficerBody): Promise<string> {
    return told(
      await this.committees.assignDuty(
        {
          unionId,
          title: 'verify-case',
          subjectType: 'hardship-case',
          subjectId: 'k1',
          body,
          post,
          memberId: '',
        },
        origin,
      ),
    );
  }

  async complete(unionId: string, dutyId: string): Promise<string> {
    return told(await this.committees.completeDuty({ unionId, dutyId }, origin));
  }

  async dissolve(unionId: string, successorId = ''): Promise<string> {
    const command = { unionId, successorId, reason: '企业注销', expectedVersion: 0n };
    return told(await this.organizations.dissolveUnion(command, origin));
  }

  /** As the undoing of its dissolution does. */
  async restore(unionId: string): Promise<void> {
    await this.context.commands.execute(origin, async (session) => {
      const restoring = { unionId, reason: '撤销有误' };
      return (await restoreUnder(session, new Registers(session), restoring)) ?? unionId;
    });
  }

  async transfer(memberId: string, toUnionId: string): Promise<void> {
    const fromUnionId = this.members.get(memberId) ?? '';
    this.members.set(memberId, toUnionId);
    await this.#happenToMember({
      type: 'MemberTransferred',
      data: { memberId, fromUnionId, toUnionId, reason: '' },
    });
  }

  async leave(memberId: string): Promise<void> {
    const unionId = this.members.get(memberId) ?? '';
    this.members.delete(memberId);
    await this.#happenToMember({ type: 'MemberLeft', data: { memberId, unionId, reason: '' } });
  }

  /** Waits until the service has reacted to everything, what its reactions led to included. */
  async settle(): Promise<void> {
    const service = this.#service;
    if (service === undefined) throw new Error('the service was not started');
    for (let before = ''; ; ) {
      const heads = await this.#heads();
      const own = heads.filter(({ topic }) => topic === eventsTopic('organizations'));
      for (const runner of service.projections) {
        if (!(await runner.waitFor(own, 20_000))) throw new Error('a read model is stuck');
      }
      for (const runner of service.reactions) {
        const { topics } = runner.definition;
        const followed = heads.filter(({ topic }) => topics.includes(topic));
        if (!(await runner.waitFor(followed, 20_000))) throw new Error('a reaction is stuck');
        const [letter] = await runner.deadLetters();
        if (letter !== undefined) throw new Error(`dead letter: ${letter.reason}`);
      }
      const after = JSON.stringify(await this.#heads());
      if (after === before) return;
      before = after;
    }
  }

  /** The events of one stream. */
  async events<Name extends EventName>(stream: string): Promise<EventOf<Name>[]> {
    const { events } = await this.#platform.storage('organizations');
    const recorded = await events.readStream(stream);
    const decoded = await new ProtoEventCodec(this.#platform.keys).decode(recorded);
    return decoded.map((entry) => {
      if (isUndecodable(entry)) throw new Error(entry.undecodable);
      return entry.event as EventOf<Name>;
    });
  }

  async #happenToMember(event: EventOf<'MemberTransferred' | 'MemberLeft'>): Promise<void> {
    await this.#membersContext?.commands.execute(origin, async (session) => {
      session.append('member', event.data.memberId, [event]);
      return event.data.memberId;
    });
  }

  async #heads() {
    const heads = await Promise.all(
      ['members', 'organizations'].map((service) => publishedHeads(this.#platform, service)),
    );
    return heads.flat();
  }
}

/** The id of what was accepted, or the code of the refusal. */
export function told(answer: CommandAccepted | Refusal): string {
  return isRefusal(answer) ? answer.refused : answer.id;
}
