import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process that cannot be taken for another one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the words of the operating system: only good for comparing. */
  readonly startTime: string;
}

const run = promisify(execFile);

/** The identity of a running process; undefined when there is none with this number. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const startTime = process.platform === 'linux' ? await linuxStart(pid) : await otherStart(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether this very process still runs. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid);
  return now !== undefined && now.startTime === identity.startTime;
}

async function linuxStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold spaces and parentheses itself; see proc(5) for the fields after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, ticks] = [fields[0], fields[19]];
    // A zombie has ended: only its parent has not noticed.
    if (state === 'Z' || state === 'X' || ticks === undefined) return undefined;
    // Ticks count from boot, so two boots could give the same number.
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    return `${boot.trim()}+${ticks}`;
  } catch {
    return undefined;
  }
}

async function otherStart(pid: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(pid)]);
    const startTime = stdout.trim();
    return startTime === '' ? undefined : startTime;
  } catch {
    return undefined;
  }
}

/** Sends a signal to this very process; false when it has ended. */
export async function signalProcess(
  identity: ProcessIdentity,
  signal: NodeJS.Signals,
): Promise<boolean> {
  if (!(await isAlive(identity))) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Ends this very process: asks with SIGTERM, and ends it by force when it still runs after a while. */
export async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  if (!(await signalProcess(identity, 'SIGTERM'))) return;
  if (await hasEnded(identity, graceMs)) return;
  await killProcess(identity);
}

/** Ends this very process with SIGKILL and waits until it is gone. */
export async function killProcess(identity: ProcessIdentity): Promise<void> {
  if (!(await signalProcess(identity, 'SIGKILL'))) return;
  if (!(await hasEnded(identity, 10_000))) {
    throw new Error(`process ${identity.pid} is still there 10 s after SIGKILL`);
  }
}

/** Waits for the end of a process that is not necessarily a child; false when it still runs after the time. */
async function hasEnded(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (await isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await delay(50);
  }
  return true;
}
