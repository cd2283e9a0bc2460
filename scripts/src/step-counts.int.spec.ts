import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countSteps } from './step-counts.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unionfold-steps-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function report(name: string, passed: number, files: readonly string[][]): Promise<string> {
  const file = join(folder, name);
  const testResults = files.map((statuses, index) => ({
    name: join(process.cwd(), `some/file${index}.spec.ts`),
    status: statuses.length === 0 || statuses.includes('failed') ? 'failed' : 'passed',
    message: statuses.length === 0 ? 'Cannot find package' : '',
    assertionResults: statuses.map((status, test) => ({
      fullName: `test ${test}`,
      status,
      failureMessages:
        status === 'failed'
          ? ['Error: 1 is not 2\n  at /node_modules/vitest/x.js:1', 'Error: 2 is not 3']
          : [],
    })),
  }));
  await writeFile(file, JSON.stringify({ numPassedTests: passed, testResults }));
  return file;
}

it('adds the tests of several reports and counts a step without one as one', async () => {
  const one = await report('one.json', 2, [['passed', 'passed']]);
  const two = await report('two.json', 1, [['passed', 'failed']]);
  expect(countSteps([`test=0:${one}`, `distributed=1:${two}`, 'demo=0', 'verify=3'])).toEqual({
    passed: 4,
    failed: 2,
    failures: [
      'distributed',
      'distributed: some/file0.spec.ts > test 1\nError: 1 is not 2\nError: 2 is not 3',
      'verify',
    ],
  });
});

it('counts a file that did not load, beside the tests that failed', async () => {
  const file = await report('unloaded.json', 1, [['passed'], [], ['failed', 'failed']]);
  expect(countSteps([`test=1:${file}`])).toMatchObject({
    passed: 1,
    failed: 3,
    failures: expect.arrayContaining(['test: some/file1.spec.ts\nCannot find package']),
  });
});

it('counts a run that failed with all its tests passed, or left no report', async () => {
  const file = await report('passed.json', 1, [['passed']]);
  expect(countSteps([`test=1:${file}`])).toMatchObject({ passed: 1, failed: 1 });
  expect(countSteps([`test=0:${join(folder, 'none.json')}`])).toMatchObject({ failed: 1 });
});
