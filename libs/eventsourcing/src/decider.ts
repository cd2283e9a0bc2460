import type { DomainEvent } from './event.ts';
import type { JsonValue } from './json.ts';
import type { Refusal } from './refusal.ts';

/** Events (none when nothing has to change), or why not. */
export type Decision<Event extends DomainEvent> = readonly Event[] | Refusal;

/**
 * The rules of one aggregate. All three functions are pure: no clock, no ids, no I/O; what they need comes in with the
 * command.
 */
export interface Decider<State, Command, Event extends DomainEvent> {
  /** Name of the aggregate; a stream is `<aggregate>-<id>`. */
  readonly aggregate: string;
  readonly initialState: State;
  readonly decide: (command: Command, state: State) => Decision<Event>;
  readonly evolve: (state: State, event: Event) => State;
  /**
   * Present where streams grow long. The state must be JSON and hold nothing personal, because snapshots are not
   * encrypted. A changed state shape takes a new schema number.
   */
  readonly snapshot?: SnapshotPolicy<State>;
}

/** When and how a decider's state is kept. */
export interface SnapshotPolicy<State> {
  readonly schema: number;
  /** A snapshot is taken whenever at least this many events were folded since the last. */
  readonly every: number;
  readonly toJson: (state: State) => JsonValue;
  readonly fromJson: (json: JsonValue) => State;
}

/** The stream of an aggregate: `union-cn-37`. */
export function streamOf(aggregate: string, id: string): string {
  return `${aggregate}-${id}`;
}
