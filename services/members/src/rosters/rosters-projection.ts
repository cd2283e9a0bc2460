import type { EventOf } from '@unionfold/contracts';
import { eventsTopic, type Projection } from '@unionfold/eventsourcing';
import type { MemberEvent } from '../member/member.ts';
import { successionReason } from '../succession/reasons.ts';

/** The events of unions, as far as this service listens to them. */
export type UnionEvent = EventOf<
  | 'UnionEstablished'
  | 'UnionApproved'
  | 'UnionSuspended'
  | 'UnionResumed'
  | 'UnionSplit'
  | 'UnionDissolved'
  | 'UnionRestored'
>;

/**
 * Which unions there are and who belongs to them (名册). Holds pseudonyms only. `version` is that of the stream's event
 * which wrote the document last: by it a reader knows whether an event has arrived here. `cameFromId` is the dissolved
 * union whose succession brought the member to where they are.
 */
export const rostersProjection: Projection = {
  name: 'rosters',
  version: 2,
  topics: [eventsTopic('organizations'), eventsTopic('members')],
  collections: [
    { name: 'unions', indexes: [] },
    {
      name: 'members',
      indexes: [{ fields: ['unionId', 'live', 'id'] }, { fields: ['cameFromId', 'unionId', 'id'] }],
    },
  ],
  // Every event tells all that its document holds, so nothing is read and order between streams does not matter.
  apply: async ({ event, recorded: { version } }, documents) => {
    const change = event as UnionEvent | MemberEvent;
    switch (change.type) {
      case 'UnionEstablished': {
        const { unionId: id } = change.data;
        documents.put('unions', { id, standing: 'pending', successorId: '', version });
        return;
      }
      case 'UnionSuspended': {
        const { unionId: id } = change.data;
        documents.put('unions', { id, standing: 'suspended', successorId: '', version });
        return;
      }
      case 'UnionApproved':
      case 'UnionResumed':
      case 'UnionRestored': {
        const { unionId: id } = change.data;
        documents.put('unions', { id, standing: 'active', successorId: '', version });
        return;
      }
      case 'UnionDissolved': {
        const { unionId: id, successorId } = change.data;
        documents.put('unions', { id, standing: 'dissolved', successorId, version });
        return;
      }
      case 'MemberEnrolled': {
        const { memberId: id, unionId } = change.data;
        documents.put('members', { id, unionId, live: true, version });
        return;
      }
      case 'MemberTransferred': {
        const { memberId: id, toUnionId: unionId, fromUnionId, reason } = change.data;
        const cameFromId = reason === successionReason ? { cameFromId: fromUnionId } : {};
        documents.put('members', { id, unionId, live: true, version, ...cameFromId });
        return;
      }
      case 'MemberLeft': {
        const { memberId: id, unionId } = change.data;
        documents.put('members', { id, unionId, live: false, version });
        return;
      }
      default:
    }
  },
};
