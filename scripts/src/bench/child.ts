import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The platform in a process of its own, as `npm start` runs it. */
export interface ChildPlatform {
  readonly url: string;
  /** From the start of the process to its `ready` line, in milliseconds. */
  readonly readyMs: number;
  /** Ids of the processes that it says it has started. */
  processes(): readonly number[];
  /** Resident memory now, in MB. */
  residentMb(): number;
  stop(): Promise<void>;
}

/**
 * Starts `npm start`'s program on a folder and waits until it is ready.
 * @param program another one of this folder's parent, that says the same
 */
export async function startChild(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
  program = 'start.ts',
): Promise<ChildPlatform> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', program)], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, SEED: 'none', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const processes: number[] = [];
  const url = await readyUrl(child, processes);
  return {
    url,
    readyMs: performance.now() - started,
    residentMb: () =>
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) /
      1024,
    processes: () => processes,
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function readyUrl(child: ChildProcess, processes: number[]): Promise<string> {
  if (child.stdout === null) throw new Error('the platform has no output');
  return await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const pid = /^process \S+ (\d+)$/.exec(line)?.[1];
      if (pid !== undefined) processes.push(Number(pid));
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
}

/**
 * Signs in at the development issuer.
 * @param person each has a limit of requests: 2,000 at once, then 1,000 a second
 */
export async function signIn(url: string, unionId: string, person = 'bench'): Promise<string> {
  const answer = await fetch(`${url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ unionId, role: 'cadre', person }),
  });
  const { token } = (await answer.json()) as { token: string };
  return token;
}
