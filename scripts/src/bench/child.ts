import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The platform in a process of its own, as `npm start` runs it. */
export interface ChildPlatform {
  readonly url: string;
  /** From the start of the process to its `ready` line, in milliseconds. */
  readonly readyMs: number;
  /** Resident memory now, in MB. */
  residentMb(): number;
  stop(): Promise<void>;
}

/** Starts `npm start`'s program on a folder and waits until it is ready. */
export async function startChild(
  dataDir: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<ChildPlatform> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(import.meta.dirname, '../start.ts')], {
    env: { ...process.env, PORT: '0', DATA_DIR: dataDir, SEED: 'none', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await readyUrl(child);
  return {
    url,
    readyMs: performance.now() - started,
    residentMb: () =>
      Number(execFileSync('ps', ['-o', 'rss=', '-p', String(child.pid)], { encoding: 'utf8' })) /
      1024,
    stop: async () => {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the platform has no output');
  return await new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
  });
}

/** Signs in at the development issuer. */
export async function signIn(url: string, unionId: string): Promise<string> {
  const answer = await fetch(`${url}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ unionId, role: 'cadre' }),
  });
  const { token } = (await answer.json()) as { token: string };
  return token;
}
