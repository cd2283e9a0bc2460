import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { streamNumber, streamNumberLimit } from './stream-number.ts';

/** A stream as the writer knows it. */
export interface StreamEntry {
  readonly partition: number;
  /** Its key in the partition's stream index. */
  readonly number: number;
  /** The last version, 0 where the stream does not exist. Moved by the writer within a transaction. */
  version: number;
}

/**
 * Numbers and versions of streams, with a bounded memory of the last used ones.
 *
 * A stream's number is the hash of its name or, where another stream has that number, the next one that is free. Events
 * are never deleted, so the way there stays the same. Two streams that want the same free number before either is
 * written meet at the unique index: the transaction is undone, {@link forget} is called, and the second try sees.
 */
export class StreamDirectory {
  readonly #lastEvents: readonly StatementSync[];
  readonly #capacity: number;
  readonly #hash: (stream: string) => number;
  // Two generations instead of an ordered list: a hit costs one look-up, and dropping the older half costs nothing.
  #young = new Map<string, StreamEntry>();
  #old = new Map<string, StreamEntry>();

  /** @param capacity how many streams are remembered, at most */
  constructor(
    database: DatabaseSync,
    partitions: number,
    capacity: number,
    hash: (stream: string) => number = streamNumber,
  ) {
    this.#capacity = Math.max(1, Math.floor(capacity / 2));
    this.#hash = hash;
    this.#lastEvents = Array.from({ length: partitions }, (_, partition) => {
      const statement = database.prepare(
        `SELECT stream, version FROM events_${partition}
         WHERE stream_number = ? ORDER BY version DESC LIMIT 1`,
      );
      statement.setReturnArrays(true);
      return statement;
    });
  }

  /** The stream's entry; the same object until it is forgotten. */
  entry(partition: number, stream: string): StreamEntry {
    const known = this.#young.get(stream);
    if (known !== undefined) return known;
    const entry = this.#old.get(stream) ?? this.#look(partition, stream);
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(stream, entry);
    return entry;
  }

  /** Forgets everything, because a transaction was undone. */
  forget(): void {
    this.#young.clear();
    this.#old.clear();
  }

  #look(partition: number, stream: string): StreamEntry {
    const lastEvent = this.#lastEvents[partition];
    if (lastEvent === undefined) throw new RangeError(`no partition ${partition}`);
    let number = this.#hash(stream);
    for (;;) {
      const row = lastEvent.get(number) as unknown as readonly [string, number] | undefined;
      if (row === undefined) return { partition, number, version: 0 };
      if (row[0] === stream) return { partition, number, version: row[1] };
      number = (number + 1) % streamNumberLimit;
    }
  }
}
