import { randomUUID } from 'node:crypto';
import {
  type AppendResult,
  type CommandReceipt,
  type EventStore,
  type RecordedEvent,
  type Snapshot,
  StoreCorruptError,
  type StoredReceipt,
  type StoreSubscription,
  type StoreSubscriptionOptions,
  StoreUnavailableError,
  type StreamAppend,
} from '@unionfold/eventsourcing';
import type { Collection, Db } from 'mongodb';
import { type PreparedAppend, prepareAppend } from '../../prepared-append.ts';
import { StoreTail } from '../../store-tail.ts';
import { migrate } from '../connection/migrations.ts';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { isDuplicateKey } from '../connection/mongo-errors.ts';
import { patiently } from '../connection/patience.ts';
import { SharedReads, sharedById } from '../connection/shared-reads.ts';
import { AppendQueue } from './append-queue.ts';
import { EventCommitter } from './event-committer.ts';
import {
  type EventDocument,
  eventsCollection,
  keysOf,
  maxPartitions,
  type PartitionDocument,
  partitionAt,
  placeOf,
  type ReceiptDocument,
  recordedEvent,
  type SnapshotDocument,
  storedReceipt,
  storedSnapshot,
} from './event-documents.ts';
import { eventStoreMigrations } from './event-store-migrations.ts';
import { type Notice, PartitionBell } from './partition-bell.ts';
import { RecentEvents } from './recent-events.ts';

/** How to open a {@link MongoEventStore}. */
export interface MongoEventStoreOptions {
  readonly connection: MongoConnection;
  /** The database, of this service alone; made where there is none. */
  readonly database: string;
  /** 1 to 512. Counts when the store is made; opening it with another number is refused. */
  readonly partitions: number;
  /** What `recordedAt` is read from, once a transaction. */
  readonly clock?: () => Date;
  /** How many streams' versions are kept in memory. Default 50,000. */
  readonly rememberedStreams?: number;
  readonly onNotice?: Notice;
}

/** One transaction: large enough to share the wait for the majority well, far below the server's limits. */
const batchLimits = { appends: 512, events: 2_000, bytes: 8 * 2 ** 20 };

/** An event's data in characters of JSON, a snapshot's too; far enough below MongoDB's 16 MB with up to 3 bytes each. */
const maxDataLength = 4 * 2 ** 20;

/** How long a tail sleeps at most before it looks by itself: while the change stream is broken, nothing rings. Milliseconds. */
const longestSleepMs = 1_000;

/** A read as long as the caller likes is fetched in parts. */
const fetchSize = 2_000;

/**
 * The event store port on a MongoDB replica set, for any number of processes.
 *
 * One document an event, so that no stream meets the limit of a document. How appends share transactions, and how
 * several processes stay out of each other's way, is told at EventCommitter; how readers hear of news, at PartitionBell and
 * RecentEvents.
 */
