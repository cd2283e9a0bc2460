import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { SqliteEventStore } from './sqlite-event-store.ts';

eventStoreContract('SqliteEventStore', async ({ partitions }) => {
  const folder = await mkdtemp(join(tmpdir(), 'unionfold-events-'));
  const opened: SqliteEventStore[] = [];
  const open = async (name: string) => {
    const store = await SqliteEventStore.open({ file: join(folder, name), partitions });
    opened.push(store);
    return store;
  };
  return {
    open: () => open('events.db'),
    reopen: async () => {
      await opened.at(-1)?.close();
      return open('events.db');
    },
    // What the files hold at this moment is what a killed process leaves behind.
    crash: async () => {
      await copyFile(join(folder, 'events.db'), join(folder, 'crashed.db'));
      await copyFile(join(folder, 'events.db-wal'), join(folder, 'crashed.db-wal'));
      return open('crashed.db');
    },
    destroy: async () => {
      await Promise.all(opened.map((store) => store.close()));
      await rm(folder, { recursive: true });
    },
  };
});
