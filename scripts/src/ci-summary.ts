// Prints the closing line of a run, and fails with it.
//
//   node scripts/src/ci-summary.ts NAME=EXIT_CODE[:REPORT]...
//
// A step with a report (vitest's JSON) counts as its tests, another one as one.

import { countSteps } from './step-counts.ts';
import { print } from './terminal/print.ts';

const { passed, failed, failedSteps } = countSteps(process.argv.slice(2));
for (const step of failedSteps) print(`failed: ${step}`);
print(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
