import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { Client, credentials, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { RecipientKind } from '@unionfold/contracts';
import { type Notice, NotificationsServiceService } from '@unionfold/contracts/notifications';
import {
  type Refusal,
  refuse,
  StoreUnavailableError,
  TransientError,
} from '@unionfold/eventsourcing';
import { KeyDestroyedError } from '@unionfold/privacy';
import { service as healthService } from 'grpc-health-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLogger } from '../logger.ts';
import type { CallOrigin } from './call-origin.ts';
import { RemoteFailureError, RemoteUnavailableError, remoteService } from './client.ts';
import { type CallContext, RpcServer, rpcService } from './server.ts';
import { ServiceDirectory } from './service-directory.ts';

type GetNotice = (request: { noticeId: string }, context: CallContext) => Promise<Notice | Refusal>;

const origin: CallOrigin = { actor: 'a', correlationId: 'c' };
const closing: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const notice = (params: Record<string, string> = {}): Notice => ({
  noticeId: 'n',
  recipientKind: RecipientKind.RECIPIENT_KIND_MEMBER,
  recipientId: 'm',
  template: '',
  aboutType: '',
  aboutId: '',
  params,
  read: false,
  version: 1n,
});

async function startServer(getNotice: GetNotice, address = '127.0.0.1:0') {
  const lines: string[] = [];
  const server = new RpcServer(
    [
      rpcService(NotificationsServiceService, {
        getNotice,
        markNoticeRead: async (_, { fingerprint, idempotencyKey, actor }) => ({
          id: JSON.stringify({ fingerprint, idempotencyKey, actor }),
          version: 1n,
          positions: [],
        }),
      }),
    ],
    { logger: createLogger('info', { write: (line) => lines.push(line) }), newId: () => 'new' },
  );
  closing.push(() => server.stop(0));
  const port = await server.listen(address);
  server.setServing(true);
  return { server, port, lines };
}

function connected(port?: number, deadlineMs = 5_000) {
  const directory = new ServiceDirectory();
  closing.push(() => directory.close());
  if (port !== undefined) directory.set('notifications', `127.0.0.1:${port}`);
  const remote = remoteService(NotificationsServiceService, 'notifications', directory, deadlineMs);
  return { directory, remote, get: () => remote.getNotice({ noticeId: 'n' }, origin) };
}

async function setUp(getNotice: GetNotice, deadlineMs?: number) {
  const started = await startServer(getNotice);
  return { ...started, ...connected(started.port, deadlineMs) };
}

describe('A call', () => {
  it('is answered, and a refusal arrives whole', async () => {
    const answers = [
      notice({ 工会: '甲' }),
      refuse('version-conflict', { field: 'f', params: { expected: 1, actual: 2, 名: '值' } }),
    ];
    const { get } = await setUp(async () => answers.shift() ?? notice());
    expect(await get()).toEqual(notice({ 工会: '甲' }));
    expect(await get()).toEqual(
      refuse('version-conflict', { field: 'f', params: { expected: 1, actual: 2, 名: '值' } }),
    );
  });

  it('carries who calls, the key and the fingerprint of the command', async () => {
    const { remote } = await setUp(async () => notice());
    const read = async (recipientId: string, key = 'k') => {
      const answer = await remote.markNoticeRead(
        { noticeId: 'n', recipientKind: RecipientKind.RECIPIENT_KIND_MEMBER, recipientId },
        { ...origin, actor: '工会干部', idempotencyKey: key },
      );
      return JSON.parse('id' in answer ? answer.id : '') as Record<string, string>;
    };
    const first = await read('m');
    expect(first).toMatchObject({ actor: '工会干部', idempotencyKey: 'k' });
    expect(await read('m', 'other')).toMatchObject({ fingerprint: first['fingerprint'] });
    expect((await read('m2'))['fingerprint']).not.toBe(first['fingerprint']);
  });

  it.each<[string, GetNotice]>([
    [
      'throws at once',
      () => {
        throw new Error('张三');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('张三'))],
    ['answers what is no answer', async () => undefined as never],
  ])('fails when its handler %s, and the caller hears no inner message', async (_, handler) => {
    const { get, server } = await setUp(handler);
    const failure = await get().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RemoteFailureError);
    expect(failure).toMatchObject({ service: 'notifications', code: status.INTERNAL });
    expect(String(failure)).not.toContain('张三');
    await server.stop();
  });

  it('fails when it is refused for a reason that nobody has registered, which is logged', async () => {
    const { get, lines } = await setUp(async () => refuse('no-such-problem'));
    await expect(get()).rejects.toThrow(RemoteFailureError);
    expect(lines.join()).toContain('no-such-problem');
  });

  it('about a person who was forgotten is refused for that, without a trace in the log of failures', async () => {
    const { get, lines } = await setUp(() => Promise.reject(new KeyDestroyedError('ada')));
    expect(await get()).toEqual({ refused: 'person-forgotten' });
    expect(lines).toEqual([]);
  });

  it.each([
    new TransientError('x'),
    new StoreUnavailableError('x'),
    new RemoteUnavailableError('y'),
  ])('is to be tried again after %s', async (error) => {
    const { get } = await setUp(() => Promise.reject(error));
    await expect(get()).rejects.toThrow(RemoteUnavailableError);
  });

  it('takes messages up to the limit in both directions, and fails beyond it', async () => {
    const { remote } = await setUp(async ({ noticeId }) => notice({ n: noticeId }));
    const of = (bytes: number) => remote.getNotice({ noticeId: 'x'.repeat(bytes) }, origin);
    expect(await of(7_900_000)).toHaveProperty('params.n.length', 7_900_000);
    await expect(of(9_000_000)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await of(1)).toHaveProperty('params.n', 'x');
  });

  it('that is not answered in time counts as unanswered', async () => {
    const gate = Promise.withResolvers<Notice>();
    const { get } = await setUp(() => gate.promise, 100);
    await expect(get()).rejects.toThrow(RemoteUnavailableError);
    gate.resolve(notice());
  });

  it('to nobody counts as unanswered', async () => {
    await expect(connected(1).get()).rejects.toThrow(RemoteUnavailableError);
  });
});

