import { type ClientSession, type Db, type MongoClient, MongoServerError } from 'mongodb';
import { generationName } from '../consumers/consumer-records.ts';
import {
  type DocumentRow,
  documentPrefix,
  fieldsOf,
  MongoConsumerRecords,
} from '../consumers/mongo-consumer-records.ts';
import { placeOf } from '../installation.ts';
import {
  eventKey,
  type LiveDocument,
  type LiveReadModel,
  type LiveReadModels,
  MomentPassedError,
} from './live-read-model.ts';

/** SnapshotTooOld, SnapshotUnavailable, StaleChunkHistory: from MongoDB's error_codes.yml. */
const passed = new Set<unknown>([239, 246, 309]);

/** Read models of one document store in MongoDB, each read in a snapshot session: checkpoints and documents fit. */
export class MongoLiveReadModels implements LiveReadModels {
  readonly #client: MongoClient;
  readonly #database: Db;

  constructor(client: MongoClient, database: Db) {
    this.#client = client;
    this.#database = database;
  }

  async at<T>(
    projection: string,
    work: (live: LiveReadModel | undefined) => Promise<T>,
  ): Promise<T> {
    const session = this.#client.startSession({ snapshot: true });
    try {
      return await work(await this.#read(projection, session));
    } catch (error) {
      if (!(error instanceof MongoServerError) || !passed.has(error.code)) throw error;
      throw new MomentPassedError('the snapshot is too old', { cause: error });
    } finally {
      await session.endSession();
    }
  }

  async #read(projection: string, session: ClientSession): Promise<LiveReadModel | undefined> {
    const records = new MongoConsumerRecords(this.#database, session);
    const record = (await records.generations()).get(projection);
    if (record === undefined) return undefined;
    const consumer = generationName(projection, record.live);
    const checkpoints = await records.checkpoints();
    const leftOut = new Set<string>();
    for await (const letter of records.deadLetters()) {
      if (letter.consumer !== consumer) continue;
      leftOut.add(eventKey(letter.topic, letter.partition, letter.position));
    }
    return {
      generation: record.live,
      version: record.version,
      positions: new Map(
        checkpoints
          .filter((checkpoint) => checkpoint.consumer === consumer)
          .map(({ topic, partition, position }) => [placeOf(topic, partition), position]),
      ),
      leftOut,
      documents: (collection) => this.#documents(`${consumer}_${collection}`, session),
    };
  }

  async *#documents(name: string, session: ClientSession): AsyncGenerator<LiveDocument> {
    const cursor = this.#database
      .collection<DocumentRow>(documentPrefix + name)
      .find({}, { session })
      .sort({ _id: 1 })
      .batchSize(2_000);
    for await (const row of cursor) yield fieldsOf(row);
  }
}
