import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NotificationsServiceService } from '@unionfold/contracts/notifications';
import { connectKafka } from '@unionfold/messaging';
import { MasterKey } from '@unionfold/privacy';
import { MongoConnection } from '@unionfold/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNotice } from '../notices-module.fixture.ts';
import { remoteService } from '../rpc/client.ts';
import { ServiceDirectory } from '../rpc/service-directory.ts';
import { Gate } from './gate.fixture.ts';
import { HealthProbe } from './health-probe.fixture.ts';

const program = join(import.meta.dirname, 'notices-process.fixture.ts');
const wait = { timeout: 30_000 };
const masterKey = MasterKey.generate().toText();

describe('A service as a process of its own', () => {
  let prefix: string;
  let environment: Record<string, string>;
  let port: number;
  let probe: HealthProbe;
  let directory: ServiceDirectory;
  let mongodb: Gate;
  let child: NoticesProcess | undefined;

  beforeEach(async () => {
    prefix = `process_${randomBytes(4).toString('hex')}`;
    const uri = new URL(required('MONGODB_URI'));
    mongodb = new Gate({ host: uri.hostname, port: Number(uri.port) });
    await mongodb.open();
    port = await freePort();
    environment = {
      // Straight through the gate: the driver would else go to the members that the replica set names.
      MONGODB_URI: `mongodb://127.0.0.1:${mongodb.port}/?directConnection=true`,
      KAFKA_BROKERS: required('KAFKA_BROKERS'),
      PREFIX: prefix,
      PARTITIONS: '2',
      MASTER_KEY: masterKey,
      LISTEN: `127.0.0.1:${port}`,
      LOG_LEVEL: 'info',
    };
    probe = new HealthProbe(`127.0.0.1:${port}`);
    directory = new ServiceDirectory();
    directory.set('notifications', `127.0.0.1:${port}`);
  });
  afterEach(async () => {
    await child?.kill();
    child = undefined;
    probe.close();
    directory.close();
    await mongodb.shut();
    await dropAll(prefix);
  });

  const start = () => {
    child = new NoticesProcess(environment);
    return child;
  };
  const read = (noticeId: string) =>
    remoteService(NotificationsServiceService, 'notifications', directory, 60_000).markNoticeRead(
      readNotice(noticeId, 'm'),
      { actor: 'a', correlationId: 'c' },
    );

  it('serves, and stops in good order when it is told to', async () => {
    const process = start();
    await process.line(`listening 127.0.0.1:${port}`);
    expect(await probe.ask()).toBe('SERVING');
    expect(await read('n')).toMatchObject({ id: 'n', version: 1n });
    process.signal('SIGTERM');
    expect(await process.ended).toBe(0);
    expect(process.log.join('\n')).not.toMatch(/"level":(50|60)\b/);
  });

  it('finishes the command in hand before it ends, and takes no new one', async () => {
    const process = start();
    await process.line(`listening 127.0.0.1:${port}`);
    const answer = read('slow');
    await process.line('has slow');
    process.signal('SIGTERM');
    expect(await answer).toMatchObject({ id: 'slow', version: 1n });
    expect(await process.ended).toBe(0);
    expect(await probe.ask()).toBe('no answer');
  });

  it('ends at once at the second signal', async () => {
    const process = start();
    await process.line(`listening 127.0.0.1:${port}`);
    const answer = read('never').catch(() => 'no answer');
    await process.line('has never');
    process.signal('SIGTERM');
    // It still runs, because of the command; it no longer serves.
    await expect.poll(() => probe.ask(), wait).not.toBe('SERVING');
    process.signal('SIGTERM');
    expect(await process.ended).toBe(130);
    expect(await answer).toBe('no answer');
  });

  it('may be started before its stores: it says what it waits for, is not ready, and then serves', async () => {
    await mongodb.shut();
    const process = start();
    await process.logLine(/waiting for the servers/);
    expect(await probe.ask()).toBe('NOT_SERVING');
    await mongodb.open();
    await process.line(`listening 127.0.0.1:${port}`);
    await expect.poll(() => probe.ask(), wait).toBe('SERVING');
    expect(await read('n')).toMatchObject({ version: 1n });
  });

  it('may be told to stop while it waits', async () => {
    await mongodb.shut();
    const process = start();
    await process.logLine(/waiting for the servers/);
    process.signal('SIGTERM');
    expect(await process.ended).toBe(0);
  });

  it('is not ready while its store does not answer, and ready again afterwards', async () => {
    const process = start();
    await process.line(`listening 127.0.0.1:${port}`);
    await mongodb.shut();
    await expect.poll(() => probe.ask(), wait).toBe('NOT_SERVING');
    await mongodb.open();
    await expect.poll(() => probe.ask(), wait).toBe('SERVING');
    await expect.poll(() => read('n').catch(() => undefined), wait).toMatchObject({ id: 'n' });
  });

  it('waits for Kafka as well, which has to have its topics', async () => {
    const [broker = ''] = required('KAFKA_BROKERS').split(',');
    const [host = '', kafkaPort = ''] = broker.split(':');
    // The first question only goes through the gate; what the brokers say of themselves leads past it.
    const kafka = new Gate({ host, port: Number(kafkaPort) });
    await kafka.open();
    await kafka.shut();
    environment['KAFKA_BROKERS'] = `127.0.0.1:${kafka.port}`;
    try {
      const process = start();
      await process.logLine(/waiting for the servers/);
      expect(await probe.ask()).toBe('NOT_SERVING');
      await kafka.open();
      await process.line(`listening 127.0.0.1:${port}`);
      expect(await read('n')).toMatchObject({ version: 1n });
    } finally {
      await kafka.shut();
    }
  });

  it('tells all settings that cannot be used at once, and does not run', async () => {
    environment = { KAFKA_BROKERS: 'nowhere', PREFIX: prefix, MASTER_KEY: 'secret' };
    const process = start();
    expect(await process.ended).toBe(78);
    const told = process.log.join('\n');
    expect(told).toContain('MONGODB_URI is missing: ');
    expect(told).toContain('KAFKA_BROKERS=nowhere: ');
    expect(told).toContain('MASTER_KEY=(not shown): ');
    expect(told).not.toContain('secret');
  });
});

