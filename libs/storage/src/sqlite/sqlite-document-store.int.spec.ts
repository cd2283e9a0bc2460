import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { documentStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { SqliteDocumentStore } from './sqlite-document-store.ts';

documentStoreContract('SqliteDocumentStore', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unionfold-documents-'));
  const opened: SqliteDocumentStore[] = [];
  const open = async (name: string) => {
    const store = await SqliteDocumentStore.open({ file: join(folder, name) });
    opened.push(store);
    return store;
  };
  return {
    open: () => open('documents.db'),
    reopen: async () => {
      await opened.at(-1)?.close();
      return open('documents.db');
    },
    // What the files hold at this moment is what a killed process leaves behind.
    crash: async () => {
      await copyFile(join(folder, 'documents.db'), join(folder, 'crashed.db'));
      await copyFile(join(folder, 'documents.db-wal'), join(folder, 'crashed.db-wal'));
      return open('crashed.db');
    },
    destroy: async () => {
      await Promise.all(opened.map((store) => store.close()));
      await rm(folder, { recursive: true });
    },
  };
});
