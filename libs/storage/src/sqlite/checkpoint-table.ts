import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type Checkpoint,
  type CheckpointAdvance,
  CheckpointConflictError,
} from '@unionfold/eventsourcing';

/** Its definition. */
export const checkpointSchema = `
CREATE TABLE checkpoints (
  consumer TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  position INTEGER NOT NULL,
  cursor TEXT NOT NULL,
  PRIMARY KEY (consumer, topic, partition)
) STRICT, WITHOUT ROWID;
`;

type CheckpointRow = readonly [topic: string, partition: number, position: number, cursor: string];

/** The checkpoints of all consumers. */
export class CheckpointTable {
  readonly #position: StatementSync;
  readonly #upsert: StatementSync;
  readonly #list: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: DatabaseSync) {
    this.#position = database.prepare(
      'SELECT position FROM checkpoints WHERE consumer = ? AND topic = ? AND partition = ?',
    );
    this.#upsert = database.prepare(
      `INSERT INTO checkpoints (consumer, topic, partition, position, cursor) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET position = excluded.position, cursor = excluded.cursor`,
    );
    this.#list = database.prepare(
      `SELECT topic, partition, position, cursor FROM checkpoints
       WHERE consumer = ? ORDER BY topic, partition`,
    );
    this.#list.setReturnArrays(true);
    this.#drop = database.prepare('DELETE FROM checkpoints WHERE consumer = ?');
  }

  /** The conflict that an advance meets, if any; writes nothing. */
  conflict(advance: CheckpointAdvance): CheckpointConflictError | undefined {
    const { consumer, topic, partition, expectedPosition } = advance;
    const row = this.#position.get(consumer, topic, partition);
    const position = row === undefined ? 0 : Number(row['position']);
    return position === expectedPosition
      ? undefined
      : new CheckpointConflictError(consumer, topic, partition);
  }

  set({ consumer, topic, partition, position, cursor }: Checkpoint): void {
    this.#upsert.run(consumer, topic, partition, position, cursor);
  }

  list(consumer: string): Checkpoint[] {
    const rows = this.#list.all(consumer) as unknown as CheckpointRow[];
    return rows.map(([topic, partition, position, cursor]) => ({
      consumer,
      topic,
      partition,
      position,
      cursor,
    }));
  }

  drop(consumer: string): void {
    this.#drop.run(consumer);
  }
}
