import type { EventName, EventOf } from '@unionfold/contracts';
import {
  type DecodedEvent,
  type DomainEvent,
  eventsTopic,
  type Projection,
  type UnitOfWork,
} from '@unionfold/eventsourcing';
import { caseHandlers } from './cases.ts';
import { federationCollections, pathIds, type UnionDocument } from './documents.ts';
import { fundLineHandlers } from './fund-lines.ts';
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
    // What an event makes need not be looked for.
    const ids = (fields: readonly string[], maker?: EventName) => [
      ...new Set(events.flatMap(({ event }) => (event.type === maker ? [] : texts(event, fields)))),
    ];
    const unionIds = ids(unionFields);
    await documents.prefetch('unions', unionIds);
    const lines = new Set<string>();
    for (const id of unionIds) {
      const union = (await documents.get('unions', id)) as UnionDocument | undefined;
      for (const above of pathIds(union?.path ?? '')) lines.add(above);
    }
    await documents.prefetch('statistics', lines);
    await documents.prefetch('members', ids(['memberId'], 'MemberEnrolled'));
    await documents.prefetch('cases', ids(['caseId'], 'HardshipDeclared'));
  },
  apply: async ({ event, recorded }, documents) => {
    const handler = handlers[event.type as EventName] as
      | ((data: unknown, context: FederationContext, at: typeof recorded) => Promise<void>)
      | undefined;
    await handler?.(event.data, { documents, tree: new UnionTree(documents) }, recorded);
  },
};

function texts(event: DomainEvent, fields: readonly string[]): string[] {
  const data = event.data as Readonly<Record<string, unknown>>;
  return fields.flatMap((field) => {
    const value = data[field];
    return typeof value === 'string' && value !== '' ? [value] : [];
  });
}