export class MongoEventStore implements EventStore {
  readonly partitions: number;
  readonly #name: string;
  readonly #connection: MongoConnection;
  readonly #events: Collection<EventDocument>;
  readonly #partitions: Collection<PartitionDocument>;
  readonly #receipts: Collection<ReceiptDocument>;
  readonly #snapshots: Collection<SnapshotDocument>;
  readonly #queue: AppendQueue;
  readonly #bell: PartitionBell;
  readonly #tails = new Set<StoreTail>();
  readonly #recent = new RecentEvents();
  /** Most streams are read from their beginning, and short: those of several commands share a question. */
  readonly #wholeStreams = new SharedReads<string, readonly RecordedEvent[]>(async (streams) => {
    const documents = await this.#read(() =>
      this.#events
        .find({ $or: streams.map((stream) => ({ _id: keysOf(stream) })) })
        .sort({ _id: 1 })
        .batchSize(fetchSize)
        .toArray(),
    );
    const events = Map.groupBy(documents.map(recordedEvent), ({ stream }) => stream);
    return (stream) => events.get(stream) ?? [];
  });
  readonly #snapshotReads = sharedById(
    (streams) => this.#read(() => this.#snapshots.find({ _id: { $in: streams } }).toArray()),
    storedSnapshot,
  );
  readonly #receiptReads = sharedById(
    (keys) => this.#read(() => this.#receipts.find({ _id: { $in: keys } }).toArray()),
    storedReceipt,
  );
  #closing: Promise<void> | undefined;

  /**
   * Opens or creates an event store.
   * @throws RangeError for a number of partitions that cannot be
   * @throws StoreCorruptError when the store has another number of partitions
   * @throws StoreUnavailableError when no primary answers
   */
  static async open(options: MongoEventStoreOptions): Promise<MongoEventStore> {
    const { connection, partitions } = options;
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > maxPartitions) {
      throw new RangeError(`partitions must be 1 to ${maxPartitions}`);
    }
    const database = connection.client.db(options.database);
    await patiently(connection, async () => {
      await migrate(database, eventStoreMigrations);
      await makePartitions(database, partitions);
    });
    return new MongoEventStore(database, options);
  }

  private constructor(database: Db, options: MongoEventStoreOptions) {
    const { connection, partitions, onNotice = () => undefined } = options;
    this.partitions = partitions;
    this.#name = options.database;
    this.#connection = connection;
    this.#events = database.collection(eventsCollection);
    this.#partitions = database.collection('partitions');
    this.#receipts = database.collection('receipts');
    this.#snapshots = database.collection('snapshots');
    const writer = randomUUID();
    const committer = new EventCommitter({
      connection,
      collections: {
        events: this.#events,
        partitions: this.#partitions,
        receipts: this.#receipts,
        contenders: database.collection('contenders'),
      },
      partitions,
      rememberedStreams: options.rememberedStreams ?? 50_000,
      clock: options.clock ?? (() => new Date()),
      writer,
      committed: (events) => this.#grown(events),
    });
    this.#queue = new AppendQueue(batchLimits, (batch) => committer.commit(batch));
    this.#bell = new PartitionBell(
      this.#partitions,
      writer,
      (partition) => this.#wake(partition),
      onNotice,
    );
  }

  async append(appends: readonly StreamAppend[], receipt?: CommandReceipt): Promise<AppendResult> {
    this.#assertOpen();
    const prepared = prepareAppend(appends, receipt, this.partitions);
    assertStorable(prepared);
    return await this.#queue.submit(prepared);
  }

  async readStream(stream: string, fromVersion = 1): Promise<readonly RecordedEvent[]> {
    if (fromVersion <= 1) return await this.#wholeStreams.get(stream);
    const documents = await this.#read(() =>
      this.#events
        .find({ _id: keysOf(stream, fromVersion) })
        .sort({ _id: 1 })
        .batchSize(fetchSize)
        .toArray(),
    );
    return documents.map(recordedEvent);
  }

  async readPartition(
    partition: number,
    afterPosition: number,
    limit: number,
  ): Promise<readonly RecordedEvent[]> {
    if (!Number.isInteger(partition) || partition < 0 || partition >= this.partitions) {
      throw new RangeError(`no partition ${partition}, the store has ${this.partitions}`);
    }
    if (limit <= 0) return [];
    const range = {
      $gt: placeOf(partition, Math.max(0, afterPosition)),
      $lt: placeOf(partition + 1, 0),
    };
    const documents = await this.#read(() =>
      this.#events
        .find({ place: range })
        .sort({ place: 1 })
        // 0 means no limit.
        .limit(limit < 2 ** 31 ? limit : 0)
        .batchSize(Math.min(limit, fetchSize))
        .toArray(),
    );
    return documents.map(recordedEvent);
  }

  async heads(): Promise<readonly number[]> {
    const documents = await this.#read(() => this.#partitions.find().sort({ _id: 1 }).toArray());
    return documents.map(({ position }) => position);
  }

  subscribe(options: StoreSubscriptionOptions): StoreSubscription {
    this.#assertOpen();
    this.#bell.open();
    const tail = new StoreTail(options, {
      read: (partition, after, limit) => this.readPartition(partition, after, limit),
      atHand: (partition, after, limit) => this.#recent.after(partition, after, limit),
      onEnd: (ended) => this.#tails.delete(ended),
      longestSleepMs,
    });
    this.#tails.add(tail);
    return tail;
  }

  /** Has the change stream go on from a token, as a process does that kept it: for tests of tokens that have expired. */
  resumeFrom(token: unknown): void {
    this.#bell.resumeFrom(token);
  }

  async findReceipt(key: string): Promise<StoredReceipt | undefined> {
    return await this.#receiptReads.get(key);
  }

  async loadSnapshot(stream: string): Promise<Snapshot | undefined> {
    return await this.#snapshotReads.get(stream);
  }

  async saveSnapshot({ stream, version, schema, state }: Snapshot): Promise<void> {
    const json = JSON.stringify(state);
    // A snapshot is a cache: without it, more events are folded.
    if (json.length > maxDataLength) return;
    const isOlder = { $or: [{ schema: { $ne: schema } }, { version: { $lt: version } }] };
    await this.#read(async () => {
      try {
        await this.#snapshots.replaceOne(
          { _id: stream, ...isOlder },
          { version, schema, state: json },
          { upsert: true },
        );
      } catch (error) {
        // The upsert met the newer one that it was not to replace.
        if (!isDuplicateKey(error)) throw error;
      }
    });
  }

  /** Settles what waits, ends the subscriptions without waiting for their handlers. The connection stays open. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const tail of this.#tails) tail.end();
    await this.#bell.close();
    await this.#queue.drained();
  }

  /** This process has appended. */
  #grown(events: readonly EventDocument[]): void {
    if (this.#tails.size === 0) return;
    this.#recent.add(events);
    for (const partition of new Set(events.map(({ place }) => partitionAt(place)))) {
      this.#wake(partition);
    }
  }

  #wake(partition: number | undefined): void {
    for (const tail of this.#tails) {
      if (partition === undefined || tail.partition === partition) tail.wake();
    }
  }

  async #read<Result>(read: () => Promise<Result>): Promise<Result> {
    this.#assertOpen();
    return await patiently(this.#connection, read);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new StoreUnavailableError(`${this.#name} is closed`);
  }
}

