import { randomBytes } from 'node:crypto';
import {
  CommandHandler,
  type ConsumerDefinition,
  type ConsumerEnvironment,
  ConsumerRunner,
  type Projection,
  ProjectionRunner,
} from '@unionfold/eventsourcing';
import { federationProjection, inboxProjection } from '@unionfold/gateway';
import { membersModule } from '@unionfold/members';
import { notificationsModule } from '@unionfold/notifications';
import { organizationsModule } from '@unionfold/organizations';
import { KeyRing, MasterKey, MemoryKeyStore } from '@unionfold/privacy';
import {
  createLogger,
  ProtoEventCodec,
  ServiceDirectory,
  type ServiceModule,
} from '@unionfold/service-kit';
import { welfareModule } from '@unionfold/welfare';
import { gateway } from '../installation.ts';

/** What consumes events into one document store. */
export interface ConsumingOwner {
  /** A service, or the gateway. */
  readonly name: string;
  readonly projections: readonly Projection[];
  readonly reactions: readonly Pick<ConsumerDefinition, 'name' | 'topics'>[];
  readonly codec: ProtoEventCodec;
}

const modules = [organizationsModule, membersModule, welfareModule, notificationsModule];

/** All projections and reactions of the platform. Builds the services' parts without starting any. */
export function consumingOwners(): ConsumingOwner[] {
  return [
    ...modules.map(ownerOf),
    {
      name: gateway,
      projections: [federationProjection, inboxProjection],
      reactions: [],
      codec: keylessCodec(),
    },
  ];
}

function ownerOf(module: ServiceModule): ConsumingOwner {
  const projections: Projection[] = [];
  const reactions: ConsumerDefinition[] = [];
  const codec = keylessCodec(module);
  const environment: ConsumerEnvironment = {
    log: notRunning('event log'),
    documents: notRunning('document store'),
    codec,
    clock: () => new Date(),
    onError: () => undefined,
  };
  const commands = new CommandHandler({
    store: notRunning('event store'),
    codec,
    clock: environment.clock,
    newId: () => '',
    onError: () => undefined,
  });
  module.build({
    name: module.name,
    commands,
    codec,
    documents: environment.documents,
    keys: notRunning('key ring'),
    masterKey: notRunning('master key'),
    directory: new ServiceDirectory(),
    logger: createLogger('silent'),
    clock: environment.clock,
    newId: () => '',
    projection: (projection) => {
      projections.push(projection);
      return new ProjectionRunner(projection, environment);
    },
    reaction: (definition) => {
      reactions.push(definition);
      return new ConsumerRunner(definition, environment);
    },
    task: () => undefined,
    answer: () => {
      throw new Error('nothing is answered here');
    },
  });
  return { name: module.name, projections, reactions, codec };
}

/**
 * A codec that opens nothing personal: projections never have it opened, so that their documents can be built again
 * without the installation's master key.
 */
function keylessCodec(module?: ServiceModule): ProtoEventCodec {
  const masterKey = new MasterKey(randomBytes(32));
  const keys = new KeyRing({ masterKey, store: new MemoryKeyStore(), cacheSize: 1 });
  return new ProtoEventCodec(keys, module?.upcasters);
}

/** Stands where a running service has an engine: to be handed on while parts are built, not to be called. */
function notRunning<T extends object>(what: string): T {
  return new Proxy({} as T, {
    get: () => () => {
      throw new Error(`the ${what} is not there: nothing of this service runs here`);
    },
  });
}
