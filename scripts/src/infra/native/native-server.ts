import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  endProcess,
  identify,
  isAlive,
  killProcess,
  type ProcessIdentity,
} from '../processes/process-identity.ts';
import type { ServerName, ServerProgram } from './server-program.ts';

/** A server ended before it answered; the message holds the end of its log. */
export class ServerStartError extends Error {
  override readonly name = 'ServerStartError';
}

export interface NativeServerOptions {
  readonly program: ServerProgram;
  /** Where it keeps its data and its log. */
  readonly folder: string;
  readonly port: number;
  /** Its process, where one was started before. */
  readonly running?: ProcessIdentity;
  /** Hears of each process at once, before it answers. */
  readonly onStarted: (identity: ProcessIdentity) => void;
  readonly onEnded: (identity: ProcessIdentity) => void;
}

const shownLines = 20;

/** One server as a process on this machine: it can be stopped and started again on the same port and data. */
export class NativeServer {
  readonly #options: NativeServerOptions;
  #process: ProcessIdentity | undefined;

  constructor(options: NativeServerOptions) {
    this.#options = options;
    this.#process = options.running;
  }

  get name(): ServerName {
    return this.#options.program.name;
  }

  get port(): number {
    return this.#options.port;
  }

  /**
   * Starts the process, or takes the one that runs, and waits until it answers.
   * @throws ServerStartError when it ends before
   * @throws NotReadyError when it does not answer in time; it is ended then
   */
  async start(): Promise<void> {
    const { program, port } = this.#options;
    if (this.#process !== undefined && (await isAlive(this.#process))) {
      return await program.answers(port, new AbortController().signal);
    }
    const log = await this.#logFile();
    const child = await this.#spawn(log);
    const ended = new AbortController();
    const end = new Promise<never>((_, reject) => {
      child.once('exit', (code, signal) => {
        reject(new Error(signal ?? `exit code ${code}`));
      });
    });
    end.catch((how: unknown) => ended.abort(how));
    try {
      await Promise.race([program.answers(port, ended.signal), end]);
    } catch (error) {
      await this.kill();
      const lines = (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-shownLines);
      throw new ServerStartError(
        `${this.name} did not start: ${error instanceof Error ? error.message : error}\nend of ${log}:\n${lines.join('\n')}`,
      );
    }
  }

  /** Asks it to stop and waits until it is gone. */
  async stop(): Promise<void> {
    await this.#end((identity) => endProcess(identity, this.#options.program.graceMs));
  }

  /** Ends it with SIGKILL and waits until it is gone. */
  async kill(): Promise<void> {
    await this.#end(killProcess);
  }

  async #end(how: (identity: ProcessIdentity) => Promise<void>): Promise<void> {
    const identity = this.#process;
    if (identity === undefined) return;
    await how(identity);
    this.#process = undefined;
    this.#options.onEnded(identity);
  }

  async #logFile(): Promise<string> {
    await mkdir(this.#options.folder, { recursive: true });
    return join(this.#options.folder, `${this.name}.log`);
  }

  async #spawn(log: string): Promise<ChildProcess> {
    const { program, folder, port, onStarted } = this.#options;
    const { file, args, env } = await program.prepare(folder, port);
    const output = openSync(log, 'a', 0o600);
    const child = spawn(file, args, {
      cwd: folder,
      // A group of its own: Ctrl-C at the terminal is for the one who started it, and it stops its servers in order.
      detached: true,
      stdio: ['ignore', output, output],
      ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
    });
    closeSync(output);
    child.unref();
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const identity = child.pid === undefined ? undefined : await identify(child.pid);
    if (identity === undefined) {
      throw new ServerStartError(`${this.name} ended at once; its log: ${log}`);
    }
    this.#process = identity;
    onStarted(identity);
    return child;
  }
}
