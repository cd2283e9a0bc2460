import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCitizenNumber, synthetic } from '@unionfold/codes';
import {
  FundSource,
  Gender,
  RecipientKind,
  ResourceAudience,
  ResourceKind,
  UnionType,
} from '@unionfold/contracts';
import { MembershipStatus, MembersServiceService } from '@unionfold/contracts/members';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import {
  CommitteesServiceService,
  GridServiceService,
  OrganizationsServiceService,
  type Union,
  UnionStatus,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import type { CommandAccepted } from '@unionfold/contracts/types';
import { WelfareServiceService } from '@unionfold/contracts/welfare';
import type { DomainEvent, Refusal } from '@unionfold/eventsourcing';
import { blindIndex } from '@unionfold/privacy';
import {
  type CallContext,
  createLogger,
  type Logger,
  openEmbeddedPlatform,
  type Platform,
  type RpcService,
  type RunningService,
  type ServiceContext,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import { type Gateway, type GatewayOptions, startGateway } from './gateway.ts';
import type { DirectSignIn } from './identity/issuer.ts';

const definitions = {
  organizations: [OrganizationsServiceService, CommitteesServiceService, GridServiceService],
  members: [MembersServiceService],
  welfare: [WelfareServiceService],
  notifications: [NotificationsServiceService],
} as const;

/** A service that the gateway meets. */
export type StandIn = keyof typeof definitions;

const standIns = Object.keys(definitions) as StandIn[];

/** One call that reached a stand-in. */
export interface ReceivedCall {
  readonly service: StandIn;
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly origin: CallContext;
}

/** What came back over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever JSON came back
  readonly body: any;
}

/** What is sent besides method and path. */
export interface Sending {
  readonly body?: unknown;
  /** Sent as it is, in place of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request as one caller. */
export type Client = (method: string, path: string, sending?: Sending) => Promise<Answer>;

/** A method of a stand-in. Every field of a request that one reads is a text. */
export type Handler = (
  request: { readonly [field in TextField]: string },
  call: CallContext,
) => Promise<CommandAccepted | Refusal | object>;

type TextField = 'unionId' | 'memberId' | 'noticeId' | 'name' | 'citizenNumber' | 'mobile';

/** Commands that would change something, by the beginning of their names. */
const reading = /^(get|list)/;

/** Settings of a world. */
export type WorldOptions = Pick<
  GatewayOptions,
  'positionWaitMs' | 'deadlineMs' | 'rateLimit' | 'clock'
> & { readonly logger?: Logger };

/**
 * The real gateway on the embedded platform in a folder of its own, before stand-ins of the services: each behind a real
 * gRPC server and with a real event store, but without rules. They append what the test says.
 */
export class GatewayWorld {
  readonly platform: Platform;
  readonly directory = new ServiceDirectory();
  readonly received: ReceivedCall[] = [];
  readonly people = synthetic(11);
  /** What a stand-in's method does instead of its own, by `service.method`. */
  readonly instead = new Map<string, Handler>();
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #contexts = new Map<StandIn, ServiceContext>();
  readonly #running = new Map<StandIn, RunningService>();
  readonly #unions = new Map<string, Union>();
  readonly #memberUnions = new Map<string, string>();
  #gateway: Gateway | undefined;
  /** The clock of the stand-ins, when a test sets it. */
  #time: Date | undefined;

  private constructor(dataDir: string, platform: Platform, logger: Logger) {
    this.#dataDir = dataDir;
    this.platform = platform;
    this.#logger = logger;
  }

  static async open(options: WorldOptions = {}): Promise<GatewayWorld> {
    const { logger = createLogger('silent'), ...settings } = options;
    const dataDir = await mkdtemp(join(tmpdir(), 'gateway-'));
    const platform = await openEmbeddedPlatform({ dataDir: join(dataDir, 'data'), partitions: 2 });
    const world = new GatewayWorld(dataDir, platform, logger);
    for (const service of standIns) await world.start(service);
    world.#gateway = await startGateway({
      platform,
      directory: world.directory,
      logger,
      host: '127.0.0.1',
      port: 0,
      developmentIssuer: true,
      version: '0.0.0-test',
      ...settings,
    });
    return world;
  }

  async close(): Promise<void> {
    await this.#gateway?.stop();
    for (const service of this.#running.values()) await service.stop();
    this.directory.close();
    await this.platform.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('the gateway was not started');
    return this.#gateway;
  }

  /** Starts a stand-in, at a new address when it was stopped before. */
  async start(service: StandIn): Promise<void> {
    const { platform, directory } = this;
    const build = (context: ServiceContext): RpcService[] => {
      this.#contexts.set(service, context);
      const served: readonly RpcService['definition'][] = definitions[service];
      return served.map((definition) => this.#standIn(service, definition));
    };
    const running = await startService(
      { name: service, build },
      { platform, directory, logger: this.#logger, clock: () => this.#time ?? new Date() },
    );
    directory.set(service, `127.0.0.1:${running.port}`);
    this.#running.set(service, running);
  }

  /** Stops a stand-in; its address stays known, as with a process that died. */
  async stop(service: StandIn): Promise<void> {
    await this.#running.get(service)?.stop();
    this.#running.delete(service);
  }

  /** A client of somebody who is signed in. */
  async as(who: DirectSignIn): Promise<Client> {
    const { token } = await this.gateway.issuer.signIn(who);
    return (method, path, sending = {}) =>
      this.send(method, `/api/v1${path}`, {
        ...sending,
        headers: { authorization: `Bearer ${token}`, ...sending.headers },
      });
  }

  async send(method: string, path: string, sending: Sending = {}): Promise<Answer> {
    const { body, raw, headers = {} } = sending;
    const payload = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`http://127.0.0.1:${this.gateway.port}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload === undefined ? {} : { body: payload }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
  }

  /** Appends events to one stream; waits for nothing. */
  async append(
    service: StandIn,
    aggregate: string,
    id: string,
    events: readonly DomainEvent[],
  ): Promise<void> {
    const context = { actor: 'test', correlationId: 'test' };
    await this.#contexts.get(service)?.commands.execute(context, async (session) => {
      session.append(aggregate, id, events);
      return id;
    });
  }

  /** Waits until the read models show everything that was appended. */
  async settle(): Promise<void> {
    for (const runner of this.gateway.projections) {
      const targets = await Promise.all(
        runner.projection.topics.map(async (topic) => {
          const heads = await this.platform.log.heads(topic);
          return heads.map((position, partition) => ({ topic, partition, position }));
        }),
      );
      if (!(await runner.waitFor(targets.flat(), 20_000))) throw new Error('read model is stuck');
      const [letter] = (await runner.consumer?.deadLetters()) ?? [];
      if (letter !== undefined) throw new Error(`dead letter: ${letter.reason}`);
    }
  }

  /** Calls that would have changed something. */
  commandsReceived(): ReceivedCall[] {
    return this.received.filter(({ method }) => !reading.test(method));
  }

  /** Only its owner knows of the union yet: no event tells of it. */
  knowUnion(unionId: string, parentId: string, type = UnionType.UNION_TYPE_ENTERPRISE): Union {
    const union: Union = {
      unionId,
      name: `${unionId} 工会`,
      type,
      status: UnionStatus.UNION_STATUS_ACTIVE,
      territorialParentId: parentId,
      industryParentId: '',
      regionCode: '',
      creditCode: '',
      foundedOn: '',
      synthetic: true,
      version: 2n,
      successorId: '',
    };
    this.#unions.set(unionId, union);
    return union;
  }

  /** A union that everybody knows of. */
  async union(
    unionId: string,
    parentId: string,
    facts: Partial<
      Pick<Union, 'name' | 'type' | 'regionCode' | 'creditCode' | 'industryParentId'>
    > = {},
  ): Promise<void> {
    const {
      version: _v,
      successorId: _s,
      status: _st,
      ...known
    } = {
      ...this.knowUnion(unionId, parentId),
      ...facts,
    };
    await this.append('organizations', 'union', unionId, [
      { type: 'UnionEstablished', data: known },
      {
        type: 'UnionApproved',
        data: { unionId, approvedByUnionId: parentId, approvalDocument: '测试' },
      },
    ]);
  }

  async move(unionId: string, fromParentId: string, toParentId: string): Promise<void> {
    this.knowUnion(unionId, toParentId);
    await this.append('organizations', 'union', unionId, [
      { type: 'UnionMoved', data: { unionId, fromParentId, toParentId, reason: '' } },
    ]);
  }

  /** The person with this number becomes a member. */
  async member(memberId: string, unionId: string, index: number, name?: string): Promise<void> {
    const person = this.people.person(index);
    this.#memberUnions.set(memberId, unionId);
    await this.append('members', 'member', memberId, [
      this.#enrolled({ memberId, unionId, ...person, name: name ?? person.name }),
    ]);
  }

  /** The events of everything that can lie at a union, named after it: `<kind>-<suffix>`. */
  async furnish(unionId: string, memberId: string, suffix: string): Promise<void> {
    const [caseId, fundLineId] = [`case-${suffix}`, `fund-${suffix}`];
    await this.append('welfare', 'hardship-case', caseId, [
      {
        type: 'HardshipDeclared',
        data: {
          caseId,
          memberId,
          unionId,
          householdSize: 3,
          annualIncomeFen: 3_600_000n,
          rigidExpenditureFen: 0n,
          accidentCostFen: 0n,
          statement: '家人患病',
          consent: true,
        },
      },
    ]);
    await this.append('welfare', 'fund-line', fundLineId, [
      {
        type: 'FundLineOpened',
        data: {
          fundLineId,
          unionId,
          source: FundSource.FUND_SOURCE_UNION_DUES,
          name: `资金 ${suffix}`,
          budgetFen: 1_000_000n,
        },
      },
    ]);
    await this.append('organizations', 'resource', `resource-${suffix}`, [
      {
        type: 'ResourceOffered',
        data: {
          resourceId: `resource-${suffix}`,
          ownerUnionId: unionId,
          kind: ResourceKind.RESOURCE_KIND_VENUE,
          name: `场馆 ${suffix}`,
          description: '',
          audience: ResourceAudience.RESOURCE_AUDIENCE_SUBTREE,
        },
      },
    ]);
    await this.notice(`notice-${suffix}`, RecipientKind.RECIPIENT_KIND_UNION, unionId);
    await this.notice(`own-notice-${suffix}`, RecipientKind.RECIPIENT_KIND_MEMBER, memberId);
  }

  /** @param time when it was posted; now when it is left out */
  async notice(
    noticeId: string,
    recipientKind: RecipientKind,
    recipientId: string,
    time?: Date,
  ): Promise<void> {
    this.#time = time;
    await this.append('notifications', 'notice', noticeId, [
      {
        type: 'NoticePosted',
        data: {
          noticeId,
          recipientKind,
          recipientId,
          template: 'union-approved',
          aboutType: 'union',
          aboutId: recipientId,
          params: {},
          causeEventId: 'test',
        },
      },
    ]);
    this.#time = undefined;
  }

  /** Appends as a command would, and accepts. */
  async accept(
    service: StandIn,
    call: CallContext,
    stream: { readonly aggregate: string; readonly id: string },
    events: readonly DomainEvent[],
  ): Promise<CommandAccepted | Refusal> {
    const context = this.#contexts.get(service);
    if (context === undefined) throw new Error(`${service} was not started`);
    return context.answer(
      await context.commands.execute(call, async (session) => {
        session.append(stream.aggregate, stream.id, events);
        return stream.id;
      }),
    );
  }

  #standIn(service: StandIn, definition: RpcService['definition']): RpcService {
    const own = this.#handlers();
    const handlers = Object.keys(definition).map((method) => [
      method,
      async (request: Parameters<Handler>[0], call: CallContext) => {
        this.received.push({ service, method, request, origin: call });
        const name = `${service}.${method}`;
        const handler = this.instead.get(name) ?? own[name];
        return handler === undefined ? refuse('not-found') : await handler(request, call);
      },
    ]);
    return { definition, handlers: Object.fromEntries(handlers) };
  }

  #handlers(): Readonly<Record<string, Handler>> {
    return {
      'organizations.listAncestors': async ({ unionId }) => {
        const union = this.#unions.get(unionId);
        if (union === undefined) return refuse('union-unknown', { field: 'unionId' });
        const unions: Union[] = [];
        for (let id = union.territorialParentId; id !== ''; ) {
          const upper = this.#unions.get(id);
          if (upper === undefined) break;
          unions.push(upper);
          id = upper.territorialParentId;
        }
        return { unions };
      },
      'organizations.renameUnion': async ({ unionId, name }, call) =>
        await this.accept('organizations', call, { aggregate: 'union', id: unionId }, [
          { type: 'UnionRenamed', data: { unionId, name, reason: '' } },
        ]),
      'members.getMember': async ({ memberId }) => {
        const unionId = this.#memberUnions.get(memberId);
        return unionId === undefined
          ? refuse('member-unknown', { field: 'memberId' })
          : {
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
            };
      },
      'members.enrolMember': async (request, call) => {
        const { unionId, name, mobile } = request;
        const parsed = parseCitizenNumber(request.citizenNumber);
        if (!parsed.ok) return refuse(parsed.reason, { field: 'citizenNumber' });
        const memberId = `member-${parsed.number.slice(-8)}`;
        if (this.#memberUnions.has(memberId) && call.idempotencyKey === undefined) {
          return refuse('member-duplicate', { field: 'citizenNumber' });
        }
        this.#memberUnions.set(memberId, unionId);
        const { number: citizenNumber, birthDate } = parsed;
        const person = { memberId, unionId, name, citizenNumber, mobile, birthDate };
        return await this.accept('members', call, { aggregate: 'member', id: memberId }, [
          this.#enrolled(person),
        ]);
      },
    };
  }

  #enrolled(person: {
    readonly memberId: string;
    readonly unionId: string;
    readonly name: string;
    readonly citizenNumber: string;
    readonly mobile: string;
    readonly birthDate: string;
  }): DomainEvent {
    const { memberId, unionId, name, citizenNumber, mobile, birthDate } = person;
    return {
      type: 'MemberEnrolled',
      data: {
        memberId,
        unionId,
        name,
        citizenNumber,
        citizenNumberIndex: blindIndex(this.platform.masterKey, 'citizen-number', citizenNumber),
        mobile,
        gender: Gender.GENDER_MALE,
        birthDate,
        joinedOn: '2025-05-01',
        synthetic: true,
      },
    };
  }
}
