/** What is looked at. */
export type CheckName = 'event-store' | 'topic' | 'consumers' | 'drift';

/** How bad: a violation breaks an invariant; a warning is for an operator to look at. */
export type Severity = 'violation' | 'warning';

/** Everything of one kind that was found at one subject. */
export interface Finding {
  readonly severity: Severity;
  /** Stable, kebab-case: `position-gap`, `missing-in-topic`. */
  readonly kind: string;
  /** What that means, in one sentence. */
  readonly meaning: string;
  readonly count: number;
  /** The first few: ids, positions and names of fields, never a value. */
  readonly examples: readonly string[];
}

/** What one check has found at one subject. */
export interface CheckReport {
  readonly check: CheckName;
  /** A service, a topic, a document store, or a projection. */
  readonly subject: string;
  /** What was looked at. */
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** Why it could not be checked; absent when it was. */
  readonly unchecked?: string;
}

/** `whole`: all was checked and nothing is violated. `unchecked`: nothing is violated as far as was checked. */
export type Verdict = 'whole' | 'violated' | 'unchecked';

/** What {@link verify} returns. */
export interface Report {
  readonly verdict: Verdict;
  readonly prefix: string;
  readonly settled: boolean;
  readonly checks: readonly CheckReport[];
  readonly violations: number;
  readonly warnings: number;
  readonly seconds: number;
}

/** A check could not be made to its end: a server does not answer, or the time was up. Says nothing about the data. */
export class UncheckedError extends Error {
  override readonly name = 'UncheckedError';
}

const maxExamples = 5;

/** Collects what a check finds, with bounded memory. */
export class Findings {
  readonly #found = new Map<
    string,
    { severity: Severity; kind: string; meaning: string; count: number; examples: string[] }
  >();

  /** @param example where: ids, positions, names */
  violation(kind: string, meaning: string, example: string, count = 1): void {
    this.#add('violation', kind, meaning, example, count);
  }

  /** @param example where: ids, positions, names */
  warning(kind: string, meaning: string, example: string, count = 1): void {
    this.#add('warning', kind, meaning, example, count);
  }

  list(): readonly Finding[] {
    return [...this.#found.values()];
  }

  #add(severity: Severity, kind: string, meaning: string, example: string, count: number): void {
    const key = `${severity}/${kind}`;
    const found = this.#found.get(key) ?? { severity, kind, meaning, count: 0, examples: [] };
    found.count += count;
    if (found.examples.length < maxExamples) found.examples.push(example);
    this.#found.set(key, found);
  }
}

/** Sums up. */
export function reportOf(
  checks: readonly CheckReport[],
  about: Pick<Report, 'prefix' | 'settled' | 'seconds'>,
): Report {
  const count = (severity: Severity) =>
    checks
      .flatMap(({ findings }) => findings)
      .reduce((sum, finding) => sum + (finding.severity === severity ? finding.count : 0), 0);
  const violations = count('violation');
  const isUnchecked =
    checks.length === 0 || checks.some(({ unchecked }) => unchecked !== undefined);
  const verdict = violations > 0 ? 'violated' : isUnchecked ? 'unchecked' : 'whole';
  const { prefix, settled, seconds } = about;
  return { verdict, prefix, settled, checks, violations, warnings: count('warning'), seconds };
}

/** The exit code of `npm run verify`. */
export function exitCodeOf({ verdict }: Report): number {
  return { whole: 0, violated: 1, unchecked: 2 }[verdict];
}

const marks = { whole: 'ok', violated: 'VIOLATED', unchecked: 'unchecked' } as const;

/** The report for people, line by line. */
export function linesOf(report: Report): string[] {
  const lines: string[] = [];
  for (const check of report.checks) {
    const counts = Object.entries(check.counts).map(([name, count]) => `${name} ${count}`);
    const mark = marks[reportOf([check], report).verdict];
    lines.push(
      `${check.check.padEnd(12)} ${check.subject.padEnd(34)} ${mark.padEnd(9)} ${counts.join(', ')}`,
    );
    if (check.unchecked !== undefined) lines.push(`  could not be checked: ${check.unchecked}`);
    for (const { severity, kind, meaning, count, examples } of check.findings) {
      lines.push(
        `  ${severity} ${kind} × ${count}: ${meaning}`,
        ...examples.map((one) => `    ${one}`),
      );
    }
  }
  const { verdict, violations, warnings, seconds } = report;
  lines.push(`${verdict}: ${violations} violations, ${warnings} warnings, ${seconds.toFixed(1)} s`);
  return lines;
}
