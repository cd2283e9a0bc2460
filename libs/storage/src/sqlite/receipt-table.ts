import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AppendResult, JsonObject, StoredReceipt } from '@unionfold/eventsourcing';
import type { PreparedReceipt } from '../prepared-append.ts';

type ReceiptRow = readonly [fingerprint: string, result: string, appended: string];
type AppendedRow = readonly [stream: string, version: number, partition: number, position: number];

/** Receipts of commands by idempotency key. */
export class ReceiptTable {
  readonly #insert: StatementSync;
  readonly #select: StatementSync;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `INSERT INTO receipts (key, fingerprint, result, appended) VALUES (?, ?, ?, ?)
       ON CONFLICT (key) DO NOTHING`,
    );
    this.#select = database.prepare(
      'SELECT fingerprint, result, appended FROM receipts WHERE key = ?',
    );
    this.#select.setReturnArrays(true);
  }

  /** Writes a receipt; false when its key is taken, and then nothing was written. */
  insert(receipt: PreparedReceipt, appended: AppendResult): boolean {
    const rows: AppendedRow[] = appended.map((event) => [
      event.stream,
      event.version,
      event.partition,
      event.position,
    ]);
    const { changes } = this.#insert.run(
      receipt.key,
      receipt.fingerprint,
      receipt.result,
      JSON.stringify(rows),
    );
    return changes === 1;
  }

  find(key: string): StoredReceipt | undefined {
    const row = this.#select.get(key) as unknown as ReceiptRow | undefined;
    if (row === undefined) return undefined;
    const [fingerprint, result, appended] = row;
    return {
      key,
      fingerprint,
      result: JSON.parse(result) as JsonObject,
      appended: (JSON.parse(appended) as AppendedRow[]).map(
        ([stream, version, partition, position]) => ({ stream, version, partition, position }),
      ),
    };
  }
}
