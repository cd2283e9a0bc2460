import type { AddressInfo } from 'node:net';
import type { RateLimit } from '@unionfold/cache';
import { type ConsumerEnvironment, ProjectionRunner } from '@unionfold/eventsourcing';
import {
  describeFailure,
  type Logger,
  type Platform,
  ProtoEventCodec,
  type ServiceDirectory,
} from '@unionfold/service-kit';
import { bookingCommands } from './bookings/commands.ts';
import { bookingQueries } from './bookings/queries.ts';
import { changeRoutes } from './changes/routes.ts';
import { codeTableRoutes } from './code-tables/routes.ts';
import { committeeRoutes } from './committees/routes.ts';
import type { GatewayContext } from './context.ts';
import { exportRoutes } from './exports/routes.ts';
import { cellCommands } from './grid/cell-commands.ts';
import { cellQueries } from './grid/cell-queries.ts';
import { coverageQueries } from './grid/coverage-queries.ts';
import { employerRoutes } from './grid/employer-routes.ts';
import { placementRoutes } from './grid/placement-routes.ts';
import { documentApi } from './http/api-document.ts';
import { Accepted, type Api } from './http/exchange.ts';
import { platformRoutes } from './http/platform-routes.ts';
import { waitForPositions } from './http/position-wait.ts';
import { Problem } from './http/problem-document.ts';
import { limitRates } from './http/rate-limit.ts';
import { httpServer, refuseOtherMethods } from './http/server.ts';
import { requireSignIn } from './identity/authentication.ts';
import { DevelopmentIssuer } from './identity/issuer.ts';
import { signInRoutes } from './identity/routes.ts';
import { ImportWorker } from './imports/import-worker.ts';
import { importRoutes } from './imports/routes.ts';
import { inboxRoutes } from './inbox/routes.ts';
import { Jurisdiction } from './jurisdiction/jurisdiction.ts';
import { memberCommands } from './members/commands.ts';
import { memberImport } from './members/import/route.ts';
import { memberQueries } from './members/queries.ts';
import { type Readiness, readiness } from './operations/health.ts';
import { operationRoutes } from './operations/routes.ts';
import { federationProjection } from './read-models/federation/projection.ts';
import { inboxProjection } from './read-models/inbox/projection.ts';
import { resourceRoutes } from './resources/routes.ts';
import { resourceUseRoutes } from './resources/use.ts';
import { connectServices } from './services.ts';
import { unionCommands } from './unions/commands.ts';
import { industryLineQueries } from './unions/industry-line.ts';
import { unionQueries } from './unions/queries.ts';
import { recordRoutes } from './unions/records.ts';
import { structureLogRoutes } from './unions/structure-log.ts';
import { pageRoutes } from './web/page-routes.ts';
import { caseCommands } from './welfare/case-commands.ts';
import { caseQueries } from './welfare/case-queries.ts';
import { fundLineRoutes } from './welfare/fund-lines.ts';

/** What a gateway is started with. */
export interface GatewayOptions {
  readonly platform: Platform;
  readonly directory: ServiceDirectory;
  readonly logger: Logger;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Whether anybody may sign in as anybody. */
  readonly developmentIssuer: boolean;
  readonly version: string;
  /** Called when all else has started, just before it listens. */
  readonly beforeListening?: () => Promise<void>;
  readonly clock?: () => Date;
  /** Time that a query waits for a position, in milliseconds. Default 3,000. */
  readonly positionWaitMs?: number;
  /** Time after which a call to a service counts as unanswered, in milliseconds. Default 10,000. */
  readonly deadlineMs?: number;
  /** Requests of one caller. Default 2,000 at once and 1,000 a second: a guard, not a quota. */
  readonly rateLimit?: RateLimit;
}

/** A gateway that is up. */
export interface Gateway {
  readonly port: number;
  readonly url: string;
  readonly issuer: DevelopmentIssuer;
  /** The read models, the federation first. */
  readonly projections: readonly ProjectionRunner[];
  /** While something is loaded or mended, the gateway answers but is not ready. */
  setBusy(reason: string | undefined): void;
  ready(): Promise<Readiness>;
  /** Takes no new requests, answers those under way, stops following. The platform stays open. */
  stop(): Promise<void>;
}

/** Read with nearly every request: who is asked about, and what it comes to. */
const hotCollections = ['unions', 'statistics'] as const;

const bodyBytes = 1024 * 1024;
const importBytes = 16 * 1024 * 1024;
/** Events that a read model may be behind and still count as ready. */
const bearableLag = 10_000;
const prefix = '/api/v1';

