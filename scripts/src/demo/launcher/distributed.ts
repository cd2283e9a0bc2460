import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentOf } from '../../infra/addresses.ts';
import { findServers, NoServersError } from '../../infra/find-servers.ts';
import type { Servers } from '../../infra/servers.ts';
import { startServers } from '../../infra/start-servers.ts';
import { LaunchError, type Launcher, type RunningPlatform } from './launcher.ts';
import { ReadyProcess } from './ready-process.ts';
import { StoredData } from './stored-data.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const startScript = join('scripts', 'src', 'start-distributed.ts');

const firstStartMs = 300_000;
const restartMs = 120_000;

const readyLine = /^ready (http:\/\/\S+)$/;
const processLine = /^process \S+ (\d+)$/;

/** Of each service and of the gateway. */
const replicas = 2;

/** Begins the names of all that it makes. What a demonstration before has left is removed at the start. */
const prefix = 'demo';

/**
 * `npm run start:distributed` on real Kafka, MongoDB and Redis: two replicas of each service and of the gateway. Its data
 * is apart from all other by a prefix of its own, and stays for `npm run verify`; servers are started for it where there
 * are none.
 */
export class DistributedLauncher implements Launcher {
  readonly title =
    '分布式:每个服务两个进程,Kafka、MongoDB、Redis | distributed: two processes a service';
  readonly #onLine: (line: string) => void;
  readonly #signal: AbortSignal;
  readonly #log: string[] = [];
  readonly #children = new Set<number>();
  #folder: string | undefined;
  #servers: Servers | undefined;
  #environment: Readonly<Record<string, string>> = {};
  #stored: StoredData | undefined;
  #running: ReadyProcess | undefined;

  /**
   * @param onLine hears what the platform tells at its first start
   * @param signal ends a start that is under way
   */
  constructor(onLine: (line: string) => void, signal: AbortSignal) {
    this.#onLine = onLine;
    this.#signal = signal;
  }

  async start(): Promise<RunningPlatform> {
    this.#folder = await mkdtemp(join(tmpdir(), 'unionfold-demo-'));
    const addresses = await findServers().catch(async (error: unknown) => {
      if (!(error instanceof NoServersError)) throw error;
      this.#onLine('没有服务器,启动临时的 | no servers are known: starting some for this run');
      this.#servers = await startServers({ tell: this.#onLine });
      return this.#servers.addresses;
    });
    this.#environment = environmentOf(addresses);
    this.#stored = new StoredData(addresses, prefix);
    await this.#stored.drop();
    return await this.#launch(firstStartMs, this.#onLine);
  }

  async kill(): Promise<void> {
    this.#killNow();
    await this.#running?.kill();
    this.#running = undefined;
  }

  async restart(): Promise<RunningPlatform> {
    return await this.#launch(restartMs, () => undefined);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    const how = await running?.stop();
    await this.#servers?.stop();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    if (how !== undefined && how !== 'exit code 0') {
      throw new LaunchError(`the platform did not stop in good order: ${how}`);
    }
  }

  abandon(): void {
    this.#killNow();
    this.#running = undefined;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  log(): readonly string[] {
    return this.#log;
  }

  async storedFiles(): Promise<readonly string[]> {
    if (this.#folder === undefined || this.#stored === undefined) return [];
    return await this.#stored.dump(this.#folder);
  }

  /** The processes before the one that would start them again. */
  #killNow(): void {
    for (const pid of this.#children) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    this.#children.clear();
    this.#running?.killNow();
  }

  async #launch(readyMs: number, onLine: (line: string) => void): Promise<RunningPlatform> {
    if (this.#folder === undefined) throw new Error('the platform has no folder before its start');
    if (this.#running !== undefined) throw new Error('the platform runs already');
    this.#children.clear();
    const { process: running, url } = await ReadyProcess.start({
      args: ['--disable-warning=TimeoutNegativeWarning', startScript],
      cwd: repository,
      env: {
        ...process.env,
        ...this.#environment,
        PREFIX: prefix,
        REPLICAS: String(replicas),
        HOST: '127.0.0.1',
        PORT: '0',
        // Holds the master key, and nothing else.
        DATA_DIR: join(this.#folder, 'data'),
        // Audit lines included: the story looks for people's particulars in them.
        LOG_LEVEL: 'info',
        SEED: 'federations',
      },
      address: (line) => readyLine.exec(line)?.[1],
      readyMs,
      signal: this.#signal,
      onLine: (line) => {
        const pid = processLine.exec(line)?.[1];
        if (pid === undefined) onLine(line);
        else this.#children.add(Number(pid));
      },
      onLogLine: (line) => this.#log.push(line),
    });
    this.#running = running;
    return { url };
  }
}
