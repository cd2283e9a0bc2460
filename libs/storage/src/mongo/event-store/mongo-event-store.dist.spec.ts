import { eventStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { storeInDatabase } from '../mongodb.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

eventStoreContract('MongoEventStore', ({ partitions }) =>
  storeInDatabase((place) => MongoEventStore.open({ ...place, partitions })),
);
