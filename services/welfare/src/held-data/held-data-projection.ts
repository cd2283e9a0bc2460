import type { EventOf } from '@unionfold/contracts';
import {
  type DecodedEvent,
  type Document,
  eventsTopic,
  type Projection,
  type UnitOfWork,
} from '@unionfold/eventsourcing';
import type { CaseEvent } from '../hardship-case/hardship-case.ts';

/** The events that tell this service of unions, members, cases and fund lines. */
export type HeldEvent =
  | EventOf<
      'UnionEstablished' | 'UnionApproved' | 'UnionMoved' | 'UnionDissolved' | 'UnionRestored'
    >
  | EventOf<'MemberEnrolled' | 'MemberTransferred' | 'MemberLeft'>
  | CaseEvent
  | EventOf<'FundLineOpened' | 'FundLineReassigned'>;

/** The collections, each by the name of what it holds; nothing in them is personal beyond pseudonyms. */
export type HeldCollection = 'unions' | 'members' | 'cases' | 'fund_lines';

/** A union as the service holds it. */
export interface UnionDocument extends Document {
  readonly parentId: string;
  readonly standing: 'pending' | 'active' | 'dissolved';
  readonly successorId: string;
  readonly regionCode: string;
  readonly version: number;
}

/** A membership as the service holds it. */
export interface MemberDocument extends Document {
  readonly unionId: string;
  readonly live: boolean;
  readonly version: number;
}

/** A case as lists find it. */
export interface CaseDocument extends Document {
  readonly unionId: string;
  readonly open: boolean;
  /** The day in China, once aid was paid. */
  readonly paidAt?: string;
  readonly version: number;
}

/** Where a fund line belongs. */
export interface FundLineDocument extends Document {
  readonly unionId: string;
  /** Where it came from, when it was passed on. */
  readonly formerUnionId?: string;
  readonly version: number;
}

/** What the platform holds, as far as hardship needs it. Every document knows the version of its stream that it shows. */
export const heldDataProjection: Projection = {
  name: 'welfare-held-data',
  version: 2,
  topics: [eventsTopic('organizations'), eventsTopic('members'), eventsTopic('welfare')],
  collections: [
    { name: 'unions', indexes: [] },
    { name: 'members', indexes: [] },
    { name: 'cases', indexes: [{ fields: ['unionId', 'open', 'id'] }] },
    {
      name: 'fund_lines',
      indexes: [{ fields: ['unionId', 'id'] }, { fields: ['formerUnionId', 'unionId', 'id'] }],
    },
  ],
  prefetch: async (events, documents) => {
    const wanted: Record<HeldCollection, string[]> = {
      unions: [],
      members: [],
      cases: [],
      fund_lines: [],
    };
    for (const { event } of events) {
      const change = event as HeldEvent;
      const place = changedDocument(change);
      // What begins or is told whole is written without being read.
      if (place !== undefined) wanted[place.collection].push(place.id);
    }
    for (const [collection, ids] of Object.entries(wanted)) {
      if (ids.length > 0) await documents.prefetch(collection, ids);
    }
  },
  apply: async ({ event, recorded }, documents) => {
    const change = event as HeldEvent;
    const { version } = recorded;
    switch (change.type) {
      case 'UnionEstablished': {
        const { unionId: id, territorialParentId: parentId, regionCode } = change.data;
        const standing = 'pending';
        documents.put('unions', { id, parentId, standing, successorId: '', regionCode, version });
        return;
      }
      case 'UnionApproved':
        return await update(documents, change, { standing: 'active', version });
      case 'UnionMoved':
        return await update(documents, change, { parentId: change.data.toParentId, version });
      case 'UnionDissolved': {
        const { successorId } = change.data;
        return await update(documents, change, { standing: 'dissolved', successorId, version });
      }
      case 'UnionRestored':
        return await update(documents, change, { standing: 'active', successorId: '', version });
      case 'MemberEnrolled': {
        const { memberId: id, unionId } = change.data;
        documents.put('members', { id, unionId, live: true, version });
        return;
      }
      case 'MemberTransferred': {
        const { memberId: id, toUnionId: unionId } = change.data;
        documents.put('members', { id, unionId, live: true, version });
        return;
      }
      case 'MemberLeft': {
        const { memberId: id, unionId } = change.data;
        documents.put('members', { id, unionId, live: false, version });
        return;
      }
      case 'HardshipDeclared': {
        const { caseId: id, unionId } = change.data;
        documents.put('cases', { id, unionId, open: true, version });
        return;
      }
      case 'HardshipRejected':
        return await update(documents, change, { open: false, version });
      case 'AidPaid': {
        const paidAt = recorded.metadata.occurredAt;
        return await update(documents, change, { open: false, paidAt, version });
      }
      case 'CaseReassigned':
        return await update(documents, change, { unionId: change.data.toUnionId, version });
      case 'FundLineOpened': {
        const { fundLineId: id, unionId } = change.data;
        documents.put('fund_lines', { id, unionId, version });
        return;
      }
      case 'FundLineReassigned': {
        const { fundLineId: id, toUnionId: unionId, fromUnionId: formerUnionId } = change.data;
        documents.put('fund_lines', { id, unionId, formerUnionId, version });
        return;
      }
      default:
    }
  },
};

/** The document that an event changes in part, if it does. */
function changedDocument(
  change: HeldEvent,
): { readonly collection: HeldCollection; readonly id: string } | undefined {
  switch (change.type) {
    case 'UnionApproved':
    case 'UnionMoved':
    case 'UnionDissolved':
    case 'UnionRestored':
      return { collection: 'unions', id: change.data.unionId };
    case 'HardshipRejected':
    case 'AidPaid':
    case 'CaseReassigned':
      return { collection: 'cases', id: change.data.caseId };
    default:
      return undefined;
  }
}

async function update(
  documents: UnitOfWork,
  change: DecodedEvent['event'],
  facts: Omit<Document, 'id'>,
): Promise<void> {
  const place = changedDocument(change as HeldEvent);
  if (place === undefined) throw new Error(`${change.type} changes no document`);
  const document = await documents.get(place.collection, place.id);
  // The stream's first event made it, and a stream comes in order: its absence must not be papered over.
  if (document === undefined) throw new Error(`${change.type} of something never begun`);
  documents.put(place.collection, { ...document, ...facts });
}
