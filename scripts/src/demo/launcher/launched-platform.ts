import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LaunchError, type RunningPlatform } from './launcher.ts';
import { ReadyProcess } from './ready-process.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));

const readyLine = /^ready (http:\/\/\S+)$/;

/** What is started, and who hears of it. */
export interface Launch {
  /** Arguments of Node: script first. */
  readonly args: readonly string[];
  /** Besides what every launch has. */
  readonly env: Readonly<Record<string, string>>;
  /** Longest time to get ready. Milliseconds. */
  readonly readyMs: number;
  readonly onLine: (line: string) => void;
}

/** A start script of the platform as a process of its own, in a temporary folder and on a free port. */
export class LaunchedPlatform {
  readonly #signal: AbortSignal;
  readonly #log: string[] = [];
  #folder: string | undefined;
  #running: ReadyProcess | undefined;

  /** @param signal ends a start that is under way */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** The temporary folder, from {@link makeFolder} to the end. */
  get folder(): string | undefined {
    return this.#folder;
  }

  async makeFolder(): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'unionfold-demo-'));
  }

  /**
   * Starts the script and waits until it is ready.
   * @throws LaunchError with the output of the process when it ends or is not ready in time
   */
  async launch({ args, env, readyMs, onLine }: Launch): Promise<RunningPlatform> {
    if (this.#folder === undefined) throw new Error('the platform has no folder before its start');
    if (this.#running !== undefined) throw new Error('the platform runs already');
    const { process: running, url } = await ReadyProcess.start({
      args,
      cwd: repository,
      env: {
        ...process.env,
        ...env,
        HOST: '127.0.0.1',
        PORT: '0',
        // A folder inside: the platform makes its own, and finds nothing in it that is not its own.
        DATA_DIR: join(this.#folder, 'data'),
        // Audit lines included: the story looks for people's particulars in them.
        LOG_LEVEL: 'info',
        SEED: 'federations',
      },
      address: (line) => readyLine.exec(line)?.[1],
      readyMs,
      signal: this.#signal,
      onLine,
      onLogLine: (line) => this.#log.push(line),
    });
    this.#running = running;
    return { url };
  }

  /** Ends it with SIGKILL and waits until it is gone. */
  async kill(): Promise<void> {
    await this.#running?.kill();
    this.#running = undefined;
  }

  /**
   * Stops it in good order and removes the folder.
   * @param afterwards what else is stopped then, before anything is said of the order
   * @throws LaunchError when it did not end in good order
   */
  async stop(afterwards: () => Promise<void> = async () => {}): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    const how = await running?.stop();
    await afterwards();
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    if (how !== undefined && how !== 'exit code 0') {
      throw new LaunchError(`the platform did not stop in good order: ${how}`);
    }
  }

  /** The same by force and without waiting, for a process that is about to exit. */
  abandon(): void {
    this.#running?.killNow();
    this.#running = undefined;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  log(): readonly string[] {
    return this.#log;
  }
}
