import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LaunchError, type Launcher, type RunningPlatform } from './launcher.ts';
import { ReadyProcess } from './ready-process.ts';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
const startScript = join('scripts', 'src', 'start.ts');

/** Longest first start: it loads the whole tree of federations. Minutes on a slow disk. */
const firstStartMs = 300_000;
/** Longest start on data that is there. */
const restartMs = 60_000;

const readyLine = /^ready (http:\/\/\S+)$/;

/** `npm start` as a process of its own, on a temporary folder and a free port: the embedded profile. */
export class EmbeddedLauncher implements Launcher {
  readonly title = '嵌入式:一个进程、SQLite | embedded: one process, SQLite';
  readonly #onLine: (line: string) => void;
  readonly #signal: AbortSignal;
  readonly #log: string[] = [];
  #folder: string | undefined;
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
    return await this.#launch(firstStartMs, this.#onLine);
  }

  async kill(): Promise<void> {
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
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
    if (how !== undefined && how !== 'exit code 0') {
      throw new LaunchError(`the platform did not stop in good order: ${how}`);
    }
  }

  abandon(): void {
    this.#running?.killNow();
    this.#running = undefined;
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
    this.#folder = undefined;
  }

  log(): readonly string[] {
    return this.#log;
  }

  async storedFiles(): Promise<readonly string[]> {
    if (this.#folder === undefined) return [];
    const entries = await readdir(this.#folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
  }

  async #launch(readyMs: number, onLine: (line: string) => void): Promise<RunningPlatform> {
    if (this.#folder === undefined) throw new Error('the platform has no folder before its start');
    if (this.#running !== undefined) throw new Error('the platform runs already');
    const { process: running, url } = await ReadyProcess.start({
      args: [startScript],
      cwd: repository,
      env: {
        ...process.env,
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
}