/** The fixture's process, with what it writes. */
class NoticesProcess {
  readonly log: string[] = [];
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(environment: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', program], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#hear(child.stdout, this.#lines);
    this.#hear(child.stderr, this.log);
    this.ended = once(child, 'close').then(([code, signal]) => {
      this.#tell();
      return code ?? signal;
    });
  }

  async line(expected: string): Promise<void> {
    await this.#until(() => this.#lines.includes(expected), expected);
  }

  async logLine(expected: RegExp): Promise<void> {
    await this.#until(() => this.log.some((line) => expected.test(line)), String(expected));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #hear(output: NodeJS.ReadableStream, lines: string[]): void {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line);
      this.#tell();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        const isOver = this.#child.exitCode !== null || this.#child.signalCode !== null;
        if (!holds() && !isOver) return;
        this.#listeners.delete(look);
        if (holds()) resolve();
        else reject(new Error(`it ended without: ${what}\n${this.log.join('\n')}`));
      };
      this.#listeners.add(look);
      look();
    });
  }
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value === undefined) throw new Error(`${variable} is not set: run npm run test:distributed`);
  return value;
}

/** Removes what processes have made under a prefix. */
async function dropAll(prefix: string): Promise<void> {
  const connection = await MongoConnection.open({ uri: required('MONGODB_URI') });
  for (const name of ['notifications', 'platform']) {
    await connection.client.db(`${prefix}_${name}`).dropDatabase();
  }
  await connection.close();
  const admin = connectKafka(required('KAFKA_BROKERS').split(','), () => undefined).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`${prefix}-`));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
