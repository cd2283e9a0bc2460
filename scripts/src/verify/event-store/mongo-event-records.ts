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

/** Places of one partition lie in one stretch: partition × 2^44 + position. */
const stretch = 2 ** 44;

/** Documents fetched at once: a batch is kept as long as one of its documents is needed, and may be 16 MB otherwise. */
const batchSize = 2_000;

interface EventRecord {
  readonly _id: { readonly stream: string; readonly version: number };
  readonly place: number;
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
    this.#events = database.collection('recorded_events');
  }

  async counters(): Promise<ReadonlyMap<number, number>> {
    const counters = this.#database.collection<{ _id: number; position: number }>('partitions');
    const found = await counters.find().toArray();
    return new Map(found.map(({ _id, position }) => [_id, position]));
  }

  async heads(streams: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const last = streams.map(async (stream) => {
      const range = { $gte: { stream, version: 1 }, $lte: { stream, version: Infinity } };
      const event = await this.#events.findOne(
        { _id: range },
        { sort: { _id: -1 }, projection: { _id: 1 } },
      );
      return [stream, event?._id.version ?? 0] as const;
    });
    return new Map(await Promise.all(last));
  }

  async *events(partition: number): AsyncGenerator<EventRow> {
    const first = partition * stretch;
    const cursor = this.#events
      .find({ place: { $gte: first, $lt: first + stretch } })
      .sort({ place: 1 })
      .project<Pick<EventRecord, '_id' | 'place' | 'id'>>({ place: 1, id: 1 })
      .batchSize(batchSize);
    for await (const { _id, place, id } of cursor) yield { position: place - first, ..._id, id };
  }

  async *strays(): AsyncGenerator<string> {
    // Also finds places that are no numbers: those are in no range of numbers.
    const cursor = this.#events
      .find({ $nor: [{ place: { $gte: 1, $lt: this.partitions * stretch } }] })
      .project({ place: 1 });
    for await (const { place } of cursor) yield `place ${String(place)}`;
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
    const asked = places.map(({ partition, position }) => partition * stretch + position);
    const found = await this.#events
      .find({ place: { $in: asked } })
      .project<Pick<EventRecord, '_id' | 'place'>>({ place: 1 })
      .toArray();
    return new Map(
      found.map(({ _id, place }) => {
        const partition = Math.floor(place / stretch);
        return [keyOf({ partition, position: place - partition * stretch }), _id];
      }),
    );
  }

  /** One partition's events with all that they hold. */
  partition(partition: number): PartitionEvents {
    const first = partition * stretch;
    const stored = ({ _id, place, data, recordedAt, ...event }: EventRecord): StoredEvent => ({
      ...event,
      ..._id,
      position: place - first,
      data: JSON.parse(data) as JsonObject,
      recordedAt: recordedAt.toISOString(),
    });
    return {
      after: async (position, limit) => {
        const found = await this.#events
          .find({ place: { $gt: first + position, $lt: first + stretch } })
          .sort({ place: 1 })
          .limit(limit)
          .batchSize(limit)
          .toArray();
        return found.map(stored);
      },
      at: async (positions) => {
        const places = positions.map((position) => first + position);
        const found = await this.#events.find({ place: { $in: places } }).toArray();
        return new Map(found.map(stored).map((event) => [event.position, event]));
      },
    };
  }
}
