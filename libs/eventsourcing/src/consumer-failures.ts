import { TransientError } from './consumer-definition.ts';
import { CheckpointConflictError, TenureEndedError } from './document-store.ts';
import { StoreCorruptError, StoreUnavailableError } from './event-store.ts';
import { nameOf } from './poison-event-error.ts';

/** The store does not take a change for what it holds, and would not take it the next time. */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError';

  constructor(cause: unknown) {
    super(`the store refuses the documents: ${nameOf(cause)}`, { cause });
  }
}

/** Whether a failure says nothing about the event: it is tried again for as long as it takes. */
export function isOfSurroundings(error: unknown): boolean {
  return (
    error instanceof TransientError ||
    error instanceof StoreUnavailableError ||
    error instanceof StoreCorruptError ||
    error instanceof CheckpointConflictError ||
    error instanceof TenureEndedError
  );
}

/** Pause before an event is tried again, in milliseconds: 20, 80, 320. */
export function pauseMs(attempts: number): number {
  return 20 * 4 ** (attempts - 1);
}
