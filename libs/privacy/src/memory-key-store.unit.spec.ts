import { describeKeyStoreContract } from './contract-suites/key-store-contract.ts';
import { MemoryKeyStore } from './memory-key-store.ts';

describeKeyStoreContract('memory', async () => ({ store: new MemoryKeyStore() }));
