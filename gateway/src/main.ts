import { readGatewaySettings, runProcess, standIn } from '@unionfold/service-kit';
import { startGateway } from './gateway.ts';
import { unreadyHttpServer } from './http/unready-server.ts';

await runProcess({
  name: 'gateway',
  read: readGatewaySettings,
  standIn: ({ host, port }) => standIn(host, port, unreadyHttpServer),
  start: async ({ settings, platform, directory, logger, beforeListening }) => {
    const { host, port, developmentIssuer } = settings;
    const gateway = await startGateway({
      platform,
      directory,
      logger,
      host,
      port,
      developmentIssuer,
      version: '0.1.0',
      beforeListening,
    });
    return { address: gateway.url, stop: () => gateway.stop() };
  },
});
