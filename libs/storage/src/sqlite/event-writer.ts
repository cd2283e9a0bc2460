import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type AppendedEvent,
  type AppendResult,
  DuplicateReceiptError,
  VersionConflictError,
} from '@unionfold/eventsourcing';
import type { PreparedAppend } from '../prepared-append.ts';
import type { EventReader } from './event-reader.ts';
import { insertEventSql } from './event-store-schema.ts';
import { Refused } from './group-commit.ts';
import { preparePerPartition } from './per-partition.ts';
import type { ReceiptTable } from './receipt-table.ts';
import type { StreamDirectory, StreamEntry } from './stream-directory.ts';

/** What an event writer works with. */
export interface EventWriterOptions {
  readonly database: DatabaseSync;
  readonly partitions: number;
  readonly clock: () => Date;
  readonly streams: StreamDirectory;
  readonly reader: EventReader;
  readonly receipts: ReceiptTable;
}

/** Writes appends within a transaction that somebody else begins and ends, and gives out positions. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  readonly #insert: (partition: number) => StatementSync;
  /** Last committed position of every partition. */
  readonly #committed: number[];
  /** The same, ahead by what the transaction under way has written. */
  readonly #written: number[];
  /** The time of the transaction under way, in milliseconds since 1970. */
  #recordedAt: number | undefined;

  constructor(options: EventWriterOptions) {
    this.#options = options;
    this.#insert = preparePerPartition(options.database, options.partitions, insertEventSql);
    this.#committed = this.#storedHeads();
    this.#written = [...this.#committed];
  }

  /** Last committed position of every partition. */
  heads(): readonly number[] {
    return [...this.#committed];
  }

  /** Checks an append, then writes it: a refused one has written nothing. */
  write(append: PreparedAppend): AppendResult | Refused {
    const { streams, receipts } = this.#options;
    const entries: StreamEntry[] = [];
    for (const { partition, stream, expectedVersion } of append.streams) {
      const entry = streams.entry(partition, stream);
      if (expectedVersion !== 'any' && expectedVersion !== entry.version) {
        // A repeated command meets its own events: its receipt is the better answer.
        const known = append.receipt && receipts.find(append.receipt.key);
        return new Refused(
          known === undefined
            ? new VersionConflictError(stream, expectedVersion, entry.version)
            : new DuplicateReceiptError(known),
        );
      }
      entries.push(entry);
    }
    const appended = this.#plan(append, entries);
    if (append.receipt !== undefined && !receipts.insert(append.receipt, appended)) {
      const known = receipts.find(append.receipt.key);
      if (known !== undefined) return new Refused(new DuplicateReceiptError(known));
    }
    this.#insertEvents(append, entries);
    return appended;
  }

  /** Makes the written positions the committed ones; answers which partitions have grown. */
  commit(): number[] {
    this.#recordedAt = undefined;
    const grown: number[] = [];
    for (let partition = 0; partition < this.#written.length; partition += 1) {
      const position = this.#written[partition];
      if (position === undefined || position === this.#committed[partition]) continue;
      this.#committed[partition] = position;
      grown.push(partition);
    }
    return grown;
  }

  /** Goes back to what the tables hold. */
  rollBack(): void {
    this.#recordedAt = undefined;
    this.#options.streams.forget();
    for (const [partition, position] of this.#storedHeads().entries()) {
      this.#committed[partition] = position;
      this.#written[partition] = position;
    }
  }

  /** Where each event will go, without moving any counter. */
  #plan(append: PreparedAppend, entries: readonly StreamEntry[]): AppendResult {
    const appended: AppendedEvent[] = [];
    for (const [index, { stream, partition, events }] of append.streams.entries()) {
      const version = entries[index]?.version ?? 0;
      const position = this.#written[partition] ?? 0;
      const before = append.streams.length === 1 ? 0 : inPartition(appended, partition);
      for (let nth = 1; nth <= events.length; nth += 1) {
        appended.push({
          stream,
          version: version + nth,
          partition,
          position: position + before + nth,
        });
      }
    }
    return appended;
  }

  #insertEvents(append: PreparedAppend, entries: readonly StreamEntry[]): void {
    this.#recordedAt ??= this.#options.clock().getTime();
    for (const [index, { stream, partition, events }] of append.streams.entries()) {
      const entry = entries[index];
      if (entry === undefined || events.length === 0) continue;
      const insert = this.#insert(partition);
      let position = this.#written[partition] ?? 0;
      for (const { id, type, data, metadata } of events) {
        position += 1;
        entry.version += 1;
        insert.run(
          position,
          entry.number,
          entry.version,
          stream,
          id,
          type,
          data,
          JSON.stringify(metadata),
          this.#recordedAt,
        );
      }
      this.#written[partition] = position;
    }
  }

  #storedHeads(): number[] {
    return Array.from({ length: this.#options.partitions }, (_, partition) =>
      this.#options.reader.head(partition),
    );
  }
}

function inPartition(appended: AppendResult, partition: number): number {
  return appended.filter((event) => event.partition === partition).length;
}
