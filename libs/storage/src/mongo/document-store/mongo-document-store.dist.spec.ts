import { documentStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { storeInDatabase } from '../mongodb.fixture.ts';
import { MongoDocumentStore } from './mongo-document-store.ts';

documentStoreContract('MongoDocumentStore', () =>
  storeInDatabase((place) => MongoDocumentStore.open(place)),
);