/** Starts the gateway: read models, then the HTTP server. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { platform, directory, clock = () => new Date() } = options;
  const logger = options.logger.child({ service: 'gateway' });
  const documents = await platform.documents('gateway', hotCollections);
  const environment: ConsumerEnvironment = {
    log: platform.log,
    documents,
    codec: new ProtoEventCodec(platform.keys),
    clock,
    describeFailure,
    ...(platform.peers === undefined ? {} : { peers: platform.peers }),
    paceMs: platform.pace?.watchedMs ?? 0,
    onError: (consumer, error) => logger.error({ err: error, consumer }, 'consumer'),
  };
  const federation = new ProjectionRunner(federationProjection, environment);
  const inbox = new ProjectionRunner(inboxProjection, environment);
  const projections = [federation, inbox];
  const services = connectServices(directory, options.deadlineMs ?? 10_000);
  const context: GatewayContext = {
    services,
    federation,
    inbox,
    jurisdiction: new Jurisdiction({ federation, services }),
    keys: platform.keys,
    masterKey: platform.masterKey,
    logger,
    clock,
  };
  const issuer = await DevelopmentIssuer.open(documents, platform.masterKey, clock);
  const imports = new ImportWorker({
    ...context,
    documents,
    log: platform.log,
    ...(platform.peers === undefined ? {} : { peers: platform.peers }),
  });
  await imports.open();
  let busy: string | undefined;
  const ready = async (): Promise<Readiness> => {
    const sources = { directory, log: platform.log, projections, bearableLag };
    const state = await readiness(sources);
    if (busy === undefined) return state;
    const part = { part: 'gateway', ready: false, detail: busy };
    return { ready: false, parts: [part, ...state.parts] };
  };

  const api = httpServer({ logger, bodyBytes });
  await documentApi(api, options.version);
  const refuseOthers = refuseOtherMethods(api);
  api.addSchema(Problem);
  api.addSchema(Accepted);
  platformRoutes(api, ready);
  await pageRoutes(api);
  const rateLimit = options.rateLimit ?? { capacity: 2_000, refillPerSecond: 1_000 };
  await api.register(
    async (open) => {
      limitRates(open as Api, platform.rateLimiter, rateLimit, platform.masterKey);
      if (options.developmentIssuer) signInRoutes(open as Api, issuer);
    },
    { prefix },
  );
  await api.register(
    async (scoped) => {
      const signedIn = scoped as Api;
      requireSignIn(signedIn, (token) => issuer.verify(token));
      limitRates(signedIn, platform.rateLimiter, rateLimit, platform.masterKey);
      waitForPositions(signedIn, projections, options.positionWaitMs ?? 3_000);
      unionQueries(signedIn, context);
      industryLineQueries(signedIn, context);
      unionCommands(signedIn, context);
      recordRoutes(signedIn, context);
      structureLogRoutes(signedIn, context);
      changeRoutes(signedIn, context);
      memberQueries(signedIn, context);
      memberCommands(signedIn, context);
      await memberImport(signedIn, context, importBytes);
      await importRoutes(signedIn, context, documents, imports);
      exportRoutes(signedIn, context);
      caseQueries(signedIn, context);
      caseCommands(signedIn, context);
      fundLineRoutes(signedIn, context);
      resourceRoutes(signedIn, context);
      resourceUseRoutes(signedIn, context);
      bookingQueries(signedIn, context);
      bookingCommands(signedIn, context);
      committeeRoutes(signedIn, context);
      employerRoutes(signedIn, context);
      cellQueries(signedIn, context);
      cellCommands(signedIn, context);
      placementRoutes(signedIn, context);
      coverageQueries(signedIn, context);
      codeTableRoutes(signedIn);
      inboxRoutes(signedIn, context);
      operationRoutes(signedIn, context, platform.log, projections);
    },
    { prefix },
  );
  api.get(`${prefix}/openapi.json`, { schema: { hide: true } }, async () => api.swagger());
  refuseOthers();
  await api.ready();
  for (const runner of projections) await runner.start();
  await options.beforeListening?.();
  await api.listen({ host: options.host, port: options.port });
  await imports.start();
  const { port } = api.server.address() as AddressInfo;
  const host = options.host === '127.0.0.1' ? 'localhost' : options.host;
  return {
    port,
    url: `http://${host}:${port}`,
    issuer,
    projections,
    setBusy: (reason) => {
      busy = reason;
    },
    ready,
    stop: async () => {
      await api.close();
      await imports.stop();
      for (const runner of projections) await runner.stop();
    },
  };
}
