import type { PublishedPosition, RelayLease, RelayStore } from '@unionfold/eventsourcing';
import type { Collection } from 'mongodb';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { asMongoStoreError } from '../connection/mongo-errors.ts';

interface RelayDocument {
  /** `topic/partition`. */
  readonly _id: string;
  readonly topic: string;
  readonly partition: number;
  readonly holder: string | null;
  readonly epoch: number;
  readonly expiresAt: Date;
  readonly position: number;
  readonly published: number;
}

/** The relay store port on MongoDB. Time is the server's: `$$NOW` in every condition and every update. */
export class MongoRelayStore implements RelayStore {
  readonly #relays: Collection<RelayDocument>;

  /** @param database that all services share */
  constructor(connection: MongoConnection, database: string) {
    this.#relays = connection.client.db(database).collection('relay');
  }

  async acquire(
    topic: string,
    partition: number,
    holder: string,
    ttlMs: number,
  ): Promise<RelayLease | undefined> {
    const isFree = {
      $or: [
        { $eq: ['$holder', null] },
        { $eq: ['$holder', holder] },
        { $lt: ['$expiresAt', '$$NOW'] },
      ],
    };
    const taken = {
      holder,
      epoch: { $add: ['$epoch', 1] },
      expiresAt: { $add: ['$$NOW', ttlMs] },
    };
    const _id = `${topic}/${partition}`;
    try {
      // A record that nobody has had is over since long ago. An upsert could not ask for the server's time.
      const nobody = { holder: null, epoch: 0, expiresAt: new Date(0), position: 0, published: 0 };
      await this.#relays.updateOne(
        { _id },
        { $setOnInsert: { topic, partition, ...nobody } },
        { upsert: true },
      );
      const record = await this.#relays.findOneAndUpdate(
        { _id, $expr: isFree },
        [{ $set: taken }],
        { returnDocument: 'after' },
      );
      if (record === null) return undefined;
      return { topic, partition, holder, epoch: record.epoch, position: record.position };
    } catch (error) {
      throw asMongoStoreError(error);
    }
  }

  async renew(lease: RelayLease, ttlMs: number): Promise<boolean> {
    return await this.#update(
      lease,
      { $gte: ['$expiresAt', '$$NOW'] },
      {
        expiresAt: { $add: ['$$NOW', ttlMs] },
      },
    );
  }

  async checkpoint(lease: RelayLease, position: number, published: number): Promise<boolean> {
    return await this.#update(
      lease,
      { $lte: ['$position', position] },
      {
        position,
        published: { $max: ['$published', published] },
      },
    );
  }

  async release(lease: RelayLease): Promise<void> {
    await this.#update(lease, true, { holder: null });
  }

  async published(topic: string): Promise<readonly PublishedPosition[]> {
    try {
      const records = await this.#relays.find({ topic }).sort({ partition: 1 }).toArray();
      return records.map(({ partition, position, published }) => ({
        partition,
        position,
        published,
      }));
    } catch (error) {
      throw asMongoStoreError(error);
    }
  }

  /** Changes the record if it is still this holder's. */
  async #update(
    { topic, partition, holder, epoch }: RelayLease,
    condition: object | boolean,
    values: object,
  ): Promise<boolean> {
    try {
      const { matchedCount } = await this.#relays.updateOne(
        { _id: `${topic}/${partition}`, holder, epoch, $expr: condition },
        [{ $set: values }],
      );
      return matchedCount === 1;
    } catch (error) {
      throw asMongoStoreError(error);
    }
  }
}
