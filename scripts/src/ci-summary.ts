// Prints what failed in a run, with its reasons (of a long log often only the end is kept), and the closing line; fails
// with it.
//
//   node scripts/src/ci-summary.ts NAME=EXIT_CODE[:REPORT]...
//
// A step with a report (vitest's JSON) counts as its tests, another one as one.

import { countSteps } from './step-counts.ts';
import { print } from './terminal/print.ts';

const { passed, failed, failures } = countSteps(process.argv.slice(2));
for (const failure of failures) print(`failed: ${failure}`);
print(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
