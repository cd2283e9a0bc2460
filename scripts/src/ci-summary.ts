import { readFileSync } from 'node:fs';
import { print } from './terminal/print.ts';

/** Prints the closing line of a run: the tests of vitest's JSON report, and the demo as one more. */
const [report = '', demoStatus = '1'] = process.argv.slice(2);
const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(
  readFileSync(report, 'utf8'),
);
const demoPassed = demoStatus === '0';
const passed = numPassedTests + (demoPassed ? 1 : 0);
// A suite that fails to load fails no test, but the run.
const failed = Math.max(numFailedTests, numFailedTestSuites) + (demoPassed ? 0 : 1);
print(`${passed} passed, ${failed} failed`);
