import { MongoClient, ReadPreference } from 'mongodb';
import { asMongoStoreError } from './mongo-errors.ts';

/** How to open a {@link MongoConnection}. */
export interface MongoConnectionOptions {
  /** Connection string with the replica set's name, without a database. */
  readonly uri: string;
  /** How long an operation looks for a primary before it fails, in milliseconds. Default 5,000. */
  readonly patienceMs?: number;
}

/**
 * A connection to a replica set, shared by all stores of a process. Every concern is named: writes are acknowledged by
 * a majority that has them in its journal, reads see what a majority has and ask the primary.
 */
export class MongoConnection {
  readonly client: MongoClient;
  /** How long trouble is borne before it is told, in milliseconds. */
  readonly patienceMs: number;

  /**
   * Connects.
   * @throws StoreUnavailableError when no primary answers in time
   */
  static async open(options: MongoConnectionOptions): Promise<MongoConnection> {
    const { uri, patienceMs = 5_000 } = options;
    const client = new MongoClient(uri, {
      writeConcern: { w: 'majority', journal: true },
      readConcern: { level: 'majority' },
      readPreference: ReadPreference.primary,
      retryReads: true,
      retryWrites: true,
      maxPoolSize: 24,
      serverSelectionTimeoutMS: patienceMs,
      appName: 'unionfold',
    });
    try {
      await client.connect();
    } catch (error) {
      await client.close();
      throw asMongoStoreError(error);
    }
    return new MongoConnection(client, patienceMs);
  }

  private constructor(client: MongoClient, patienceMs: number) {
    this.client = client;
    this.patienceMs = patienceMs;
  }

  /** Whether a primary answers now. */
  async answers(): Promise<boolean> {
    try {
      await this.client.db('admin').command({ ping: 1 }, { timeoutMS: this.patienceMs });
      return true;
    } catch {
      return false;
    }
  }

  async close(): Promise<void> {
    await this.client.close();
  }
}
