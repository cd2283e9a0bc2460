import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentStore } from '@unionfold/eventsourcing';
import { documentStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { SqliteDocumentStore } from '@unionfold/storage';
import { RedisKeys } from '../redis/redis-keys.fixture.ts';
import { ObservedStore, seededRandom } from './observed-store.fixture.ts';
import { untilCached } from './until-cached.fixture.ts';
import { withDocumentCache } from './with-document-cache.ts';

documentStoreContract('a store with cached documents', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unionfold-cached-documents-'));
  const keys = new RedisKeys();
  const connection = await keys.connect();
  let store: DocumentStore | undefined;
  const open = async () => {
    const inner = await SqliteDocumentStore.open({ file: join(folder, 'documents.db') });
    const observed = new ObservedStore(inner, seededRandom(1));
    observed.close = () => inner.close();
    const cached = withDocumentCache(observed, connection, {
      scope: 'contract',
      collections: () => true,
      onNotice: () => undefined,
      ttlMs: 60_000,
      markMs: 200,
    });
    store = cached;
    await untilCached(cached, observed);
    return cached;
  };
  return {
    open,
    reopen: async () => {
      await store?.close();
      return await open();
    },
    destroy: async () => {
      await store?.close();
      await keys.destroy();
      await rm(folder, { recursive: true });
    },
  };
});
