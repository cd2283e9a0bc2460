import { existsSync, readFileSync } from 'node:fs';
import type { Figures } from '../figures.ts';

/** Measures what a stretch of work takes of processors and memory: this process (or others named), and the servers. */
export class ProcessorUse {
  readonly #ours: readonly number[];
  readonly #servers: readonly number[];
  #began = performance.now();
  #before: readonly [ours: number, servers: number];

  /**
   * @param servers process ids of the servers, where they run on this machine
   * @param ours process ids of the platform, by default this one
   */
  constructor(servers: readonly number[], ours: readonly number[] = [process.pid]) {
    this.#ours = ours;
    this.#servers = servers;
    this.#before = [processes(ours).seconds, processes(servers).seconds];
  }

  /** Processors kept busy since the start or the lap before (1 = one core), and resident memory now, in MB. */
  lap(): Figures {
    const [ours, servers] = [processes(this.#ours), processes(this.#servers)];
    const seconds = (performance.now() - this.#began) / 1_000;
    const figures = {
      platform_cores: (ours.seconds - this.#before[0]) / seconds,
      platform_mb: ours.residentMb,
      servers_cores: (servers.seconds - this.#before[1]) / seconds,
      servers_mb: servers.residentMb,
    };
    this.#before = [ours.seconds, servers.seconds];
    this.#began = performance.now();
    return figures;
  }
}

/** Figures as one line for the terminal. */
export function inWords(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${value.toFixed(name.endsWith('_mb') ? 0 : 2)}`)
    .join(', ');
}

/** Times of /proc are in hundredths of a second, sizes in pages of 4 KiB; where there is no /proc, nothing is known. */
function processes(pids: readonly number[]): { seconds: number; residentMb: number } {
  let ticks = 0;
  let pages = 0;
  for (const pid of pids.filter((one) => existsSync(`/proc/${one}/stat`))) {
    // The program's name, in brackets, may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    ticks += Number(fields[11]) + Number(fields[12]);
    pages += Number(fields[21]);
  }
  return { seconds: ticks / 100, residentMb: (pages * 4) / 1024 };
}
