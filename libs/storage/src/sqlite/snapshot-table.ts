import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JsonValue, Snapshot } from '@unionfold/eventsourcing';

type SnapshotRow = readonly [version: number, schema: number, state: string];

/** The newest snapshot of each stream. */
export class SnapshotTable {
  readonly #upsert: StatementSync;
  readonly #select: StatementSync;

  constructor(database: DatabaseSync) {
    this.#upsert = database.prepare(
      `INSERT INTO snapshots (stream, version, schema, state) VALUES (?, ?, ?, ?)
       ON CONFLICT (stream) DO UPDATE
       SET version = excluded.version, schema = excluded.schema, state = excluded.state
       WHERE schema <> excluded.schema OR version <= excluded.version`,
    );
    this.#select = database.prepare(
      'SELECT version, schema, state FROM snapshots WHERE stream = ?',
    );
    this.#select.setReturnArrays(true);
  }

  /** Writes a snapshot unless a newer one of its schema stands. */
  save(stream: string, version: number, schema: number, state: string): void {
    this.#upsert.run(stream, version, schema, state);
  }

  load(stream: string): Snapshot | undefined {
    const row = this.#select.get(stream) as unknown as SnapshotRow | undefined;
    if (row === undefined) return undefined;
    const [version, schema, state] = row;
    return { stream, version, schema, state: JSON.parse(state) as JsonValue };
  }
}
