import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { endProcess, identify, isAlive, signalProcess } from './process-identity.ts';

/** A process that has set up its handlers of signals. */
async function started(script: string) {
  const child = spawn(process.execPath, ['--eval', `${script}; console.log('ready')`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  await once(createInterface({ input: child.stdout }), 'line');
  const identity = await identify(child.pid ?? Number.NaN);
  if (identity === undefined) throw new Error('the process is not there');
  return { identity, exit };
}

const lives = 'setInterval(() => undefined, 1000)';

it('takes another process with the same number for another one, and does not end it', async () => {
  const { identity, exit } = await started(lives);
  const earlier = { ...identity, startTime: `${identity.startTime}0` };
  expect(await isAlive(earlier)).toBe(false);
  expect(await signalProcess(earlier, 'SIGKILL')).toBe(false);
  await endProcess(earlier, 0);
  expect(await isAlive(identity)).toBe(true);
  await endProcess(identity, 10_000);
  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(await isAlive(identity)).toBe(false);
});

it('ends by force a process that does not stop when asked', async () => {
  const { identity, exit } = await started(`process.on('SIGTERM', () => undefined); ${lives}`);
  await endProcess(identity, 200);
  expect(await exit).toEqual([null, 'SIGKILL']);
});
