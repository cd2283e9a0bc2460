import type { RecordedEvent } from './event.ts';

/** An event could not be handled. Given to `onError`; tells nothing personal. */
export class PoisonEventError extends Error {
  override readonly name = 'PoisonEventError';

  /**
   * @param reason nothing personal in it
   * @param cause of which only the places are taken over: its message may tell what the log must not hold
   */
  constructor(
    readonly consumer: string,
    readonly topic: string,
    recorded: RecordedEvent,
    readonly reason: string,
    cause: unknown,
  ) {
    super(`${recorded.type} at ${topic}/${recorded.partition}/${recorded.position}: ${reason}`);
    this.stack = [`${this.name}: ${this.message}`, ...framesOf(cause)].join('\n');
  }
}

/** What can be told of any error without telling a value. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** The places of a stack, without the message that stands above them. */
export function framesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  return (error.stack ?? '').split('\n').filter((line) => /^\s+at .*:\d+:\d+\)?$/.test(line));
}
