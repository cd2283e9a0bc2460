import { relayStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { MemoryRelayStore } from './memory-relay-store.fixture.ts';

relayStoreContract('MemoryRelayStore', async () => ({
  store: new MemoryRelayStore(),
  close: async () => undefined,
}));
