import { cpus, totalmem } from 'node:os';

/** What a benchmark found: names as the documentation gives them. */
export type Figures = Record<string, number>;

/** What is measured: the one process, or the servers and processes of the distributed profile. */
export type BenchProfile = 'embedded' | 'distributed';

/** What a benchmark is told. */
export interface BenchOptions {
  readonly profile: BenchProfile;
  /** Size of the tree, for the benchmarks that have one. */
  readonly unions: number | undefined;
  /** Tells the person at the terminal what is going on. */
  readonly tell: (line: string) => void;
}

/** One benchmark. */
export type Bench = (options: BenchOptions) => Promise<Figures>;

/** The machine, as short as it can be told. */
export function machine(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} x ${first?.model ?? 'unknown'}, ${memory} GiB, Node ${process.versions.node}`;
}

/** The value below which the given share of the sorted values lies; nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

/** Two digits after the point are more than a run can repeat. */
export function rounded(value: number): number {
  return value >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
}
