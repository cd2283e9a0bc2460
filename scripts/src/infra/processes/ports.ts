import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Ports are taken from below the ephemeral ones (from 32768 on Linux): a client that calls a stopped server again and again
 * could else be given the server's own port for its end, and the server could not come back.
 */
const [lowest, highest] = [20_000, 32_000];
/** Told by this process before; their servers may not listen yet. */
const told = new Set<number>();

/**
 * A port of 127.0.0.1 that nobody listens on now, and that this process has not told before.
 * @throws Error when there is none
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 1_000; attempt += 1) {
    const port = randomInt(lowest, highest);
    if (told.has(port) || !(await isFree(port))) continue;
    told.add(port);
    return port;
  }
  throw new Error(`no free port from ${lowest} to ${highest}`);
}

/** Whether a port of 127.0.0.1 can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
