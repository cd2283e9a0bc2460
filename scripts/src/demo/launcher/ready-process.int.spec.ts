import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { LaunchError } from './launcher.ts';
import { ReadyProcess } from './ready-process.ts';

describe('a process that tells when it is ready', () => {
  test('gives its address, and stops in good order', async () => {
    const lines: string[] = [];
    const { process: running, url } = await start(
      `process.on('SIGTERM', () => process.exit(0));
       setInterval(() => {}, 1000);
       console.log('loading');
       console.log('ready http://127.0.0.1:1');`,
      { onLine: (line) => lines.push(line) },
    );
    expect(url).toBe('http://127.0.0.1:1');
    expect(lines).toEqual(['loading', 'ready http://127.0.0.1:1']);
    expect(await running.stop()).toBe('exit code 0');
  });

  test('one that ends before is a failure that shows its output', async () => {
    const failure = start(`console.error('the data folder is foreign'); process.exit(3);`);
    await expect(failure).rejects.toThrow(LaunchError);
    await expect(failure).rejects.toThrow(/exit code 3[\s\S]*the data folder is foreign/);
  });

  test('one that is not ready in time is killed, and the failure shows its output', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const connected = once(server, 'connection');
    const failure = start(
      `process.on('SIGTERM', () => {});
       console.log('loading for ever');
       require('node:net').connect(${port}, '127.0.0.1');`,
      { readyMs: 2_000 },
    );
    const [socket] = (await connected) as [import('node:net').Socket];
    const gone = once(socket, 'close');
    socket.on('error', () => undefined);
    await expect(failure).rejects.toThrow(/not ready after 2 s[\s\S]*loading for ever/);
    // Its connection ends with it.
    await gone;
    server.close();
  });

  test('a wait that is given up ends the process', async () => {
    const abort = new AbortController();
    const failure = start(
      `process.on('SIGTERM', () => {});
       setInterval(() => {}, 1000);
       console.log('loading');`,
      { signal: abort.signal, onLine: () => abort.abort(new Error('interrupted')) },
    );
    // Without the signal it would be the time-out that ends it.
    await expect(failure).rejects.toThrow('interrupted');
  });

  test('kill ends it without its handlers', async () => {
    const { process: running } = await start(
      `process.on('SIGTERM', () => {});
       setInterval(() => {}, 1000);
       console.log('ready http://127.0.0.1:1');`,
    );
    await running.kill();
    expect(await running.stop()).toBe('SIGKILL');
  });
});

async function start(
  script: string,
  change: Partial<Parameters<typeof ReadyProcess.start>[0]> = {},
): ReturnType<typeof ReadyProcess.start> {
  return await ReadyProcess.start({
    args: ['--eval', script],
    cwd: process.cwd(),
    env: process.env,
    address: (line) => /^ready (\S+)$/.exec(line)?.[1],
    readyMs: 20_000,
    signal: new AbortController().signal,
    onLine: () => undefined,
    onLogLine: () => undefined,
    ...change,
  });
}
