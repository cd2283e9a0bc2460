import type { Db } from 'mongodb';
import { ensureCollection, type Migration } from '../connection/migrations.ts';
import { eventsCollection } from './event-documents.ts';

/** The form of an event store's database, step by step. */
export const eventStoreMigrations: readonly Migration[] = [
  {
    name: 'event-store-1',
    run: async (database: Db) => {
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
  {
    name: 'event-store-3-streams-as-keys',
    run: async (database: Db) => {
      await ensureCollection(database, eventsCollection);
      await database.collection(eventsCollection).createIndex({ place: 1 }, { name: 'place' });
      await bringPlacesAsKeys(database);
    },
  },
];

/**
 * Brings the events of a store that had them by their places in the log. Its processes must have ended. Begun twice, it
 * brings the same.
 */
async function bringPlacesAsKeys(database: Db): Promise<void> {
  const former = await database.listCollections({ name: 'events' }, { nameOnly: true }).toArray();
  if (former.length === 0) return;
  const streamPlace = { stream: '$stream', version: '$version' };
  await database
    .collection('events')
    .aggregate([
      { $set: { _id: streamPlace, place: '$_id' } },
      { $unset: ['stream', 'version'] },
      { $merge: { into: eventsCollection, whenMatched: 'keepExisting' } },
    ])
    .toArray();
  await database.collection('events').drop();
}
