import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventPayloads, type NoticePosted, UnionType } from '@unionfold/contracts';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import {
  OrganizationsServiceService,
  type Union,
  UnionStatus,
} from '@unionfold/contracts/organizations';
import { refuse } from '@unionfold/contracts/problems';
import { type DomainEvent, eventsTopic, isUndecodable } from '@unionfold/eventsourcing';
import {
  createLogger,
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
import { notificationsModule } from './service.ts';

const logger = createLogger('silent');
const sources = ['organizations', 'members', 'welfare'] as const;
type Source = (typeof sources)[number];

/**
 * The notifications service on the embedded platform in a folder of its own, beside stand-ins that append real events
 * to their stores when the test says so.
 */
export class Neighbours {
  readonly directory = new ServiceDirectory();
  readonly notifications: RemoteMethods<typeof NotificationsServiceService>;
  /** What the organizations service answers; events are another matter. */
  readonly unions = new Map<string, Union>();
  /** How often the organizations service was asked. */
  asked = 0;
  readonly #dataDir: string;
  readonly #platform: Platform;
  readonly #contexts = new Map<string, ServiceContext>();
  readonly #running: RunningService[] = [];
  #service: RunningService | undefined;

  private constructor(dataDir: string, platform: Platform) {
    this.#dataDir = dataDir;
    this.#platform = platform;
    const { directory } = this;
    this.notifications = remoteService(NotificationsServiceService, 'notifications', directory);
  }

  static async open(): Promise<Neighbours> {
    const dataDir = await mkdtemp(join(tmpdir(), 'notifications-'));
    const platform = await openEmbeddedPlatform({ dataDir: join(dataDir, 'data'), partitions: 3 });
    const opened = new Neighbours(dataDir, platform);
    for (const source of sources) await opened.#startStandIn(source);
    await opened.start();
    return opened;
  }

  async close(): Promise<void> {
    await this.stop();
    for (const service of this.#running) await service.stop();
    this.directory.close();
    await this.#platform.close();
    await rm(this.#dataDir, { recursive: true, force: true });
  }

  async start(): Promise<void> {
    const { directory } = this;
    const platform = this.#platform;
    this.#service = await startService(notificationsModule, { platform, directory, logger });
    directory.set('notifications', `127.0.0.1:${this.#service.port}`);
  }

  async stop(): Promise<void> {
    await this.#service?.stop();
    this.#service = undefined;
  }

  /** Waits until the inbox has handled every event. */
  async settle(): Promise<void> {
    for (const runner of this.#service?.reactions ?? []) {
      if (!(await runner.waitFor(await this.#heads(), 20_000))) throw new Error('inbox is stuck');
      const [letter] = await runner.deadLetters();
      if (letter !== undefined) throw new Error(`dead letter: ${letter.reason}`);
    }
  }

  /** Has the inbox see every event again, as after a lost checkpoint. */
  async redeliver(): Promise<void> {
    await this.stop();
    const { documents } = await this.#platform.storage('notifications');
    await documents.dropCheckpoints('notifications-inbox');
    await this.start();
    await this.settle();
  }

  /** Everything posted so far. */
  async posted(): Promise<readonly NoticePosted[]> {
    const { events } = await this.#platform.storage('notifications');
    const recorded = await Promise.all(
      Array.from({ length: events.partitions }, (_, partition) =>
        events.readPartition(partition, 0, 10_000),
      ),
    );
    const decoded = await new ProtoEventCodec(this.#platform.keys).decode(recorded.flat());
    return decoded.flatMap((entry) => {
      if (isUndecodable(entry)) throw new Error(entry.undecodable);
      return entry.event.type === 'NoticePosted' ? [entry.event.data as NoticePosted] : [];
    });
  }

  /** Appends events to a stream of a source in one command. */
  async append(
    source: Source,
    aggregate: string,
    id: string,
    events: readonly DomainEvent[],
    actor = 'test',
  ): Promise<void> {
    // As from the gateway: every outside request has a correlation id of its own.
    const context = { actor, correlationId: `request-${Math.random()}` };
    await this.#contexts.get(source)?.commands.execute(context, async (session) => {
      session.append(aggregate, id, events);
      return id;
    });
  }

  /** Establishes a union; the owner has it from now on as pending or active. */
  async establish(
    unionId: string,
    territorialParentId: string,
    options: {
      readonly synthetic?: boolean;
      readonly approved?: boolean;
      /** The owner has the approval, the log does not show it yet. */
      readonly approvedAtOwner?: boolean;
    } = {},
  ): Promise<void> {
    const { synthetic = false, approved = false, approvedAtOwner = approved } = options;
    const data = {
      unionId,
      name: `工会 ${unionId}`,
      type: UnionType.UNION_TYPE_JOINT,
      territorialParentId,
      industryParentId: '',
      regionCode: '',
      creditCode: '',
      foundedOn: '',
      synthetic,
    };
    const status = approvedAtOwner
      ? UnionStatus.UNION_STATUS_ACTIVE
      : UnionStatus.UNION_STATUS_PENDING;
    this.unions.set(unionId, { ...data, status, version: 1n, successorId: '' });
    const established: DomainEvent = { type: 'UnionEstablished', data };
    const approval = approvalOf(unionId, territorialParentId);
    const events = approved ? [established, approval] : [established];
    await this.append('organizations', 'union', unionId, events);
  }

  async approve(unionId: string, approvedByUnionId: string): Promise<void> {
    const union = this.unions.get(unionId);
    if (union === undefined) throw new Error(`no union ${unionId}`);
    this.unions.set(unionId, { ...union, status: UnionStatus.UNION_STATUS_ACTIVE });
    const approval = approvalOf(unionId, approvedByUnionId);
    await this.append('organizations', 'union', unionId, [approval]);
  }

  async #startStandIn(name: Source): Promise<void> {
    const { directory } = this;
    const build = (context: ServiceContext): RpcService[] => {
      this.#contexts.set(name, context);
      return name === 'organizations' ? [this.#organizations()] : [];
    };
    const platform = this.#platform;
    const running = await startService({ name, build }, { platform, directory, logger });
    directory.set(name, `127.0.0.1:${running.port}`);
    this.#running.push(running);
  }

  async #heads() {
    const heads = await Promise.all(
      sources.map(async (source) => {
        const topic = eventsTopic(source);
        const positions = await this.#platform.log.heads(topic);
        return positions.map((position, partition) => ({ topic, partition, position }));
      }),
    );
    return heads.flat();
  }

  /** The only method that is called in these tests is getUnion. */
  #organizations(): RpcService {
    const definition: RpcService['definition'] = OrganizationsServiceService;
    const refusing = async () => refuse('not-found');
    const handlers = Object.fromEntries(Object.keys(definition).map((name) => [name, refusing]));
    const getUnion = async ({ unionId }: { readonly unionId: string }) => {
      this.asked++;
      return this.unions.get(unionId) ?? refuse('union-unknown');
    };
    return { definition, handlers: { ...handlers, getUnion } };
  }
}

function approvalOf(unionId: string, approvedByUnionId: string): DomainEvent {
  const data: EventPayloads['UnionApproved'] = {
    unionId,
    approvedByUnionId,
    approvalDocument: '总工组〔2026〕1号',
  };
  return { type: 'UnionApproved', data };
}
