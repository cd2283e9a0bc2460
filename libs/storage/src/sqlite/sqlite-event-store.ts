import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AppendResult,
  type CommandReceipt,
  type EventStore,
  partitionOf,
  type RecordedEvent,
  type Snapshot,
  type StoredReceipt,
  type StoreSubscription,
  type StoreSubscriptionOptions,
  type StreamAppend,
} from '@unionfold/eventsourcing';
import { prepareAppend } from '../prepared-append.ts';
import { StoreTail } from '../store-tail.ts';
import { EventReader } from './event-reader.ts';
import { eventStoreFormat } from './event-store-schema.ts';
import { EventWriter } from './event-writer.ts';
import { closedError, GroupCommit } from './group-commit.ts';
import { ReceiptTable } from './receipt-table.ts';
import { SnapshotTable } from './snapshot-table.ts';
import { openDatabase } from './sqlite-database.ts';
import { asStoreError } from './sqlite-errors.ts';
import { StreamDirectory } from './stream-directory.ts';

/** How to open a {@link SqliteEventStore}. */
export interface SqliteEventStoreOptions {
  /** The database file; made where there is none. Its folder must exist. */
  readonly file: string;
  /** 1 to 1,024. Counts when the file is made; an existing store keeps its own number. */
  readonly partitions: number;
  /** What `recordedAt` is read from, once a transaction. */
  readonly clock?: () => Date;
  /** How many streams' versions are kept in memory. */
  readonly rememberedStreams?: number;
}

const maxPartitions = 1024;

/** One transaction: long enough to share an fsync well, short enough (25 ms at most) to hold nobody up. */
const maxAppendsPerTransaction = 2048;
const maxEventsPerTransaction = 2048;

/** Longer reads leave a turn to everybody else after so many events. */
const readStretch = 1000;

/**
 * The event store port on one SQLite file, for one process.
 *
 * All appends of a turn of the event loop share a transaction (see GroupCommit). Positions come from counters in
 * memory, which are read from the tables when the file is opened and whenever a transaction was undone; the exclusive
 * lock on the file keeps them true. Reads use the writing connection: it is synchronous, so no read can fall into a
 * transaction.
 */
export class SqliteEventStore implements EventStore {
  readonly partitions: number;
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #reader: EventReader;
  readonly #writer: EventWriter;
  readonly #receipts: ReceiptTable;
  readonly #snapshots: SnapshotTable;
  readonly #commits: GroupCommit;
  readonly #tails = new Set<StoreTail>();
  #closing: Promise<void> | undefined;

  /**
   * Opens or creates an event store.
   * @throws StoreCorruptError when the file is not an event store of this release, or damaged; it is untouched
   * @throws StoreUnavailableError when another process has it open, or the disk does not answer
   */
  static async open(options: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    const { partitions, file } = options;
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > maxPartitions) {
      throw new RangeError(`partitions must be 1 to ${maxPartitions}`);
    }
    const database = openDatabase(file, eventStoreFormat(partitions));
    try {
      return new SqliteEventStore(database, options);
    } catch (error) {
      database.close();
      throw asStoreError(error, file);
    }
  }

  private constructor(database: DatabaseSync, options: SqliteEventStoreOptions) {
    const meta = database.prepare("SELECT value FROM meta WHERE key = 'partitions'").get();
    const partitions = Number(meta?.['value']);
    const streams = new StreamDirectory(database, partitions, options.rememberedStreams ?? 50_000);
    this.partitions = partitions;
    this.#file = options.file;
    this.#database = database;
    this.#reader = new EventReader(database, partitions, streams);
    this.#receipts = new ReceiptTable(database);
    this.#snapshots = new SnapshotTable(database);
    this.#writer = new EventWriter({
      database,
      partitions,
      clock: options.clock ?? (() => new Date()),
      streams,
      reader: this.#reader,
      receipts: this.#receipts,
    });
    this.#commits = new GroupCommit({
      database,
      file: options.file,
      maxUnits: maxAppendsPerTransaction,
      maxWeight: maxEventsPerTransaction,
      committed: () => this.#wakeTails(this.#writer.commit()),
      rolledBack: () => this.#writer.rollBack(),
    });
  }

  async append(appends: readonly StreamAppend[], receipt?: CommandReceipt): Promise<AppendResult> {
    const prepared = prepareAppend(appends, receipt, this.partitions);
    return this.#commits.submit(prepared.eventCount + 1, () => this.#writer.write(prepared));
  }

  async readStream(stream: string, fromVersion = 1): Promise<readonly RecordedEvent[]> {
    const partition = partitionOf(stream, this.partitions);
    const events: RecordedEvent[] = [];
    for (let after = fromVersion - 1; ; ) {
      const stretch = this.#read(() => this.#reader.stream(partition, stream, after, readStretch));
      events.push(...stretch);
      after = stretch.at(-1)?.version ?? after;
      if (stretch.length < readStretch) return events;
      await nextTurn();
    }
  }

  async readPartition(
    partition: number,
    afterPosition: number,
    limit: number,
  ): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (let after = afterPosition; ; ) {
      const wanted = Math.min(limit - events.length, readStretch);
      const stretch = this.#read(() => this.#reader.partition(partition, after, wanted));
      events.push(...stretch);
      after = stretch.at(-1)?.position ?? after;
      if (stretch.length < wanted || events.length >= limit) return events;
      await nextTurn();
    }
  }

  async heads(): Promise<readonly number[]> {
    return this.#read(() => this.#writer.heads());
  }

  subscribe(options: StoreSubscriptionOptions): StoreSubscription {
    const tail = new StoreTail(options, {
      read: (partition, after, limit) =>
        this.#read(() => this.#reader.partition(partition, after, limit)),
      onEnd: (ended) => this.#tails.delete(ended),
    });
    this.#tails.add(tail);
    return tail;
  }

  async findReceipt(key: string): Promise<StoredReceipt | undefined> {
    return this.#read(() => this.#receipts.find(key));
  }

  async loadSnapshot(stream: string): Promise<Snapshot | undefined> {
    return this.#read(() => this.#snapshots.load(stream));
  }

  async saveSnapshot({ stream, version, schema, state }: Snapshot): Promise<void> {
    const json = JSON.stringify(state);
    await this.#commits.submit(1, () => this.#snapshots.save(stream, version, schema, json));
  }

  /** Settles what waits, ends the subscriptions without waiting for their handlers, closes the file. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const tail of this.#tails) tail.end();
    await this.#commits.close();
    this.#database.close();
  }

  #wakeTails(grown: readonly number[]): void {
    for (const tail of this.#tails) if (grown.includes(tail.partition)) tail.wake();
  }

  #read<Result>(read: () => Result): Result {
    if (this.#closing !== undefined) throw closedError(this.#file);
    try {
      return read();
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
  }
}
