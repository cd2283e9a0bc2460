import {
  type Checkpoint,
  type CheckpointAdvance,
  CheckpointConflictError,
  type Tenure,
  TenureEndedError,
} from '@unionfold/eventsourcing';
import type { ClientSession, Collection, Db } from 'mongodb';
import { isDuplicateKey } from '../connection/mongo-errors.ts';
import type { Moment } from '../connection/patience.ts';
import { runWrites } from '../connection/write-command.ts';

type CheckpointDocument = Checkpoint & { readonly _id: string };

interface TenureDocument {
  readonly _id: string;
  readonly epoch: number;
  /** Counts the holder's changes: each writes the record, so that a change and a take-over cannot pass each other. */
  readonly changes: number;
}

/** What a record takes, generously. */
const recordBytes = 1_024;

/** Where the records of consumers are: checkpoints, and tenures beside them, so that one command writes both. */
export const consumersCollection = 'checkpoints';

/** Checkpoints and tenures of all consumers of a document store. */
export class ConsumerRecords {
  readonly #database: Db;
  readonly #checkpoints: Collection<CheckpointDocument>;
  readonly #tenures: Collection<TenureDocument>;

  constructor(database: Db) {
    this.#database = database;
    this.#checkpoints = database.collection(consumersCollection);
    this.#tenures = database.collection(consumersCollection);
  }

  async takeOver(consumer: string): Promise<Tenure> {
    const record = await this.#tenures.findOneAndUpdate(
      { _id: tenureId(consumer) },
      { $inc: { epoch: 1 }, $setOnInsert: { changes: 0 } },
      { upsert: true, returnDocument: 'after' },
    );
    return { consumer, epoch: record?.epoch ?? 0 };
  }

  /**
   * Moves checkpoints, if the tenure is still the consumer's.
   * @throws TenureEndedError when another one has taken over
   * @throws CheckpointConflictError when one does not stand where it is expected
   */
  async advance(
    tenure: Tenure | undefined,
    advances: readonly CheckpointAdvance[],
    session: ClientSession,
  ): Promise<void> {
    const updates: object[] = advances.map(({ expectedPosition, ...checkpoint }) => ({
      q: { _id: checkpointId(checkpoint), position: expectedPosition },
      u: { $set: checkpoint },
      // Where there is none, 0 is expected; another position meets its id.
      upsert: expectedPosition === 0,
    }));
    if (tenure !== undefined) {
      const { consumer, epoch } = tenure;
      const q = { _id: tenureId(consumer), epoch };
      updates.unshift({ q, u: { $inc: { changes: 1 } } });
    }
    if (updates.length === 0) return;
    const operations = updates.map((operation) => ({ operation, bytes: recordBytes }));
    const into = { database: this.#database, name: consumersCollection };
    try {
      const met = await runWrites(into, 'update', operations, session);
      if (met === operations.length) return;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    throw await this.#refusal(tenure, advances);
  }

  /** Why a change was not taken, as the records stand now: the transaction is over. */
  async #refusal(
    tenure: Tenure | undefined,
    advances: readonly CheckpointAdvance[],
  ): Promise<Error> {
    if (tenure !== undefined) {
      const { consumer, epoch } = tenure;
      const record = await this.#tenures.findOne({ _id: tenureId(consumer) });
      if (record?.epoch !== epoch || advances.length === 0) {
        return new TenureEndedError(consumer, epoch);
      }
    }
    const ids = advances.map(checkpointId);
    const stored = await this.#checkpoints.find({ _id: { $in: ids } }).toArray();
    const positions = new Map(stored.map(({ _id, position }) => [_id, position]));
    const standsElsewhere = (one: CheckpointAdvance) =>
      (positions.get(checkpointId(one)) ?? 0) !== one.expectedPosition;
    const { consumer, topic, partition } = advances.find(standsElsewhere) ?? firstOf(advances);
    return new CheckpointConflictError(consumer, topic, partition);
  }

  async of(consumer: string, moment: Moment): Promise<Checkpoint[]> {
    const documents = await this.#checkpoints
      .find({ consumer }, { ...moment })
      .sort({ topic: 1, partition: 1 })
      .toArray();
    return documents.map(({ topic, partition, position, cursor }) => ({
      consumer,
      topic,
      partition,
      position,
      cursor,
    }));
  }

  async drop(consumer: string): Promise<void> {
    await this.#checkpoints.deleteMany({ consumer });
  }

  /** Whether a checkpoint stands where an advance was to take it. */
  async hasAdvanced(advance: CheckpointAdvance): Promise<boolean> {
    const found = await this.#checkpoints.findOne({ _id: checkpointId(advance) });
    return found?.position === advance.position && found.cursor === advance.cursor;
  }
}

function firstOf(advances: readonly CheckpointAdvance[]): CheckpointAdvance {
  const [first] = advances;
  if (first === undefined) throw new Error('nothing that could conflict');
  return first;
}

/** Its first slash ends the consumer's name, whatever that is. */
function checkpointId({ consumer, topic, partition }: Omit<Checkpoint, 'position' | 'cursor'>) {
  return `${tenureId(consumer)}/${topic}/${partition}`;
}

/** Has no slash. */
function tenureId(consumer: string): string {
  return consumer.replaceAll('%', '%25').replaceAll('/', '%2F');
}
