import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';

/** Where the tests' shared Redis answers. */
export function redisUrl(): string {
  const url = process.env['REDIS_URL'];
  if (url === undefined) throw new Error('REDIS_URL is not set: run npm run test:distributed');
  return url;
}

const READY = 'Ready to accept connections';

/** A Redis of a test's own that keeps nothing on disk, to be stopped and started. Needs `redis-server` in the PATH. */
export class RedisServer {
  readonly #port: number;
  #process: ChildProcess | undefined;

  /** Starts a server on a free port. */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await freePort());
    await server.start();
    return server;
  }

  private constructor(port: number) {
    this.#port = port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Starts it, empty, on the same port; resolves when it accepts connections. */
  async start(): Promise<void> {
    const settings = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()];
    const server = spawn('redis-server', ['--port', String(this.#port), ...settings], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process = server;
    let said = '';
    for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
      said += String(chunk);
      if (said.includes(READY)) break;
    }
    if (!said.includes(READY)) throw new Error(`redis-server did not start: ${said}`);
    server.stdout.resume();
  }

  /** Kills it; resolves when it is gone. */
  async stop(): Promise<void> {
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined) return;
    const exited = once(server, 'exit');
    server.kill('SIGKILL');
    await exited;
  }

  /** Lets it hang: it accepts connections and says nothing. */
  hang(): void {
    this.#process?.kill('SIGSTOP');
  }

  goOn(): void {
    this.#process?.kill('SIGCONT');
  }
}

/** A port that stays free while the server is stopped: below those that the system gives to connections. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 29_000);
    const listener = createServer().listen(port, '127.0.0.1');
    const isFree = await once(listener, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    listener.close();
    await once(listener, 'close');
    return port;
  }
}
