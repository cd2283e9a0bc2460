import { readdir, readFile } from 'node:fs/promises';

const programs = /(^|\/)mongod\0|kafka\.Kafka|(^|\/)redis-server/;

/** Processes of this machine that are MongoDB, Kafka or Redis; none where there is no /proc, or they run elsewhere. */
export async function serverProcesses(): Promise<number[]> {
  const found: number[] = [];
  const entries = await readdir('/proc').catch(() => []);
  for (const entry of entries.filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${entry}/cmdline`, 'latin1').catch(() => '');
    if (programs.test(command)) found.push(Number(entry));
  }
  return found;
}
