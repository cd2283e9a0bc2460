import { chinaDate } from '@unionfold/codes';
import type { EventName, EventOf } from '@unionfold/contracts';
import {
  type DecodedEvent,
  eventsTopic,
  type Projection,
  type UnitOfWork,
} from '@unionfold/eventsourcing';
import { bookingHandlers } from './bookings.ts';
import { caseHandlers } from './cases.ts';
import { changeHandlers } from './changes.ts';
import { committeeHandlers } from './committees.ts';
import { federationCollections, pathIds, type UnionDocument } from './documents.ts';
import { fundLineHandlers } from './fund-lines.ts';
import { gridHandlers, prefetchGrid } from './grid.ts';
import { memberHandlers } from './members.ts';
import { recordHandlers } from './records.ts';
import { resourceHandlers } from './resources.ts';
import { UnionTree } from './tree.ts';
import { unionHandlers } from './unions.ts';

/** What a handler works with. */
export interface FederationContext {
  readonly documents: UnitOfWork;
  readonly tree: UnionTree;
  /** When it happened: yyyy-MM-dd in China. */
  readonly day: string;
}

/** Handlers by short event name; an event without one says nothing to this read model. */
export type EventHandlers = {
  readonly [Name in EventName]?: (
    event: EventOf<Name>['data'],
    context: FederationContext,
    recorded: DecodedEvent['recorded'],
  ) => Promise<void>;
};

type AnyHandler = (
  data: unknown,
  context: FederationContext,
  recorded: DecodedEvent['recorded'],
) => Promise<void>;

/** What is done about each event, one part after the other: several may have something to say to it. */
const handlers = new Map<string, AnyHandler[]>();
for (const part of [
  unionHandlers,
  memberHandlers,
  caseHandlers,
  fundLineHandlers,
  resourceHandlers,
  changeHandlers,
  recordHandlers,
  bookingHandlers,
  committeeHandlers,
  gridHandlers,
]) {
  for (const [event, handler] of Object.entries(part)) {
    handlers.set(event, [...(handlers.get(event) ?? []), handler as AnyHandler]);
  }
}

/** Fields of events that name unions; their documents are read ahead. */
const unionFields = [
  'unionId',
  'territorialParentId',
  'toParentId',
  'fromUnionId',
  'toUnionId',
  'ownerUnionId',
] as const;

/** Events after which a union's record may be another. */
const recordEvents = new Set(
  [unionHandlers, recordHandlers, committeeHandlers].flatMap((part) => Object.keys(part)),
);

/** Events that put a union somewhere: what it shares with its neighbours goes with it. */
const placingEvents = {
  UnionPreparationBegun: true,
  UnionEstablished: true,
  UnionMoved: true,
} as const;

/**
 * The federation read model: the directory of unions, the totals of every subtree, members, cases, fund lines and
 * shared resources, each at its place in the tree. One projection, because all of them hang on the same tree: a move
 * changes them together, and no query sees one half of it.
 */
export const federationProjection: Projection = {
  name: 'federation',
  version: 3,
  topics: ['organizations', 'members', 'welfare'].map(eventsTopic),
  collections: federationCollections,
  // Every batch writes the totals of almost every county: the larger, the fewer.
  rebuildBatch: 40_000,
  prefetch: async (events, documents) => {
    const unions = new Set<string>();
    const placed = new Set<string>();
    const recorded = new Set<string>();
    const members = new Set<string>();
    const cases = new Set<string>();
    const bookings = new Set<string>();
    const resources = new Set<string>();
    for (const { event } of events) {
      const data = event.data as Readonly<Record<string, unknown>>;
      for (const field of unionFields) addId(unions, data[field]);
      if (event.type in placingEvents) addId(placed, data['unionId']);
      if (recordEvents.has(event.type)) addId(recorded, data['unionId']);
      // What an event makes need not be looked for.
      if (event.type !== 'MemberEnrolled') addId(members, data['memberId']);
      if (event.type !== 'HardshipDeclared') addId(cases, data['caseId']);
      addId(bookings, data['bookingId']);
      addId(resources, data['resourceId']);
    }
    await prefetchGrid(events, documents, unions);
    // Their own totals are asked for also where there are none yet.
    const lines = new Set(unions);
    for (const union of await documents.getMany('unions', [...unions])) {
      for (const id of pathIds((union as UnionDocument | undefined)?.path ?? '')) lines.add(id);
    }
    await documents.prefetch('statistics', lines);
    await documents.prefetch('records', recorded);
    await documents.prefetch('union_resources', placed);
    await documents.prefetch('members', members);
    await documents.prefetch('cases', cases);
    await documents.prefetch('bookings', bookings);
    await documents.prefetch('resources', resources);
    await documents.prefetch('resource_use', resources);
  },
  apply: async ({ event, recorded }, documents) => {
    const concerned = handlers.get(event.type);
    if (concerned === undefined) return;
    const day = chinaDate(new Date(recorded.metadata.occurredAt));
    const context = { documents, tree: new UnionTree(documents, day), day };
    for (const handle of concerned) await handle(event.data, context, recorded);
  },
};

function addId(ids: Set<string>, value: unknown): void {
  if (typeof value === 'string' && value !== '') ids.add(value);
}
