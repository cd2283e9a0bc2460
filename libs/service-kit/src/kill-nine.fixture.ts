import { createLogger } from './logger.ts';
import { noticesModule } from './notices-module.fixture.ts';
import { openEmbeddedPlatform } from './platform/embedded.ts';
import { ServiceDirectory } from './rpc/service-directory.ts';
import { startService } from './service.ts';

// A service in a process of its own that prints its port; it is meant to be killed.
const [, , dataDir = ''] = process.argv;
const service = await startService(noticesModule(), {
  platform: await openEmbeddedPlatform({ dataDir }),
  directory: new ServiceDirectory(),
  logger: createLogger('warn'),
});
process.stdout.write(`${service.port}\n`);
