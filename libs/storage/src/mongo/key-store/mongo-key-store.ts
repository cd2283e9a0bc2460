import { Binary, type Collection } from 'mongodb';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { asMongoStoreError } from '../connection/mongo-errors.ts';

interface KeyDocument {
  readonly _id: string;
  readonly destroyed: boolean;
  /** Wrapped by the master key; empty where it was destroyed. */
  readonly key: Binary;
}

/**
 * The privacy library's key store port on a MongoDB replica set, for any number of processes: wrapped keys by
 * pseudonymous subject. A destroyed key leaves its record as a tombstone. What MongoDB's journal and oplog still hold of
 * it goes with their rotation; until then it is the wrapped key, worthless without the master key.
 */
export class MongoKeyStore {
  readonly #keys: Collection<KeyDocument>;

  /** @param database that all services share */
  constructor(connection: MongoConnection, database: string) {
    this.#keys = connection.client.db(database).collection('person_keys');
  }

  /** The keys that stand; subjects without one are left out. */
  async load(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    if (subjects.length === 0) return new Map();
    try {
      const found = await this.#keys
        .find({ _id: { $in: [...subjects] }, destroyed: false })
        .toArray();
      return new Map(found.map(({ _id, key }) => [_id, Uint8Array.from(key.buffer)]));
    } catch (error) {
      throw asMongoStoreError(error);
    }
  }

  /**
   * Stores keys of subjects that have none.
   * @returns the keys that stand now, durably: an existing one wins; a destroyed subject is left out
   */
  async insertIfAbsent(
    keys: ReadonlyMap<string, Uint8Array>,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    if (keys.size === 0) return new Map();
    const inserts = [...keys].map(([subject, key]) => ({
      updateOne: {
        filter: { _id: subject },
        update: { $setOnInsert: { destroyed: false, key: new Binary(Uint8Array.from(key)) } },
        upsert: true,
      },
    }));
    try {
      await this.#keys.bulkWrite(inserts, { ordered: false });
    } catch (error) {
      throw asMongoStoreError(error);
    }
    return await this.load([...keys.keys()]);
  }

  /** Overwrites a subject's key and remembers that it is gone. */
  async destroy(subject: string): Promise<void> {
    try {
      await this.#keys.updateOne(
        { _id: subject },
        { $set: { destroyed: true, key: new Binary(new Uint8Array()) } },
        { upsert: true },
      );
    } catch (error) {
      throw asMongoStoreError(error);
    }
  }

  /** The connection stays open. */
  async close(): Promise<void> {}
}
