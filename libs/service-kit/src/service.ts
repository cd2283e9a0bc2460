import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandAccepted } from '@unionfold/contracts/types';
import {
  CommandHandler,
  type CommandOutcome,
  type ConsumerDefinition,
  type ConsumerEnvironment,
  ConsumerRunner,
  type DocumentStore,
  type EventCodec,
  eventsTopic,
  isRefusal,
  type Projection,
  ProjectionRunner,
  type Refusal,
  type Upcaster,
} from '@unionfold/eventsourcing';
import type { KeyRing, MasterKey } from '@unionfold/privacy';
import { describeFailure } from './failure-description.ts';
import { allInOrder } from './in-order.ts';
import type { Logger } from './logger.ts';
import { operationsService } from './operations.ts';
import type { Platform } from './platform/platform.ts';
import { ProtoEventCodec } from './proto-event-codec.ts';
import { Recurrence, type RecurringWork } from './recurrence.ts';
import { RpcServer, type RpcService } from './rpc/server.ts';
import type { ServiceDirectory } from './rpc/service-directory.ts';

/** What a service is given to build its parts with. */
export interface ServiceContext {
  readonly name: string;
  readonly commands: CommandHandler;
  readonly codec: EventCodec;
  readonly documents: DocumentStore;
  readonly keys: KeyRing;
  readonly masterKey: MasterKey;
  readonly directory: ServiceDirectory;
  readonly logger: Logger;
  readonly clock: () => Date;
  readonly newId: () => string;
  /** Makes a read model of this service and has it run with the service. */
  projection(projection: Projection): ProjectionRunner;
  /** Has a reaction to events run with the service. */
  reaction(definition: ConsumerDefinition): ConsumerRunner;
  /** Has work done again and again while the service runs, such as looking for what is due. */
  recurring(work: RecurringWork): void;
  /** The answer to a command: accepted with its positions, or the refusal as it is. */
  answer(outcome: CommandOutcome | Refusal): CommandAccepted | Refusal;
}

/** A service: its name and its gRPC services. */
export interface ServiceModule {
  readonly name: string;
  readonly upcasters?: readonly Upcaster[];
  build(context: ServiceContext): readonly RpcService[];
}

/** A service that is up. */
export interface RunningService {
  readonly name: string;
  readonly port: number;
  readonly projections: readonly ProjectionRunner[];
  readonly reactions: readonly ConsumerRunner[];
  /** Does all recurring work at once, for those who do not want to wait for its turn. */
  recur(): Promise<void>;
  /** Stops taking calls, finishes what is under way, leaves the consumer groups. The platform stays open. */
  stop(): Promise<void>;
}

/** What a service is started with. */
export interface ServiceOptions {
  readonly platform: Platform;
  readonly directory: ServiceDirectory;
  readonly logger: Logger;
  /** `host:port` to listen at; port 0 takes a free one. Default: a free port of the loopback interface. */
  readonly address?: string;
  /** Called when all else has started, just before it listens. */
  readonly beforeListening?: () => Promise<void>;
  readonly clock?: () => Date;
}

/**
 * Starts a service: stores, consumers, gRPC server; then it serves. When that fails half-way, nothing of it runs; the
 * platform stays open.
 */
export async function startService(
  module: ServiceModule,
  options: ServiceOptions,
): Promise<RunningService> {
  const { platform, directory, clock = () => new Date() } = options;
  const logger = options.logger.child({ service: module.name });
  const { events, documents } = await platform.storage(module.name);
  const codec = new ProtoEventCodec(platform.keys, module.upcasters);
  const environment: ConsumerEnvironment = {
    log: platform.log,
    documents,
    codec,
    clock,
    onError: (consumer, error) => logger.error({ err: error, consumer }, 'consumer'),
    describeFailure,
    ...(platform.peers === undefined ? {} : { peers: platform.peers }),
    paceMs: platform.pace?.unwatchedMs ?? 0,
  };
  const projections: ProjectionRunner[] = [];
  const reactions: ConsumerRunner[] = [];
  const recurring: Recurrence[] = [];
  let built = false;
  const assertBuilding = () => {
    // It would never be started, and so never follow.
    if (built) throw new Error(`${module.name}: consumers and tasks are made in build() only`);
  };
  const services = module.build({
    name: module.name,
    commands: new CommandHandler({
      store: events,
      codec,
      clock,
      newId,
      onError: (error) => logger.warn({ err: error }, 'snapshot'),
    }),
    codec,
    documents,
    keys: platform.keys,
    masterKey: platform.masterKey,
    directory,
    logger,
    clock,
    newId,
    projection: (projection) => {
      assertBuilding();
      const runner = new ProjectionRunner(projection, environment);
      projections.push(runner);
      return runner;
    },
    reaction: (definition) => {
      assertBuilding();
      const runner = new ConsumerRunner(definition, environment);
      reactions.push(runner);
      return runner;
    },
    recurring: (work) => {
      assertBuilding();
      const onError = (error: unknown) =>
        logger.error({ err: error, work: work.name }, 'recurring work');
      recurring.push(new Recurrence(work, clock, onError));
    },
    answer: (outcome) => (isRefusal(outcome) ? outcome : accepted(outcome, module.name)),
  });
  built = true;
  const operations = operationsService({
    projections,
    reactions,
    log: platform.log,
    publishing: async () => (await platform.publishing?.(module.name)) ?? [],
  });
  const server = new RpcServer([...services, operations], { logger, newId });
  const parts = [server, ...recurring, ...reactions, ...projections];
  const stop = () =>
    allInOrder(
      parts.map((part) => () => part.stop()),
      'not everything stopped in order',
    );
  try {
    for (const runner of [...projections, ...reactions]) await runner.start();
    for (const recurrence of recurring) recurrence.start();
    await options.beforeListening?.();
    const port = await server.listen(options.address ?? '127.0.0.1:0');
    server.setServing(true);
    const watching = new AbortController();
    const watched = watchStores(platform, server, watching.signal);
    return {
      name: module.name,
      port,
      projections,
      reactions,
      recur: async () => {
        for (const recurrence of recurring) await recurrence.run();
      },
      stop: async () => {
        watching.abort();
        await stop();
        await watched;
      },
    };
  } catch (error) {
    await stop().catch((failure: unknown) => logger.error({ err: failure }, 'stopping failed'));
    throw error;
  }
}

/** How often a service looks whether its stores answer. Milliseconds. */
const storeLookMs = 2_000;

/** Has the health check tell the truth while stores come and go. */
async function watchStores(
  platform: Platform,
  server: RpcServer,
  signal: AbortSignal,
): Promise<void> {
  while (platform.answers !== undefined) {
    await sleep(storeLookMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    server.setServing(await platform.answers());
  }
}

/** The topic on which other services hear of this one. */
export function topicOf(service: string): string {
  return eventsTopic(service);
}

function accepted(outcome: CommandOutcome, service: string): CommandAccepted {
  return {
    id: outcome.id,
    version: BigInt(outcome.version),
    positions: outcome.positions.map(({ partition, position }) => ({
      service,
      partition,
      position: BigInt(position),
    })),
  };
}

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id: 10 characters of time (milliseconds) and 10 of chance (50 bits), in Crockford's base 32, so that ids sort
 * by age and indexes grow at their end.
 */
export function newId(): string {
  let time = Date.now();
  let id = '';
  for (let i = 0; i < 10; i++) {
    id = crockford.charAt(time % 32) + id;
    time = Math.floor(time / 32);
  }
  for (const byte of randomBytes(10)) id += crockford.charAt(byte & 31);
  return id;
}
