import { Binary, type Collection } from 'mongodb';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { isDuplicateKey } from '../connection/mongo-errors.ts';
import { patiently } from '../connection/patience.ts';
import { SharedReads } from '../connection/shared-reads.ts';

interface KeyDocument {
  readonly _id: string;
  readonly destroyed: boolean;
  /** Wrapped by the master key; empty where it was destroyed. */
  readonly key: Binary;
}

/** Loads of so many keys at most share a question with others. */
const mostShared = 20;

/**
 * The privacy library's key store port on a MongoDB replica set, for any number of processes: wrapped keys by
 * pseudonymous subject. A destroyed key leaves its record as a tombstone. What MongoDB's journal and oplog still hold of
 * it goes with their rotation; until then it is the wrapped key, worthless without the master key.
 */
export class MongoKeyStore {
  readonly #connection: MongoConnection;
  readonly #keys: Collection<KeyDocument>;
  readonly #reads = new SharedReads<string, Uint8Array | undefined>(async (subjects) => {
    const keys = await this.#find(subjects);
    return (subject) => keys.get(subject);
  });

  /** @param database that all services share */
  constructor(connection: MongoConnection, database: string) {
    this.#connection = connection;
    this.#keys = connection.client.db(database).collection('person_keys');
  }

  /**
   * The keys that stand; subjects without one are left out.
   * @throws StoreUnavailableError when no primary answers in time
   */
  async load(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    if (subjects.length > mostShared) return await this.#find(subjects);
    const found = new Map<string, Uint8Array>();
    const reads = subjects.map(async (subject) => {
      const key = await this.#reads.get(subject);
      if (key !== undefined) found.set(subject, key);
    });
    await Promise.all(reads);
    return found;
  }

  /**
   * Stores keys of subjects that have none.
   * @returns the keys that stand now, durably: an existing one wins; a destroyed subject is left out
   * @throws StoreUnavailableError when no primary answers in time
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
    let made = new Set<unknown>();
    await this.#write(async () => {
      const { upsertedIds } = await this.#keys.bulkWrite(inserts, { ordered: false });
      made = new Set(Object.values(upsertedIds));
    });
    const others = await this.load([...keys.keys()].filter((subject) => !made.has(subject)));
    return new Map([...keys].filter(([subject]) => made.has(subject)).concat([...others]));
  }

  /**
   * Overwrites a subject's key and remembers that it is gone.
   * @throws StoreUnavailableError when no primary answers in time
   */
  async destroy(subject: string): Promise<void> {
    const gone = { $set: { destroyed: true, key: new Binary(new Uint8Array()) } };
    await this.#write(() => this.#keys.updateOne({ _id: subject }, gone, { upsert: true }));
  }

  /** The connection stays open. */
  async close(): Promise<void> {}

  async #find(subjects: readonly string[]): Promise<Map<string, Uint8Array>> {
    const filter = { _id: { $in: [...subjects] }, destroyed: false };
    const found = await patiently(this.#connection, () => this.#keys.find(filter).toArray());
    return new Map(found.map(({ _id, key }) => [_id, Uint8Array.from(key.value())]));
  }

  /** Writes what may be written twice; again, too, where another process was as fast with the same subject. */
  async #write(work: () => Promise<unknown>): Promise<void> {
    await patiently(this.#connection, async () => {
      for (;;) {
        try {
          await work();
          return;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }
    });
  }
}
