import type { EventOf } from '@unionfold/contracts';
import type { Decider } from '@unionfold/eventsourcing';

/** The events of an upper union's register of direct subordinates (下级工会名册). */
export type SubordinatesEvent = EventOf<'SubordinateAdmitted' | 'SubordinateReleased'>;

/** Ids of the direct subordinates. */
export interface SubordinatesState {
  readonly unionIds: ReadonlySet<string>;
}

/**
 * The register decides nothing by itself: entries are appended blindly together with the event of the subordinate, so
 * that a thousand unions can be established under one at the same time. Dissolving the upper union loads it, and its
 * version then guards that nobody was admitted in between.
 */
export const subordinatesDecider: Decider<SubordinatesState, never, SubordinatesEvent> = {
  aggregate: 'subordinates',
  initialState: { unionIds: new Set() },
  decide: () => [],
  evolve: (state, event) => {
    const unionIds = new Set(state.unionIds);
    if (event.type === 'SubordinateAdmitted') unionIds.add(event.data.unionId);
    else unionIds.delete(event.data.unionId);
    return { unionIds };
  },
};

/** The entry that takes a union in. */
export function admitted(parentId: string, unionId: string): SubordinatesEvent {
  return { type: 'SubordinateAdmitted', data: { parentId, unionId } };
}

/** The entry that lets a union go. */
export function released(parentId: string, unionId: string): SubordinatesEvent {
  return { type: 'SubordinateReleased', data: { parentId, unionId } };
}
