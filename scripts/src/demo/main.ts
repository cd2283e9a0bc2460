import { parseArgs } from 'node:util';
import { print } from '../terminal/print.ts';
import { PlatformClient } from './api/platform-client.ts';
import { DistributedLauncher } from './launcher/distributed.ts';
import { EmbeddedLauncher } from './launcher/embedded.ts';
import { LaunchError, type Launcher } from './launcher/launcher.ts';
import { type Scene, signInPeople } from './scene.ts';
import { tellStory } from './tell-story.ts';
import { type Outcome, Story } from './telling/story.ts';

/** Who starts the platform, by profile. */
const launchers: Readonly<Record<string, (signal: AbortSignal) => Launcher>> = {
  embedded: (signal) => new EmbeddedLauncher((line) => print(`     ${line}`), signal),
  distributed: (signal) => new DistributedLauncher((line) => print(`     ${line}`), signal),
};

/** Exit codes, as shells know them. */
const exitCodes = { held: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Lines of the platform's log that a failure shows. */
const shownLogLines = 20;

/** `npm run demo [-- --profile embedded|distributed]`: a whole story on a platform of its own, every step checked. */
async function main(): Promise<number> {
  const interruption = new AbortController();
  const { signal } = interruption;
  const launcher = chosenLauncher(signal);
  if (launcher === undefined) return exitCodes.usage;
  stopOnSignal(interruption, launcher);
  const story = new Story(print, signal);
  let unfinished: unknown;
  try {
    await play(story, launcher, signal);
  } catch (error) {
    unfinished = error;
  }
  try {
    await launcher.stop();
  } catch (error) {
    unfinished ??= error;
  }
  if (signal.aborted) {
    print(
      '\n已中断,平台已停止,目录已删除 | Interrupted; the platform is stopped, its folder removed',
    );
    return exitCodes.interrupted;
  }
  if (unfinished !== undefined) process.stderr.write(`\n${explained(unfinished)}\n`);
  // What ended a start shows what the platform wrote already.
  const log = unfinished instanceof LaunchError ? [] : launcher.log();
  return summarise(story.outcome, unfinished !== undefined, log);
}

/** The launcher of the profile asked for; undefined, with a word to the caller, when there is none. */
function chosenLauncher(signal: AbortSignal): Launcher | undefined {
  try {
    const { values } = parseArgs({ options: { profile: { type: 'string', default: 'embedded' } } });
    const launcher = launchers[values.profile]?.(signal);
    if (launcher !== undefined) return launcher;
  } catch {
    // Told below, like a profile that there is not.
  }
  const known = Object.keys(launchers).join(' | ');
  process.stderr.write(`用法 usage: npm run demo [-- --profile ${known}]\n`);
  return undefined;
}

async function play(story: Story, launcher: Launcher, signal: AbortSignal): Promise<void> {
  print(`Unionfold 演示 demo (${launcher.title})`);
  print('启动全新平台,载入全国工会组织 | Starting a fresh platform and loading the unions');
  const begun = performance.now();
  const { url } = await launcher.start();
  print(`就绪 ready: ${url} (${((performance.now() - begun) / 1_000).toFixed(1)} s)`);
  const platform = new PlatformClient(url, signal, story.noteExchange);
  const people = await signInPeople(platform);
  const scene: Scene = { story, platform, launcher, people };
  await tellStory(scene);
}

function summarise(
  { steps, checks, failures }: Outcome,
  unfinished: boolean,
  log: readonly string[],
): number {
  if (failures.length === 0 && !unfinished && checks > 0) {
    print(`\n${steps} 步,${checks} 项核对,全部成立`);
    print(`${steps} steps, ${checks} checks, all held`);
    return exitCodes.held;
  }
  print(`\n${steps} 步,${checks} 项核对,${failures.length} 项不成立`);
  print(
    `${steps} steps, ${checks} checks, ${failures.length} failed${unfinished ? ', not told to the end' : ''}`,
  );
  for (const failure of failures) print(`  ✗ ${failure}`);
  if (log.length > 0) print('平台日志的最后几行 | The last lines of the platform’s log:');
  for (const line of log.slice(-shownLogLines)) print(`  ${line}`);
  return exitCodes.failed;
}

/** A first signal ends the story where it stands and cleans up; a second one does so at once. */
function stopOnSignal(interruption: AbortController, launcher: Launcher): void {
  const stop = () => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // However this process ends: the platform does not outlive it, nor its folder.
  process.on('exit', () => launcher.abandon());
}

function explained(error: unknown): string {
  if (error instanceof LaunchError) return `平台未能启动 | ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

process.exitCode = await main();
