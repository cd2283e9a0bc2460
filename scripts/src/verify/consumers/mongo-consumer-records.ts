import type { JsonObject } from '@unionfold/eventsourcing';
import type { ClientSession, Db } from 'mongodb';
import type {
  CheckpointRow,
  ConsumerRecords,
  DeadLetterRow,
  GenerationRow,
} from './consumer-records.ts';

/** A document as it lies in MongoDB: its fields below `doc`, or all of them as JSON in `text`. */
export interface DocumentRow {
  readonly _id: string;
  readonly doc: JsonObject;
  readonly text?: string;
}

/** Documents lie in collections of this beginning. */
export const documentPrefix = 'd_';

/** The fields of a document with its id. */
export function fieldsOf({ _id, doc, text }: DocumentRow): JsonObject & { readonly id: string } {
  // The fields that are indexed stand beside the text, and may have been rewritten since.
  return { ...(text === undefined ? {} : (JSON.parse(text) as JsonObject)), ...doc, id: _id };
}

interface LetterEntry {
  readonly consumer: string;
  readonly topic: string;
  readonly parked: boolean;
  readonly recorded: {
    readonly id: string;
    readonly stream: string;
    readonly partition: number;
    readonly position: number;
  };
}

/** What consumers have left in a document store in MongoDB. */
export class MongoConsumerRecords implements ConsumerRecords {
  readonly #database: Db;
  readonly #session: { readonly session?: ClientSession };

  /** @param session to read all of it as it stood at one moment */
  constructor(database: Db, session?: ClientSession) {
    this.#database = database;
    this.#session = session === undefined ? {} : { session };
  }

  async checkpoints(): Promise<readonly CheckpointRow[]> {
    return await this.#database
      .collection<CheckpointRow & { readonly _id: string }>('checkpoints')
      // Tenures stand beside them.
      .find({ position: { $exists: true } }, this.#session)
      .toArray();
  }

  async generations(): Promise<ReadonlyMap<string, GenerationRow>> {
    const found = await this.#documents('projection_generations').find({}, this.#session).toArray();
    return new Map(
      found.map((row) => {
        const { id, ...record } = fieldsOf(row);
        return [id, record as unknown as GenerationRow];
      }),
    );
  }

  async *deadLetters(): AsyncGenerator<DeadLetterRow> {
    const cursor = this.#documents('dead_letters')
      .find({}, { ...this.#session, batchSize: 500 })
      .sort({ _id: 1 });
    for await (const row of cursor) {
      const { entry } = fieldsOf(row);
      const { consumer, topic, parked, recorded } = entry as unknown as LetterEntry;
      const { id, stream, partition, position } = recorded;
      yield { consumer, topic, parked, id, stream, partition, position };
    }
  }

  async collections(): Promise<readonly string[]> {
    const declared = await this.#database
      .collection<{ _id: string }>('collections')
      .find({}, { projection: { _id: 1 } })
      .toArray();
    const physical = await this.#database.listCollections({}, { nameOnly: true }).toArray();
    const names = physical
      .filter(({ name }) => name.startsWith(documentPrefix))
      .map(({ name }) => name.slice(documentPrefix.length));
    return [...new Set([...declared.map(({ _id }) => _id), ...names])].sort();
  }

  #documents(name: string) {
    return this.#database.collection<DocumentRow>(documentPrefix + name);
  }
}
