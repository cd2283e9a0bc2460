import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity.ts';

/** What the watchdog is told, one JSON object a line. */
export type WatchdogOrder =
  | { readonly watch: ProcessIdentity }
  | { readonly forget: ProcessIdentity }
  | { readonly removeFolder: string };

/**
 * Ends servers when this process ends, however it ends: a process of its own holds the other end of a pipe, which the
 * system closes even after SIGKILL.
 */
export class Watchdog {
  readonly #child: ChildProcess;

  constructor() {
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.#child = spawn(process.execPath, [join(import.meta.dirname, 'watchdog-process.ts')], {
      stdio: ['pipe', 'ignore', 'ignore'],
      // A group of its own: Ctrl-C at the terminal must not end it before its work.
      detached: true,
      env,
    });
    // Whoever asks for a server hears when the watchdog is missing, by the order that fails.
    this.#child.on('error', () => undefined);
    this.#child.unref();
    const { stdin } = this.#child;
    stdin?.on('error', () => undefined);
    if (stdin !== null && 'unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  }

  /** @throws Error when the watchdog has ended: what was started would not be ended with this process */
  tell(order: WatchdogOrder): void {
    const { stdin } = this.#child;
    if (stdin === null || this.#child.exitCode !== null || !stdin.writable) {
      throw new Error('the watchdog of the servers has ended');
    }
    stdin.write(`${JSON.stringify(order)}\n`);
  }

  /** Lets the watchdog do its last work and end, as it would at the end of this process. */
  release(): void {
    this.#child.stdin?.end();
  }
}
