import type { EventOf } from '@unionfold/contracts';
import type { Decider } from '@unionfold/eventsourcing';

/** The events of an upper union's register of direct subordinates (下级工会名册). */
export type SubordinatesEvent = EventOf<'SubordinateAdmitted' | 'SubordinateReleased'>;

/** Ids of the direct subordinates. */
export interface SubordinatesState {
  readonly unionIds: ReadonlySet<string>;
}

/** An entry to be made. */
export interface NoteSubordinate {
  readonly type: 'NoteSubordinate';
  readonly entry: SubordinatesEvent;
}

/**
 * The register decides nothing by itself: entries are appended together with the event of the subordinate, blindly where
 * nobody has to know who else is there, so that a thousand unions can be established under one at the same time.
 * Whoever disposes of all of them loads it, and its version then guards that nobody was admitted in between.
 */
export const subordinatesDecider: Decider<SubordinatesState, NoteSubordinate, SubordinatesEvent> = {
  aggregate: 'subordinates',
  initialState: { unionIds: new Set() },
  decide: ({ entry }) => [entry],
  evolve: (state, event) => {
    const unionIds = new Set(state.unionIds);
    if (event.type === 'SubordinateAdmitted') unionIds.add(event.data.unionId);
    else unionIds.delete(event.data.unionId);
    return { unionIds };
  },
};
