import type { Db } from 'mongodb';
import { ensureCollection, type Migration } from '../connection/migrations.ts';

/** The form of an event store's database, step by step. */
export const eventStoreMigrations: readonly Migration[] = [
  {
    name: 'event-store-1',
    run: async (database: Db) => {
      // Kept in the order of ids, so that a partition is read without an index beside it.
      await ensureCollection(database, 'events', {
        clusteredIndex: { key: { _id: 1 }, unique: true },
      });
      await database
        .collection('events')
        .createIndex({ stream: 1, version: 1 }, { unique: true, name: 'stream_version' });
      await ensureCollection(database, 'partitions');
      await ensureCollection(database, 'receipts');
      await ensureCollection(database, 'snapshots');
    },
  },
  {
    name: 'event-store-2-contenders',
    run: async (database: Db) => {
      await ensureCollection(database, 'contenders');
      // Processes come and go; what they lost counts for a second.
      await database
        .collection('contenders')
        .createIndex({ lostAt: 1 }, { name: 'lost_at', expireAfterSeconds: 3_600 });
    },
  },
];
