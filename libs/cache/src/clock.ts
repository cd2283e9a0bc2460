/** Milliseconds that never run backwards; where zero lies does not matter. */
export type Clock = () => number;

/** The process's own monotonic clock. */
export const monotonicClock: Clock = () => performance.now();

/** @throws RangeError unless the duration is a whole number of milliseconds above zero */
export function assertDuration(milliseconds: number): void {
  if (Number.isSafeInteger(milliseconds) && milliseconds > 0) return;
  throw new RangeError(`a duration is a whole number of milliseconds above zero: ${milliseconds}`);
}
