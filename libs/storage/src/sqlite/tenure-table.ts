import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type Tenure, TenureEndedError } from '@unionfold/eventsourcing';

/** Its definition; a store of before there were tenures gets it when it is opened. */
const tenureSchema = `
CREATE TABLE IF NOT EXISTS tenures (consumer TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Who writes for each consumer: the holder of its latest epoch. */
export class TenureTable {
  readonly #epoch: StatementSync;
  readonly #next: StatementSync;

  constructor(database: DatabaseSync) {
    database.exec(tenureSchema);
    this.#epoch = database.prepare('SELECT epoch FROM tenures WHERE consumer = ?');
    this.#next = database.prepare(
      `INSERT INTO tenures (consumer, epoch) VALUES (?, 1)
       ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch`,
    );
  }

  /** Begins the next epoch of a consumer. */
  takeOver(consumer: string): Tenure {
    return { consumer, epoch: Number(this.#next.get(consumer)?.['epoch']) };
  }

  /** Why a holder may not write, if so. */
  refusal({ consumer, epoch }: Tenure): TenureEndedError | undefined {
    const current = Number(this.#epoch.get(consumer)?.['epoch'] ?? 0);
    return current === epoch ? undefined : new TenureEndedError(consumer, epoch);
  }
}
