import type { EventName, EventOf } from '@unionfold/contracts';
import {
  type DecodedEvent,
  eventsTopic,
  type Projection,
  type UnitOfWork,
} from '@unionfold/eventsourcing';
import { caseHandlers } from './cases.ts';
import { federationCollections, pathIds, type UnionDocument } from './documents.ts';
import { fundLineHandlers } from './fund-lines.ts';
import { gridHandlers, prefetchGrid } from './grid.ts';
import { memberHandlers } from './members.ts';
import { resourceHandlers } from './resources.ts';
import { UnionTree } from './tree.ts';
import { unionHandlers } from './unions.ts';

/** What a handler works with. */
export interface FederationContext {
  readonly documents: UnitOfWork;
  readonly tree: UnionTree;
}

/** Handlers by short event name; an event without one says nothing to this read model. */
export type EventHandlers = {
  readonly [Name in EventName]?: (
    event: EventOf<Name>['data'],
    context: FederationContext,
    recorded: DecodedEvent['recorded'],
  ) => Promise<void>;
};

const handlers: EventHandlers = {
  ...unionHandlers,
  ...memberHandlers,
  ...caseHandlers,
  ...fundLineHandlers,
  ...resourceHandlers,
  ...gridHandlers,
};

/** Fields of events that name unions; their documents are read ahead. */
const unionFields = [
  'unionId',
  'territorialParentId',
  'toParentId',
  'fromUnionId',
  'toUnionId',
  'ownerUnionId',
] as const;

/** Events that put a union somewhere: what it shares with its neighbours goes with it. */
const placingEvents = { UnionEstablished: true, UnionMoved: true } as const;

/**
 * The federation read model: the directory of unions, the totals of every subtree, members, cases, fund lines and
 * shared resources, each at its place in the tree. One projection, because all of them hang on the same tree: a move
 * changes them together, and no query sees one half of it.
 */
export const federationProjection: Projection = {
  name: 'federation',
  version: 1,
  topics: ['organizations', 'members', 'welfare'].map(eventsTopic),
  collections: federationCollections,
  // Every batch writes the totals of almost every county: the larger, the fewer.
  rebuildBatch: 20_000,
  prefetch: async (events, documents) => {
    const unions = new Set<string>();
    const placed = new Set<string>();
    const members = new Set<string>();
    const cases = new Set<string>();
    for (const { event } of events) {
      const data = event.data as Readonly<Record<string, unknown>>;
      for (const field of unionFields) addId(unions, data[field]);
      if (event.type in placingEvents) addId(placed, data['unionId']);
      // What an event makes need not be looked for.
      if (event.type !== 'MemberEnrolled') addId(members, data['memberId']);
      if (event.type !== 'HardshipDeclared') addId(cases, data['caseId']);
    }
    await prefetchGrid(events, documents, unions);
    // Their own totals are asked for also where there are none yet.
    const lines = new Set(unions);
    for (const union of await documents.getMany('unions', [...unions])) {
      for (const id of pathIds((union as UnionDocument | undefined)?.path ?? '')) lines.add(id);
    }
    await documents.prefetch('statistics', lines);
    await documents.prefetch('union_resources', placed);
    await documents.prefetch('members', members);
    await documents.prefetch('cases', cases);
  },
  apply: async ({ event, recorded }, documents) => {
    const handler = handlers[event.type as EventName] as
      | ((data: unknown, context: FederationContext, at: typeof recorded) => Promise<void>)
      | undefined;
    await handler?.(event.data, { documents, tree: new UnionTree(documents) }, recorded);
  },
};

function addId(ids: Set<string>, value: unknown): void {
  if (typeof value === 'string' && value !== '') ids.add(value);
}
