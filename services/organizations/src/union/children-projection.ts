import type { EventOf } from '@unionfold/contracts';
import { type Document, eventsTopic, type Projection } from '@unionfold/eventsourcing';
import type { UnionEvent } from './union.ts';

/** The service's own list of unions by upper union, for browsing; commands never rest on it. */
export const childrenProjection: Projection = {
  name: 'children',
  version: 1,
  topics: [eventsTopic('organizations')],
  collections: [{ name: 'unions', indexes: [{ fields: ['parentId', 'id'] }] }],
  prefetch: (events, documents) =>
    documents.prefetch(
      'unions',
      events.flatMap(({ event }) => {
        const { unionId } = event.data as { unionId?: string };
        return unionId ?? [];
      }),
    ),
  apply: async ({ event }, documents) => {
    const change = event as UnionEvent | EventOf<'ResourceOffered' | 'ResourceWithdrawn'>;
    switch (change.type) {
      case 'UnionPreparationBegun':
      case 'UnionEstablished': {
        const { unionId, territorialParentId } = change.data;
        documents.put('unions', { id: unionId, parentId: territorialParentId });
        return;
      }
      case 'UnionMoved':
        documents.put('unions', { id: change.data.unionId, parentId: change.data.toParentId });
        return;
      case 'UnionDissolved': {
        // Dissolved unions are no longer anybody's subordinates.
        const union = (await documents.get('unions', change.data.unionId)) as Document;
        documents.put('unions', { ...union, parentId: '' });
        return;
      }
      case 'UnionRestored':
        documents.put('unions', { id: change.data.unionId, parentId: change.data.parentId });
        return;
      default:
    }
  },
};