describe('A server that stops', () => {
  it('answers the calls under way, and takes no new ones', async () => {
    const gate = Promise.withResolvers<Notice>();
    const met = Promise.withResolvers<void>();
    const { get, server, port } = await setUp(() => {
      met.resolve();
      return gate.promise;
    });
    const calling = get();
    await met.promise;
    const stopping = server.stop();
    await expect(connected(port).get()).rejects.toThrow(RemoteUnavailableError);
    gate.resolve(notice());
    expect(await calling).toEqual(notice());
    await stopping;
  });

  it('cuts off after the grace period what does not end', async () => {
    const { get, server } = await setUp(() => new Promise(() => undefined));
    const calling = get().catch((error: unknown) => error);
    await vi.waitFor(async () => {
      await server.stop(50);
      expect(await calling).toBeInstanceOf(RemoteUnavailableError);
    });
  });

  it('that never listened stops as well', async () => {
    const server = new RpcServer([], { logger: createLogger('silent'), newId: () => '' });
    await server.stop();
  });
});

describe('A service directory', () => {
  it('lets callers wait for a service that is not yet known, within their deadline', async () => {
    const { port } = await startServer(async () => notice());
    const { directory, get } = connected();
    const calling = get();
    directory.set('notifications', `127.0.0.1:${port}`);
    expect(await calling).toEqual(notice());

    const started = performance.now();
    await expect(connected(undefined, 60).get()).rejects.toThrow(RemoteUnavailableError);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('lets nobody wait when it is closed', async () => {
    const { directory, get } = connected(undefined, 60_000);
    const calling = get();
    directory.close();
    await expect(calling).rejects.toThrow(RemoteUnavailableError);
    await expect(get()).rejects.toThrow(RemoteUnavailableError);
  });

  it('leads callers to a service that has moved', async () => {
    const { get, server, directory } = await setUp(async () => notice({ at: 'old' }));
    expect(await get()).toEqual(notice({ at: 'old' }));
    await server.stop();
    await expect(get()).rejects.toThrow(RemoteUnavailableError);
    const moved = await startServer(async () => notice({ at: 'new' }));
    directory.set('notifications', `127.0.0.1:${moved.port}`);
    expect(await get()).toEqual(notice({ at: 'new' }));
  });

  it('lets calls end that are under way to the old place', async () => {
    const gate = Promise.withResolvers<Notice>();
    const met = Promise.withResolvers<void>();
    const { get, directory } = await setUp(() => {
      met.resolve();
      return gate.promise;
    });
    const calling = get();
    await met.promise;
    const moved = await startServer(async () => notice({ at: 'new' }));
    directory.set('notifications', `127.0.0.1:${moved.port}`);
    expect(await get()).toEqual(notice({ at: 'new' }));
    gate.resolve(notice({ at: 'old' }));
    expect(await calling).toEqual(notice({ at: 'old' }));
  });

  it('finds a service again that was restarted at its place', async () => {
    const { get, server, port } = await setUp(async () => notice({ run: '1' }));
    await get();
    await server.stop();
    await expect(get()).rejects.toThrow(RemoteUnavailableError);
    await startServer(async () => notice({ run: '2' }), `127.0.0.1:${port}`);
    await vi.waitFor(async () => expect(await get()).toEqual(notice({ run: '2' })), 10_000);
  });
});

describe('What every server answers besides', () => {
  const names = ['', 'unionfold.notifications.v1.NotificationsService'];

  it.each(names)('is its health, for %j', async (service) => {
    const { server, port } = await startServer(async () => notice());
    const client = newClient(port);
    const check = (asked: string) =>
      new Promise<unknown>((resolve, reject) => {
        const method = healthService['Check'];
        if (method === undefined) throw new Error('no health check');
        client.makeUnaryRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
          { service: asked },
          (error, answer) => (error === null ? resolve(answer) : reject(error)),
        );
      });
    expect(await check(service)).toEqual({ status: 'SERVING' });
    server.setServing(false);
    expect(await check(service)).toEqual({ status: 'NOT_SERVING' });
    await expect(check('unheard.of')).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('is its contracts, by reflection', async () => {
    const { port } = await startServer(async () => notice());
    const file = import.meta.resolve(
      '@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto',
    );
    const definition = loadSync(new URL(file).pathname);
    const reflection = definition['grpc.reflection.v1.ServerReflection'] as typeof healthService;
    const method = reflection['ServerReflectionInfo'];
    if (method === undefined) throw new Error('no reflection');
    const client = newClient(port);
    const ask = (request: object) =>
      new Promise<Record<string, unknown>>((resolve, reject) => {
        const stream = client.makeBidiStreamRequest(
          method.path,
          method.requestSerialize,
          method.responseDeserialize,
        );
        stream.on('data', (answer) => {
          resolve(answer as Record<string, unknown>);
          stream.end();
        });
        stream.on('error', reject);
        stream.write(request);
      });
    const listed = await ask({ listServices: '' });
    expect(listed).toMatchObject({
      listServicesResponse: {
        service: [{ name: 'unionfold.notifications.v1.NotificationsService' }],
      },
    });
    for (const symbol of [
      'unionfold.notifications.v1.NotificationsService',
      'unionfold.notifications.v1.NoticePosted',
    ]) {
      const found = await ask({ fileContainingSymbol: symbol });
      const { fileDescriptorResponse } = found as {
        fileDescriptorResponse: { fileDescriptorProto: Buffer[] };
      };
      const files = new Map(
        fileDescriptorResponse.fileDescriptorProto.map((bytes) => {
          const proto = fromBinary(FileDescriptorProtoSchema, bytes);
          return [proto.name, proto] as const;
        }),
      );
      // As a client does: asks for imports that did not come along, then puts all together.
      for (const { dependency } of files.values()) {
        for (const name of dependency) {
          if (files.has(name)) continue;
          const { fileDescriptorResponse: more } = (await ask({
            fileByFilename: name,
          })) as typeof found & {
            fileDescriptorResponse: { fileDescriptorProto: Buffer[] };
          };
          for (const bytes of more.fileDescriptorProto) {
            const proto = fromBinary(FileDescriptorProtoSchema, bytes);
            files.set(proto.name, proto);
          }
        }
      }
      const [first] = [...files.values()];
      if (first === undefined) throw new Error('no file');
      const registry = createFileRegistry(first, (name) => files.get(name));
      expect(registry.get(symbol)?.typeName).toBe(symbol);
    }
  });

  function newClient(port: number): Client {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    closing.push(() => client.close());
    return client;
  }
});
