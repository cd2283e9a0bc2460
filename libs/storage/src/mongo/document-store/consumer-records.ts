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

type CheckpointDocument = Checkpoint & { readonly _id: string };

interface TenureDocument {
  readonly _id: string;
  readonly epoch: number;
  /** Counts the holder's changes: each writes the record, so that a change and a take-over cannot pass each other. */
  readonly changes: number;
}

/** Checkpoints and tenures of all consumers of a document store. */
export class ConsumerRecords {
  readonly #checkpoints: Collection<CheckpointDocument>;
  readonly #tenures: Collection<TenureDocument>;

  constructor(database: Db) {
    this.#checkpoints = database.collection('checkpoints');
    this.#tenures = database.collection('tenures');
  }

  async takeOver(consumer: string): Promise<Tenure> {
    const record = await this.#tenures.findOneAndUpdate(
      { _id: consumer },
      { $inc: { epoch: 1 }, $setOnInsert: { changes: 0 } },
      { upsert: true, returnDocument: 'after' },
    );
    return { consumer, epoch: record?.epoch ?? 0 };
  }

  /** @throws TenureEndedError when another one has taken over */
  async assertHolder({ consumer, epoch }: Tenure, session: ClientSession): Promise<void> {
    const { matchedCount } = await this.#tenures.updateOne(
      { _id: consumer, epoch },
      { $inc: { changes: 1 } },
      { session },
    );
    if (matchedCount === 0) throw new TenureEndedError(consumer, epoch);
  }

  /** @throws CheckpointConflictError when it does not stand where it is expected */
  async advance(advance: CheckpointAdvance, session: ClientSession): Promise<void> {
    const { expectedPosition, ...checkpoint } = advance;
    const { consumer, topic, partition } = advance;
    const conflict = new CheckpointConflictError(consumer, topic, partition);
    try {
      const { matchedCount, upsertedCount } = await this.#checkpoints.updateOne(
        { _id: idOf(advance), position: expectedPosition },
        { $set: checkpoint },
        // Where there is none, 0 is expected; another position meets its id.
        { session, upsert: expectedPosition === 0 },
      );
      if (matchedCount + upsertedCount === 0) throw conflict;
    } catch (error) {
      throw isDuplicateKey(error) ? conflict : error;
    }
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
    const found = await this.#checkpoints.findOne({ _id: idOf(advance) });
    return found?.position === advance.position && found.cursor === advance.cursor;
  }
}

function idOf({ consumer, topic, partition }: CheckpointAdvance): string {
  // Its first slash ends the consumer's name, whatever that is.
  const name = consumer.replaceAll('%', '%25').replaceAll('/', '%2F');
  return `${name}/${topic}/${partition}`;
}
