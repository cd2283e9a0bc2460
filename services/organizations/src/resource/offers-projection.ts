import type { EventOf } from '@unionfold/contracts';
import { type Document, eventsTopic, type Projection } from '@unionfold/eventsourcing';

/** An offer as the service's own list has it. */
export interface OfferDocument extends Document {
  readonly ownerUnionId: string;
  readonly version: number;
}

type OfferEvent = EventOf<'ResourceOffered' | 'ResourceWithdrawn' | 'ResourceHandedOver'>;

/** The service's own list of resources by owner, to find what a dissolved union leaves; commands never rest on it. */
export const offersProjection: Projection = {
  name: 'offers',
  version: 1,
  topics: [eventsTopic('organizations')],
  collections: [{ name: 'offers', indexes: [{ fields: ['ownerUnionId', 'id'] }] }],
  apply: async ({ event, recorded }, documents) => {
    const change = event as OfferEvent;
    const { version } = recorded;
    switch (change.type) {
      case 'ResourceOffered': {
        const { resourceId, ownerUnionId } = change.data;
        documents.put('offers', { id: resourceId, ownerUnionId, version } satisfies OfferDocument);
        return;
      }
      case 'ResourceHandedOver': {
        const { resourceId, toUnionId } = change.data;
        documents.put('offers', { id: resourceId, ownerUnionId: toUnionId, version });
        return;
      }
      case 'ResourceWithdrawn':
        documents.delete('offers', change.data.resourceId);
        return;
      default:
    }
  },
};
