import { Presets, SingleBar } from 'cli-progress';
import type { SeedProgress } from '../seed/seed.ts';
import { print } from './print.ts';

/** A progress bar on a terminal; where the output goes into a file, a line every tenth of the way. */
export function loadingBar(title: string): SeedProgress {
  if (process.stdout.isTTY) {
    const bar = new SingleBar(
      { format: `${title} [{bar}] {percentage}% {value}/{total}`, hideCursor: true },
      Presets.shades_classic,
    );
    return {
      start: (total) => bar.start(total, 0),
      step: () => bar.increment(),
      stop: () => bar.stop(),
    };
  }
  let total = 0;
  let done = 0;
  let told = 0;
  return {
    start: (size) => {
      total = size;
    },
    step: () => {
      done += 1;
      const tenths = Math.floor((done * 10) / total);
      if (tenths > told) {
        told = tenths;
        print(`${title} ${tenths * 10}% ${done}/${total}`);
      }
    },
    stop: () => undefined,
  };
}
