import type { EventOf } from '@unionfold/contracts';
import { type Document, eventsTopic, type Projection } from '@unionfold/eventsourcing';
import { formerOwnerOf } from './resource.ts';

/** An offer as the service's own list has it. */
export interface OfferDocument extends Document {
  readonly ownerUnionId: string;
  /** The dissolved union that it came from; empty otherwise. */
  readonly formerOwnerId: string;
  readonly version: number;
}

type OfferEvent = EventOf<'ResourceOffered' | 'ResourceWithdrawn' | 'ResourceHandedOver'>;

/** The service's own list of resources by owner, to find what a dissolved union leaves and a restored one left; commands never rest on it. */
export const offersProjection: Projection = {
  name: 'offers',
  version: 1,
  topics: [eventsTopic('organizations')],
  collections: [
    {
      name: 'offers',
      indexes: [{ fields: ['ownerUnionId', 'id'] }, { fields: ['formerOwnerId', 'id'] }],
    },
  ],
  apply: async ({ event, recorded }, documents) => {
    const change = event as OfferEvent;
    const { version } = recorded;
    switch (change.type) {
      case 'ResourceOffered': {
        const { resourceId: id, ownerUnionId } = change.data;
        const offer: OfferDocument = { id, ownerUnionId, formerOwnerId: '', version };
        documents.put('offers', offer);
        return;
      }
      case 'ResourceHandedOver': {
        const { resourceId: id, toUnionId: ownerUnionId } = change.data;
        const formerOwnerId = formerOwnerOf(change.data);
        const offer: OfferDocument = { id, ownerUnionId, formerOwnerId, version };
        documents.put('offers', offer);
        return;
      }
      case 'ResourceWithdrawn':
        documents.delete('offers', change.data.resourceId);
        return;
      default:
    }
  },
};
