import { readGatewaySettings, runProcess } from '@unionfold/service-kit';
import { startGateway } from './gateway.ts';

await runProcess('gateway', readGatewaySettings, async (context) => {
  const { settings, platform, directory, logger } = context;
  const { host, port, developmentIssuer } = settings;
  const version = '0.1.0';
  const gateway = await startGateway({
    platform,
    directory,
    logger,
    host,
    port,
    developmentIssuer,
    version,
  });
  return { address: gateway.url, stop: () => gateway.stop() };
});
