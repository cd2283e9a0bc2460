import { deepStrictEqual, fail } from 'node:assert/strict';
import type { Decider } from './decider.ts';
import type { DomainEvent } from './event.ts';
import { isRefusal } from './refusal.ts';

/** `given(past).when(command).then(events)`: tests of a decider that read as prose. */
export interface Specification<Command, Event extends DomainEvent> {
  given(past: readonly Event[]): {
    when(command: Command): {
      /** The command leads to exactly these events. */
      then(events: readonly Event[]): void;
      /** The command changes nothing. */
      thenNothing(): void;
      /** The command is refused with this code, and where given at this field. */
      thenRefused(code: string, field?: string): void;
    };
  };
}

/** The test language for one decider. */
export function specificationFor<State, Command, Event extends DomainEvent>(
  decider: Decider<State, Command, Event>,
): Specification<Command, Event> {
  return {
    given: (past) => ({
      when: (command) => {
        const state = past.reduce(
          (state, event) => decider.evolve(state, event),
          decider.initialState,
        );
        const decision = decider.decide(command, state);
        // A decider that looks at a clock, makes an id or changes its state shows it here, most of the time.
        deepStrictEqual(decider.decide(command, state), decision, 'decides differently next time');
        return {
          // biome-ignore lint/suspicious/noThenProperty: the test language says given, when, then
          then: (events) => {
            if (isRefusal(decision)) fail(`refused with ${decision.refused}`);
            deepStrictEqual(decision, events);
          },
          thenNothing: () => deepStrictEqual(decision, []),
          thenRefused: (code, field) => {
            if (!isRefusal(decision)) fail(`not refused, but ${JSON.stringify(decision)}`);
            deepStrictEqual(decision.refused, code);
            if (field !== undefined) deepStrictEqual(decision.field, field);
          },
        };
      },
    }),
  };
}
