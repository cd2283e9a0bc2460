import { join } from 'node:path';
import { environmentOf } from '../../infra/addresses.ts';
import { findServers, NoServersError } from '../../infra/find-servers.ts';
import type { Servers } from '../../infra/servers.ts';
import { startServers } from '../../infra/start-servers.ts';
import { LaunchedPlatform } from './launched-platform.ts';
import type { Launcher, RunningPlatform } from './launcher.ts';
import { StoredData } from './stored-data.ts';

const startScript = join('scripts', 'src', 'start-distributed.ts');

const firstStartMs = 300_000;
const restartMs = 120_000;

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
  readonly #platform: LaunchedPlatform;
  readonly #children = new Set<number>();
  #servers: Servers | undefined;
  #environment: Readonly<Record<string, string>> = {};
  #stored: StoredData | undefined;

  /**
   * @param onLine hears what the platform tells at its first start
   * @param signal ends a start that is under way
   */
  constructor(onLine: (line: string) => void, signal: AbortSignal) {
    this.#onLine = onLine;
    this.#platform = new LaunchedPlatform(signal);
  }

  async start(): Promise<RunningPlatform> {
    await this.#platform.makeFolder();
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
    this.#killChildren();
    await this.#platform.kill();
  }

  async restart(): Promise<RunningPlatform> {
    return await this.#launch(restartMs, () => undefined);
  }

  async stop(): Promise<void> {
    await this.#platform.stop(async () => this.#servers?.stop());
  }

  abandon(): void {
    this.#killChildren();
    this.#platform.abandon();
  }

  log(): readonly string[] {
    return this.#platform.log();
  }

  async storedFiles(): Promise<readonly string[]> {
    const { folder } = this.#platform;
    if (folder === undefined || this.#stored === undefined) return [];
    return await this.#stored.dump(folder);
  }

  /** To be called before the one is ended that would start them again. */
  #killChildren(): void {
    for (const pid of this.#children) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    this.#children.clear();
  }

  async #launch(readyMs: number, onLine: (line: string) => void): Promise<RunningPlatform> {
    this.#children.clear();
    return await this.#platform.launch({
      args: ['--disable-warning=TimeoutNegativeWarning', startScript],
      env: { ...this.#environment, PREFIX: prefix, REPLICAS: String(replicas) },
      readyMs,
      onLine: (line) => {
        const pid = processLine.exec(line)?.[1];
        if (pid === undefined) onLine(line);
        else this.#children.add(Number(pid));
      },
    });
  }
}