/** Makes the counters of a new store; of one that is there, checks that it has as many. */
async function makePartitions(database: Db, partitions: number): Promise<void> {
  const stores = database.collection<{ _id: string; partitions: number }>('store');
  // The first to write the record decides, however many start at once.
  const record = await stores.findOneAndUpdate(
    { _id: 'events' },
    { $setOnInsert: { partitions } },
    { upsert: true, returnDocument: 'after' },
  );
  if (record?.partitions !== partitions) {
    throw new StoreCorruptError(
      `the event store ${database.databaseName} has ${record?.partitions} partitions, not ${partitions}: start it with that number, or move its events to a new store`,
    );
  }
  const counters = Array.from({ length: partitions }, (_, partition) => ({
    updateOne: {
      filter: { _id: partition },
      update: { $setOnInsert: { position: 0, guards: 0 } },
      upsert: true,
    },
  }));
  await database
    .collection<PartitionDocument>('partitions')
    .bulkWrite(counters, { ordered: false });
}

function assertStorable({ streams }: PreparedAppend): void {
  for (const { stream, events } of streams) {
    for (const { type, data } of events) {
      if (data.length <= maxDataLength) continue;
      throw new RangeError(
        `${type} of ${stream} has ${data.length} characters of data; at most ${maxDataLength} can be stored in one event`,
      );
    }
  }
}
