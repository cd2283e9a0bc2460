import type { EventMetadata, JsonObject } from '@unionfold/eventsourcing';
import type { Collection, Db } from 'mongodb';
import type { PartitionEvents, StoredEvent } from '../topic/topic-records.ts';
import {
  type EventPlace,
  type EventRecords,
  type EventRow,
  keyOf,
  type ReceiptRow,
} from './event-records.ts';

/** Ids of one partition lie in one stretch: partition × 2^44 + position. */
const stretch = 2 ** 44;

/** Documents fetched at once: a batch is kept as long as one of its documents is needed, and may be 16 MB otherwise. */
const batchSize = 2_000;

interface EventRecord {
  readonly _id: number;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  /** JSON. */
  readonly data: string;
  readonly metadata: EventMetadata;
  readonly recordedAt: Date;
}

/** The event store of one service in MongoDB, as it lies there. */
export class MongoEventRecords implements EventRecords {
  readonly partitions: number;
  readonly #events: Collection<EventRecord>;
  readonly #database: Db;

  /** Undefined where the database holds no event store. */
  static async open(database: Db): Promise<MongoEventRecords | undefined> {
    const record = await database
      .collection<{ _id: string; partitions: number }>('store')
      .findOne({ _id: 'events' });
    return record === null ? undefined : new MongoEventRecords(database, record.partitions);
  }

  private constructor(database: Db, partitions: number) {
    this.partitions = partitions;
    this.#database = database;
    this.#events = database.collection('events');
  }

  async counters(): Promise<ReadonlyMap<number, number>> {
    const counters = this.#database.collection<{ _id: number; position: number }>('partitions');
    const found = await counters.find().toArray();
    return new Map(found.map(({ _id, position }) => [_id, position]));
  }

  async heads(streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = await this.#events
      .aggregate<{ _id: string; version: number }>([
        { $match: { stream: { $in: [...streams] } } },
        { $sort: { stream: -1, version: -1 } },
        { $group: { _id: '$stream', version: { $first: '$version' } } },
      ])
      .toArray();
    return new Map(found.map(({ _id, version }) => [_id, version]));
  }

  async *events(partition: number): AsyncGenerator<EventRow> {
    const first = partition * stretch;
    const cursor = this.#events
      .find({ _id: { $gte: first, $lt: first + stretch } })
      .sort({ _id: 1 })
      .project<Pick<EventRecord, '_id' | 'stream' | 'version' | 'id'>>({
        stream: 1,
        version: 1,
        id: 1,
      })
      .batchSize(batchSize);
    for await (const { _id, stream, version, id } of cursor) {
      yield { position: _id - first, stream, version, id };
    }
  }

  async *strays(): AsyncGenerator<string> {
    // Also finds ids that are no numbers: those are in no range of numbers.
    const cursor = this.#events
      .find({ $nor: [{ _id: { $gte: 1, $lt: this.partitions * stretch } }] })
      .project({ _id: 1 });
    for await (const { _id } of cursor) yield `_id ${String(_id)}`;
  }

  async *receipts(): AsyncGenerator<ReceiptRow> {
    const cursor = this.#database
      .collection<{ _id: string } & Pick<ReceiptRow, 'appended'>>('receipts')
      .find()
      .project<{ _id: string } & Pick<ReceiptRow, 'appended'>>({ appended: 1 })
      .batchSize(batchSize);
    for await (const { _id: key, appended } of cursor) yield { key, appended };
  }

  async *snapshots(): AsyncGenerator<{ readonly stream: string; readonly version: number }> {
    const cursor = this.#database
      .collection<{ _id: string; version: number }>('snapshots')
      .find()
      .project<{ _id: string; version: number }>({ version: 1 })
      .batchSize(batchSize);
    for await (const { _id: stream, version } of cursor) yield { stream, version };
  }

  async at(
    places: readonly EventPlace[],
  ): Promise<ReadonlyMap<string, Pick<EventRow, 'stream' | 'version'>>> {
    const ids = places.map(({ partition, position }) => partition * stretch + position);
    const found = await this.#events
      .find({ _id: { $in: ids } })
      .project<Pick<EventRecord, '_id' | 'stream' | 'version'>>({ stream: 1, version: 1 })
      .toArray();
    return new Map(
      found.map(({ _id, stream, version }) => {
        const partition = Math.floor(_id / stretch);
        return [keyOf({ partition, position: _id - partition * stretch }), { stream, version }];
      }),
    );
  }

  /** One partition's events with all that they hold. */
  partition(partition: number): PartitionEvents {
    const first = partition * stretch;
    const stored = ({ _id, data, recordedAt, ...event }: EventRecord): StoredEvent => ({
      ...event,
      position: _id - first,
      data: JSON.parse(data) as JsonObject,
      recordedAt: recordedAt.toISOString(),
    });
    return {
      after: async (position, limit) => {
        const found = await this.#events
          .find({ _id: { $gt: first + position, $lt: first + stretch } })
          .sort({ _id: 1 })
          .limit(limit)
          .batchSize(limit)
          .toArray();
        return found.map(stored);
      },
      at: async (positions) => {
        const ids = positions.map((position) => first + position);
        const found = await this.#events.find({ _id: { $in: ids } }).toArray();
        return new Map(found.map(stored).map((event) => [event.position, event]));
      },
    };
  }
}
