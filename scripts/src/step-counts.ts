import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

/** What the steps of a run come to. */
export interface StepCounts {
  readonly passed: number;
  readonly failed: number;
  /** What failed: the step, and of a step with a report each of its tests, with what was wrong. */
  readonly failures: readonly string[];
}

/**
 * Adds up the steps of a run.
 * @param steps each as NAME=EXIT_CODE, or NAME=EXIT_CODE:REPORT with the path of a JSON report of vitest
 */
export function countSteps(steps: readonly string[]): StepCounts {
  let passed = 0;
  let failed = 0;
  const failures: string[] = [];
  for (const step of steps) {
    const [, name = '', code, report] = /^([^=]+)=(\d+)(?::(.+))?$/.exec(step) ?? [];
    if (code === undefined) throw new Error(`${step}: NAME=EXIT_CODE or NAME=EXIT_CODE:REPORT`);
    const count = report === undefined ? { passed: 0, failures: [] } : countReport(report);
    passed += count.passed;
    // A step may fail without a failed test: it broke off, or an error came from outside of a test.
    failed += code === '0' ? count.failures.length : Math.max(1, count.failures.length);
    if (report === undefined && code === '0') passed += 1;
    if (code !== '0' || count.failures.length > 0) failures.push(name);
    failures.push(...count.failures.map((failure) => `${name}: ${failure}`));
  }
  return { passed, failed, failures };
}

function countReport(path: string): {
  readonly passed: number;
  readonly failures: readonly string[];
} {
  let report: { numPassedTests: number; testResults: TestFile[] };
  try {
    report = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { passed: 0, failures: ['broke off before it could report'] };
  }
  const failures = report.testResults.flatMap((file) => {
    const tests = file.assertionResults.filter((test) => test.status === 'failed');
    const name = relative(process.cwd(), file.name);
    // A file that fails to load has no failed test.
    if (file.status === 'failed' && tests.length === 0) return [`${name}\n${file.message}`];
    return tests.map(
      (test) => `${name} > ${test.fullName}\n${withoutRunner(test.failureMessages.join('\n'))}`,
    );
  });
  return { passed: report.numPassedTests, failures };
}

/** A failure's text without the frames of the test runner, which would bury the others. */
function withoutRunner(text: string): string {
  return text
    .split('\n')
    .filter((line) => !line.includes('/node_modules/vitest/'))
    .join('\n');
}

/** What is read of a file in a JSON report of vitest. */
interface TestFile {
  /** absolute path */
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}
