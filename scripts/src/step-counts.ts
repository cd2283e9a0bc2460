import { readFileSync } from 'node:fs';

/** What the steps of a run come to. */
export interface StepCounts {
  readonly passed: number;
  readonly failed: number;
  /** Names of the steps that failed, each once. */
  readonly failedSteps: readonly string[];
}

/**
 * Adds up the steps of a run.
 * @param steps each as NAME=EXIT_CODE, or NAME=EXIT_CODE:REPORT with the path of a JSON report of vitest
 */
export function countSteps(steps: readonly string[]): StepCounts {
  let passed = 0;
  let failed = 0;
  const failedSteps: string[] = [];
  for (const step of steps) {
    const [, name = '', code, report] = /^([^=]+)=(\d+)(?::(.+))?$/.exec(step) ?? [];
    if (code === undefined) throw new Error(`${step}: NAME=EXIT_CODE or NAME=EXIT_CODE:REPORT`);
    const count = report === undefined ? { passed: 0, failed: 0 } : countReport(report);
    passed += count.passed;
    // A step may fail without a failed test: it broke off, or an error came from outside of a test.
    failed += code === '0' ? count.failed : Math.max(1, count.failed);
    if (report === undefined && code === '0') passed += 1;
    if (code !== '0' || count.failed > 0) failedSteps.push(name);
  }
  return { passed, failed, failedSteps };
}

function countReport(file: string): { readonly passed: number; readonly failed: number } {
  let report: { numPassedTests: number; numFailedTests: number; testResults: TestFile[] };
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // The run broke off before it could tell.
    return { passed: 0, failed: 1 };
  }
  // A file that fails to load has no failed test.
  const notLoaded = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  return { passed: report.numPassedTests, failed: report.numFailedTests + notLoaded.length };
}

interface TestFile {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}
