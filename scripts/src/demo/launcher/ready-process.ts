import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { LaunchError } from './launcher.ts';

/** What is started, and how it tells that it is ready. */
export interface ReadyProcessOptions {
  /** Arguments of Node: script first. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Finds the address in the line that tells it; undefined for every other line. */
  readonly address: (line: string) => string | undefined;
  /** Longest time to get ready. */
  readonly readyMs: number;
  /** Ends the wait: the process is killed. */
  readonly signal: AbortSignal;
  /** Hears every line of standard output, the address's included. */
  readonly onLine: (line: string) => void;
  readonly onLogLine: (line: string) => void;
}

/** Lines of output that a failure shows. */
const shownLines = 40;
/** A process that has work in hand gets this long to finish it. */
const graceMs = 15_000;

/** A Node process that says on its standard output when it is ready. */
export class ReadyProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<string>;
  readonly #lines: string[] = [];

  private constructor({ args, cwd, env }: ReadyProcessOptions) {
    this.#child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#exited = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(error.message));
      this.#child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }

  /**
   * Starts the process and waits for its address.
   * @throws LaunchError when it ends before, or is not ready in time; it is gone then
   * @throws whatever the signal was aborted with
   */
  static async start(
    options: ReadyProcessOptions,
  ): Promise<{ readonly process: ReadyProcess; readonly url: string }> {
    const started = new ReadyProcess(options);
    const url = await started.#ready(options);
    return { process: started, url };
  }

  async #ready(options: ReadyProcessOptions): Promise<string> {
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new Error('the output of the process is no pipe');
    const address = new Promise<string>((resolve) => {
      createInterface({ input: stdout }).on('line', (line) => {
        this.#remember(line);
        options.onLine(line);
        const found = options.address(line);
        if (found !== undefined) resolve(found);
      });
    });
    createInterface({ input: stderr }).on('line', (line) => {
      this.#remember(line);
      options.onLogLine(line);
    });
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => late.reject(this.#failure(`not ready after ${options.readyMs / 1000} s`)),
      options.readyMs,
    );
    const giveUp = () => late.reject(options.signal.reason);
    options.signal.addEventListener('abort', giveUp, { once: true });
    if (options.signal.aborted) giveUp();
    const ended = this.#exited.then((how) => {
      throw this.#failure(`ended before it was ready: ${how}`);
    });
    try {
      return await Promise.race([address, ended, late.promise]);
    } catch (error) {
      await this.kill();
      throw error;
    } finally {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', giveUp);
      // The race is over: an end later on is no failure to start.
      ended.catch(() => undefined);
    }
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    this.killNow();
    await this.#exited;
  }

  /** Sends SIGKILL without waiting. */
  killNow(): void {
    this.#child.kill('SIGKILL');
  }

  /** Asks it to stop; ends it by force when it has not after a while. Tells how it ended. */
  async stop(): Promise<string> {
    const timer = setTimeout(() => this.killNow(), graceMs);
    this.#child.kill('SIGTERM');
    const how = await this.#exited;
    clearTimeout(timer);
    return how;
  }

  #remember(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > shownLines) this.#lines.shift();
  }

  #failure(what: string): LaunchError {
    const output = this.#lines.map((line) => `    ${line}`).join('\n');
    return new LaunchError(`${what}; its last output:\n${output === '' ? '    (none)' : output}`);
  }
}
