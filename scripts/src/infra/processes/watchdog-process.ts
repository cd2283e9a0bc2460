// Run by Watchdog: ends the processes it was told of when its standard input ends, which is when its parent does.
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { endProcess, type ProcessIdentity } from './process-identity.ts';
import type { WatchdogOrder } from './watchdog.ts';

const watched = new Map<number, ProcessIdentity>();
const folders = new Set<string>();

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const order: WatchdogOrder = JSON.parse(line);
  if ('watch' in order) watched.set(order.watch.pid, order.watch);
  else if ('forget' in order) watched.delete(order.forget.pid);
  else folders.add(order.removeFolder);
});
lines.on('close', () => {
  void endAll();
});

async function endAll(): Promise<void> {
  await Promise.all([...watched.values()].map((identity) => endProcess(identity, 10_000)));
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
  process.exit(0);
}
