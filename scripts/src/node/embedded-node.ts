import { type Gateway, startGateway } from '@unionfold/gateway';
import { membersModule } from '@unionfold/members';
import { notificationsModule } from '@unionfold/notifications';
import { organizationsModule } from '@unionfold/organizations';
import {
  type Logger,
  openEmbeddedPlatform,
  type Platform,
  type RunningService,
  ServiceDirectory,
  startService,
} from '@unionfold/service-kit';
import { welfareModule } from '@unionfold/welfare';
import type { LoadTarget } from '../seed/first-load.ts';

/** The whole platform in this process: every service behind its own gRPC server, and the gateway. */
export interface EmbeddedNode {
  readonly platform: Platform;
  readonly directory: ServiceDirectory;
  readonly services: readonly RunningService[];
  readonly gateway: Gateway;
  /** Finishes what is under way and closes everything. */
  stop(): Promise<void>;
}

export interface EmbeddedNodeOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly logger: Logger;
  readonly partitions?: number;
  /** Time as every part sees it. */
  readonly clock?: () => Date;
}

const modules = [organizationsModule, membersModule, welfareModule, notificationsModule];

/** Starts everything on the embedded profile. */
export async function startEmbeddedNode(options: EmbeddedNodeOptions): Promise<EmbeddedNode> {
  const { dataDir, host, port, logger, partitions, clock } = options;
  const timed = clock === undefined ? {} : { clock };
  const platform = await openEmbeddedPlatform({
    dataDir,
    ...(partitions === undefined ? {} : { partitions }),
  });
  const directory = new ServiceDirectory();
  const services: RunningService[] = [];
  try {
    for (const module of modules) {
      const service = await startService(module, { platform, directory, logger, ...timed });
      services.push(service);
      directory.set(service.name, `127.0.0.1:${service.port}`);
    }
    const gateway = await startGateway({
      platform,
      directory,
      logger,
      host,
      port,
      developmentIssuer: true,
      version: '0.1.0',
      ...timed,
    });
    return {
      platform,
      directory,
      services,
      gateway,
      stop: async () => {
        await gateway.stop();
        await stopServices(services, directory, platform);
      },
    };
  } catch (error) {
    await stopServices(services, directory, platform);
    throw error;
  }
}

async function stopServices(
  services: readonly RunningService[],
  directory: ServiceDirectory,
  platform: Platform,
): Promise<void> {
  for (const service of services.toReversed()) await service.stop();
  directory.close();
  await platform.close();
}

/** What a first load needs of it. */
export async function loadTargetOf({
  directory,
  platform,
  gateway,
}: EmbeddedNode): Promise<LoadTarget> {
  const [federation] = gateway.projections;
  return {
    directory,
    documents: await platform.documents('gateway'),
    issuer: gateway.issuer,
    shows: async (positions, timeoutMs) =>
      (await federation?.waitFor(positions, timeoutMs)) === true,
  };
}
