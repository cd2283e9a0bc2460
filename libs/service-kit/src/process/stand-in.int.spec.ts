import { type AddressInfo, createServer } from 'node:net';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../logger.ts';
import { RemoteUnavailableError, remoteService } from '../rpc/client.ts';
import { RpcServer } from '../rpc/server.ts';
import { ServiceDirectory } from '../rpc/service-directory.ts';
import { HealthProbe } from './health-probe.fixture.ts';
import { type StandIn, standIn, unreadyRpcServer } from './stand-in.ts';

const origin = { actor: 'a', correlationId: 'c' };

describe('A stand-in for a service that waits for its stores', () => {
  let port: number;
  let waiting: StandIn;
  let health: HealthProbe;
  let directory: ServiceDirectory;

  beforeEach(async () => {
    port = await freePort();
    waiting = standIn('127.0.0.1', port, unreadyRpcServer);
    await waiting.start();
    health = new HealthProbe(`127.0.0.1:${port}`);
    directory = new ServiceDirectory();
    directory.set('notifications', `127.0.0.1:${port}`);
  });
  afterEach(async () => {
    health.close();
    directory.close();
    await waiting.giveWay();
  });

  it('tells health checks that it does not serve', async () => {
    expect(await health.ask()).toBe('NOT_SERVING');
  });

  it('has callers try again later', async () => {
    const remote = remoteService(NotificationsServiceService, 'notifications', directory);
    const call = remote.getNotice({ noticeId: 'n' }, origin);
    await expect(call).rejects.toThrow(RemoteUnavailableError);
  });

  it('gives way at once to the service, whose callers find it', async () => {
    expect(await health.ask()).toBe('NOT_SERVING');
    await waiting.giveWay();
    const server = new RpcServer([], { logger: createLogger('silent'), newId: () => 'n' });
    try {
      expect(await server.listen(`127.0.0.1:${port}`)).toBe(port);
      server.setServing(true);
      await expect.poll(() => health.ask()).toBe('SERVING');
    } finally {
      await server.stop(0);
    }
  });

  it('can stand in again', async () => {
    await waiting.giveWay();
    await waiting.start();
    await waiting.start();
    await expect.poll(() => health.ask()).toBe('NOT_SERVING');
  });

  it('fails where somebody else listens', async () => {
    const other = standIn('127.0.0.1', port, unreadyRpcServer);
    await expect(other.start()).rejects.toThrow('EADDRINUSE');
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
