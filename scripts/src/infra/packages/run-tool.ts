import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Tells the person at the terminal how far the work is. */
export type Tell = (line: string) => void;

/** A tool could not be run or failed; the message has the end of what it said. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

const shownCharacters = 2_000;
const heartbeatMs = 10_000;

export interface ToolOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Longest time it may take, in milliseconds. */
  readonly withinMs: number;
  /** What is going on, told again every ten seconds. */
  readonly work?: { readonly name: string; readonly tell: Tell };
}

/**
 * Runs a program to its end.
 * @returns its standard output
 * @throws ToolError
 */
export async function runTool(
  file: string,
  args: readonly string[],
  { cwd, env, withinMs, work }: ToolOptions,
): Promise<string> {
  const began = performance.now();
  const heartbeat = setInterval(() => {
    work?.tell(`${work.name}: ${Math.round((performance.now() - began) / 1000)} s`);
  }, heartbeatMs);
  try {
    const { stdout } = await execute(file, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      timeout: withinMs,
      maxBuffer: 64 * 2 ** 20,
    });
    return stdout;
  } catch (error) {
    const said = error instanceof Error ? outputOf(error) : '';
    const reason = said === '' && error instanceof Error ? error.message : said;
    throw new ToolError(`${file} ${args[0] ?? ''} failed: ${reason.slice(-shownCharacters)}`);
  } finally {
    clearInterval(heartbeat);
  }
}

function outputOf(error: Error): string {
  const stdout = 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : '';
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr : '';
  return `${stdout}${stderr}`.trim();
}

/** The full path of a program that the search path has, or undefined. */
export async function onPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const file = join(folder, name);
    try {
      await access(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}
