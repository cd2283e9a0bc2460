import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LaunchedPlatform } from './launched-platform.ts';
import type { Launcher, RunningPlatform } from './launcher.ts';

const startScript = join('scripts', 'src', 'start.ts');

/** Longest first start: it loads the whole tree of federations. Minutes on a slow disk. */
const firstStartMs = 300_000;
/** Longest start on data that is there. */
const restartMs = 60_000;

/** `npm start` as a process of its own, on a temporary folder and a free port: the embedded profile. */
export class EmbeddedLauncher implements Launcher {
  readonly title = '嵌入式:一个进程、SQLite | embedded: one process, SQLite';
  readonly #onLine: (line: string) => void;
  readonly #platform: LaunchedPlatform;

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
    return await this.#launch(firstStartMs, this.#onLine);
  }

  async kill(): Promise<void> {
    await this.#platform.kill();
  }

  async restart(): Promise<RunningPlatform> {
    return await this.#launch(restartMs, () => undefined);
  }

  async stop(): Promise<void> {
    await this.#platform.stop();
  }

  abandon(): void {
    this.#platform.abandon();
  }

  log(): readonly string[] {
    return this.#platform.log();
  }

  async storedFiles(): Promise<readonly string[]> {
    const { folder } = this.#platform;
    if (folder === undefined) return [];
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
  }

  #launch(readyMs: number, onLine: (line: string) => void): Promise<RunningPlatform> {
    return this.#platform.launch({ args: [startScript], env: {}, readyMs, onLine });
  }
}
