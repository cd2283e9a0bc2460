import { CheckpointConflictError, StoreUnavailableError } from '@unionfold/eventsourcing';
import { type ClientSession, MongoErrorLabel, MongoNetworkError } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { DocumentsDatabase } from './documents-database.fixture.ts';
import { MongoDocumentStore } from './mongo-document-store.ts';

describe('a commit whose answer is lost for as long as the store is patient', () => {
  let database: DocumentsDatabase;
  let connection: MongoConnection;
  let store: MongoDocumentStore;
  /** What becomes of a commit before its answer is lost. */
  let beforeTheLoss: (commit: () => Promise<void>) => Promise<void>;

  beforeEach(async () => {
    database = new DocumentsDatabase();
    connection = await database.connect(2_000);
    store = await MongoDocumentStore.open({ connection, database: database.name });
    await store.define([{ name: 'sums', indexes: [] }]);
    await store.commit(change(1, 0));
    const { client } = connection;
    const startSession = client.startSession.bind(client);
    client.startSession = (options): ClientSession => {
      const session = startSession(options);
      const commit = session.commitTransaction.bind(session);
      session.commitTransaction = async () => {
        await beforeTheLoss(commit);
        const lost = new MongoNetworkError('connection closed');
        lost.addErrorLabel(MongoErrorLabel.UnknownTransactionCommitResult);
        throw lost;
      };
      return session;
    };
  });
  afterEach(async () => {
    await store.close();
    await database.destroy();
  });

  const place = { consumer: 'totals', topic: 't', partition: 0, cursor: '' };
  const change = (position: number, expectedPosition: number) => ({
    puts: [{ collection: 'sums', document: { id: 'all', position } }],
    checkpoints: [{ ...place, position, expectedPosition }],
  });
  const current = async () => (await store.get('sums', 'all'))?.['position'];

  it('is known to have happened by its checkpoint', async () => {
    beforeTheLoss = (commit) => commit();
    await store.commit(change(2, 1));
    expect(await current()).toBe(2);
    await expect(store.commit(change(2, 1))).rejects.toBeInstanceOf(CheckpointConflictError);
  });

  it('is not taken for done when it has not happened', async () => {
    beforeTheLoss = async () => undefined;
    await expect(store.commit(change(2, 1))).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await current()).toBe(1);
    expect(await store.checkpoints('totals')).toEqual([{ ...place, position: 1 }]);
  });

  it('stays in doubt without a checkpoint', async () => {
    beforeTheLoss = (commit) => commit();
    const { puts } = change(3, 1);
    await expect(store.commit({ puts })).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(await current()).toBe(3);
  });
});
