import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventOf, Gender, UnionType } from '@unionfold/contracts';
import { type Member, MembershipStatus, MembersServiceService } from '@unionfold/contracts/members';
import {
  OrganizationsServiceService,
  type Union,
  UnionStatus,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import { WelfareServiceService } from '@unionfold/contracts/welfare';
import {
  CommandHandler,
  type DomainEvent,
  eventsTopic,
  type RecordedEvent,
} from '@unionfold/eventsourcing';
import {
  createLogger,
  newId,
  openEmbeddedPlatform,
  type Platform,
  ProtoEventCodec,
  type RemoteMethods,
  type RpcService,
  type RunningService,
  remoteService,
  type ServiceContext,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import { welfareModule } from './service.ts';

const logger = createLogger('silent');
const neighbours = ['organizations', 'members', 'welfare'] as const;

/**
 * The welfare service on the embedded platform in a folder of its own, between stand-ins of the two services that it
 * asks: they answer gRPC and append real events to their own stores, each only when the test says so.
 */
export class Neighbours {
  readonly directory = new ServiceDirectory();
  readonly unions = new Map<string, Union>();
  readonly members = new Map<string, Member>();
  readonly welfare: RemoteMethods<typeof WelfareServiceService>;
  readonly #dataDir: string;
  readonly #platform: Platform;
  readonly #running = new Map<string, RunningService>();
  readonly #contexts = new Map<string, ServiceContext>();
  /** What the clock of the welfare service says. */
  now = new Date('2026-03-02T02:00:00Z');

  private constructor(dataDir: string, platform: Platform) {
    this.#dataDir = dataDir;
    this.#platform = platform;
    this.welfare = remoteService(WelfareServiceService, 'welfare', this.directory);
  }

  static async open(): Promise<Neighbours> {
    const dataDir = await mkdtemp(join(tmpdir(), 'welfare-'));
    const platform = await openEmbeddedPlatform({ dataDir: join(dataDir, 'data'), partitions: 3 });
    const opened = new Neighbours(dataDir, platform);
    for (const service of neighbours) await opened.start(service);
    return opened;
  }

  async close(): Promise<void> {
    for (const service of this.#running.keys()) await this.stop(service);
    this.directory.close();
    await this.#platform.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async start(name: (typeof neighbours)[number]): Promise<void> {
    const { directory } = this;
    const module =
      name === 'welfare'
        ? welfareModule
        : {
            name,
            build: (context: ServiceContext) => {
              this.#contexts.set(name, context);
              return [name === 'members' ? this.#membersStandIn() : this.#organizationsStandIn()];
            },
          };
    const running = await startService(module, {
      platform: this.#platform,
      directory,
      logger,
      clock: () => this.now,
    });
    directory.set(name, `127.0.0.1:${running.port}`);
    this.#running.set(name, running);
  }

  async stop(name: string): Promise<void> {
    await this.#running.get(name)?.stop();
    this.#running.delete(name);
  }

  /** Waits until the welfare service has handled everything, with all that follows from it. */
  async settle(): Promise<void> {
    const service = this.#running.get('welfare');
    if (service === undefined) throw new Error('the welfare service is down');
    for (;;) {
      const heads = await this.#heads();
      for (const runner of [...service.projections, ...service.reactions]) {
        if (!(await runner.waitFor(heads, 20_000))) throw new Error('the welfare service is stuck');
      }
      const letters = await Promise.all(service.reactions.map((runner) => runner.deadLetters()));
      const [letter] = letters.flat();
      if (letter !== undefined) throw new Error(`dead letter: ${letter.reason}`);
      if (JSON.stringify(await this.#heads()) === JSON.stringify(heads)) return;
    }
  }

  /** Has the succession see every event again, as after a lost checkpoint. */
  async redeliver(): Promise<void> {
    await this.stop('welfare');
    const { documents } = await this.#platform.storage('welfare');
    await documents.dropCheckpoints('welfare-succession');
    await this.start('welfare');
    await this.settle();
  }

  /** Everything the welfare service has appended, by stream. */
  async recorded(stream: string): Promise<readonly RecordedEvent[]> {
    return await (await this.#platform.storage('welfare')).events.readStream(stream);
  }

  /** How many events the welfare service has appended. */
  async appended(): Promise<number> {
    const heads = await (await this.#platform.storage('welfare')).events.heads();
    return heads.reduce((sum, head) => sum + head, 0);
  }

  /** A live union below another one. */
  async establish(unionId: string, territorialParentId: string): Promise<void> {
    const data = {
      unionId,
      name: unionId,
      type: UnionType.UNION_TYPE_JOINT,
      territorialParentId,
      industryParentId: '',
      regionCode: '371083',
      creditCode: '',
      foundedOn: '',
      synthetic: true,
    };
    const status = UnionStatus.UNION_STATUS_ACTIVE;
    this.unions.set(unionId, { ...data, status, version: 2n, successorId: '' });
    await this.#append('organizations', 'union', unionId, [
      { type: 'UnionEstablished', data },
      {
        type: 'UnionApproved',
        data: { unionId, approvedByUnionId: territorialParentId, approvalDocument: '1' },
      },
    ]);
  }

  async dissolve(unionId: string, successorId: string): Promise<void> {
    const union = this.unions.get(unionId);
    if (union === undefined) throw new Error(`no union ${unionId}`);
    const status = UnionStatus.UNION_STATUS_DISSOLVED;
    this.unions.set(unionId, { ...union, status, successorId });
    const parentId = union.territorialParentId;
    await this.#append('organizations', 'union', unionId, [
      { type: 'UnionDissolved', data: { unionId, parentId, successorId, reason: 'test' } },
    ]);
  }

  async enrol(memberId: string, unionId: string): Promise<void> {
    this.knowMember(memberId, unionId);
    await this.tellEnrolled(memberId, unionId);
  }

  /** The member is in the members service, but its event is not out yet. */
  knowMember(memberId: string, unionId: string): void {
    this.members.set(memberId, {
      memberId,
      unionId,
      status: MembershipStatus.MEMBERSHIP_STATUS_ACTIVE,
      name: '',
      citizenNumberMasked: '',
      mobileMasked: '',
      gender: Gender.GENDER_UNSPECIFIED,
      birthDate: '',
      joinedOn: '',
      synthetic: true,
      version: 1n,
    });
  }

  async tellEnrolled(memberId: string, unionId: string): Promise<void> {
    const enrolled: EventOf<'MemberEnrolled'> = {
      type: 'MemberEnrolled',
      data: {
        memberId,
        unionId,
        name: '',
        citizenNumber: '',
        citizenNumberIndex: '',
        mobile: '',
        gender: Gender.GENDER_UNSPECIFIED,
        birthDate: '',
        joinedOn: '',
        synthetic: true,
      },
    };
    await this.#append('members', 'member', memberId, [enrolled]);
  }

  async transfer(memberId: string, toUnionId: string): Promise<void> {
    const fromUnionId = this.members.get(memberId)?.unionId ?? '';
    this.knowMember(memberId, toUnionId);
    await this.tellTransferred(memberId, fromUnionId, toUnionId);
  }

  async tellTransferred(memberId: string, fromUnionId: string, toUnionId: string): Promise<void> {
    await this.#append('members', 'member', memberId, [
      { type: 'MemberTransferred', data: { memberId, fromUnionId, toUnionId, reason: 'test' } },
    ]);
  }

  /** A declaration that rests on what was known of the worker earlier, appended only now. */
  async declareLate(caseId: string, memberId: string, unionId: string): Promise<void> {
    const declared: EventOf<'HardshipDeclared'> = {
      type: 'HardshipDeclared',
      data: {
        caseId,
        memberId,
        unionId,
        householdSize: 1,
        annualIncomeFen: 0n,
        rigidExpenditureFen: 0n,
        accidentCostFen: 0n,
        statement: '',
        consent: true,
      },
    };
    const { events: store } = await this.#platform.storage('welfare');
    const codec = new ProtoEventCodec(this.#platform.keys);
    const commands = new CommandHandler({ store, codec, clock: () => this.now, newId });
    await commands.execute({ actor: 'test', correlationId: 'test' }, async (session) => {
      session.append('hardship-case', caseId, [declared]);
      session.append('claim', memberId, [{ type: 'ClaimOpened', data: { memberId, caseId } }]);
      return caseId;
    });
  }

  async #append(
    service: string,
    aggregate: string,
    id: string,
    events: readonly DomainEvent[],
  ): Promise<void> {
    await this.#contexts
      .get(service)
      ?.commands.execute({ actor: 'test', correlationId: 'test' }, async (session) => {
        session.append(aggregate, id, events);
        return id;
      });
  }

  async #heads() {
    const heads = await Promise.all(
      neighbours.map(async (service) => {
        const topic = eventsTopic(service);
        const positions = await this.#platform.log.heads(topic);
        return positions.map((position, partition) => ({ topic, partition, position }));
      }),
    );
    return heads.flat();
  }

  #organizationsStandIn(): RpcService {
    return standIn(OrganizationsServiceService, {
      getUnion: async ({ unionId }: { readonly unionId: string }) =>
        this.unions.get(unionId) ?? refuse('union-unknown'),
    });
  }

  #membersStandIn(): RpcService {
    return standIn(MembersServiceService, {
      getMember: async ({ memberId }: { readonly memberId: string }) =>
        this.members.get(memberId) ?? refuse('member-unknown'),
    });
  }
}

/** A service of which only some methods are called in these tests. */
function standIn(
  definition: RpcService['definition'],
  handlers: RpcService['handlers'],
): RpcService {
  const others = Object.keys(definition).map((method) => [method, async () => refuse('not-found')]);
  return { definition, handlers: { ...Object.fromEntries(others), ...handlers } };
}
