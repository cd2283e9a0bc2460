import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventLogContract, isPublicContractEvent } from '@unionfold/eventsourcing/contract-suites';
import { SqliteEventStore } from '@unionfold/storage';
import { EmbeddedEventLog } from './embedded-event-log.ts';

eventLogContract('EmbeddedEventLog over SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unionfold-log-'));
  const stores: SqliteEventStore[] = [];
  const log = new EmbeddedEventLog({
    stores: new Map(),
    isPublic: isPublicContractEvent,
    backOff: { firstMs: 2, capMs: 20 },
  });
  return {
    log,
    createTopic: async (topic, partitions) => {
      const file = join(folder, `${stores.length}.db`);
      const store = await SqliteEventStore.open({ file, partitions });
      stores.push(store);
      log.register(topic, store);
      return store;
    },
    close: async () => {
      await log.close();
      await Promise.all(stores.map((store) => store.close()));
      await rm(folder, { recursive: true });
    },
  };
});
