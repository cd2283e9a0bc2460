import type { Db } from 'mongodb';
import { isDuplicateKey } from './mongo-errors.ts';

/** One step from a database's form to the next. Safe to be run twice, because two processes may start at once. */
export interface Migration {
  /** What it does, as a name that never changes. */
  readonly name: string;
  readonly run: (database: Db) => Promise<void>;
}

/**
 * Runs the migrations that a database has not had, in order, and records each when it is done.
 * @throws whatever a migration throws; those before it are recorded
 */
export async function migrate(database: Db, migrations: readonly Migration[]): Promise<void> {
  const records = database.collection<{ _id: string; at: Date }>('migrations');
  const done = new Set((await records.find().toArray()).map(({ _id }) => _id));
  for (const { name, run } of migrations) {
    if (done.has(name)) continue;
    await run(database);
    await records.insertOne({ _id: name, at: new Date() }).catch((error: unknown) => {
      // Another process was as fast.
      if (!isDuplicateKey(error)) throw error;
    });
  }
}

/** Creates a collection unless it is there. */
export async function ensureCollection(
  database: Db,
  name: string,
  options: Parameters<Db['createCollection']>[1] = {},
): Promise<void> {
  const existing = await database.listCollections({ name }, { nameOnly: true }).toArray();
  if (existing.length > 0) return;
  await database.createCollection(name, options).catch((error: unknown) => {
    const isThere = error instanceof Error && 'codeName' in error;
    if (!isThere || error.codeName !== 'NamespaceExists') throw error;
  });
}
