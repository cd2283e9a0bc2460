import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MongoConnection } from '../connection/mongo-connection.ts';
import { dropDatabase, mongodbUri } from '../mongodb.fixture.ts';
import { MongoEventStore } from './mongo-event-store.ts';

const partitions = 3;
const database = `unionfold_test_${randomUUID().slice(0, 8)}`;

describe('two processes that append as fast as they can', () => {
  let connection: MongoConnection;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    connection = await MongoConnection.open({ uri: mongodbUri(), patienceMs: 30_000 });
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  afterAll(async () => {
    await dropDatabase(connection, database);
    await connection.close();
  });

  it('both get on', async () => {
    const both = [startWriters(), startWriters()];
    const ids = await Promise.all(both.map((one) => one.acknowledge(2_500)));
    for (const one of both) one.process.kill('SIGKILL');
    await Promise.all(both.map(({ ended }) => ended));
    await expectWhole(new Set(ids.flat()));
    // One that won every race would leave the other one a transaction of 50 every few seconds.
  }, 20_000);

  it('leave every acknowledged event and receipt, without gaps, when one is killed, and the other one goes on', async () => {
    const acknowledged = new Set<string>();
    for (const target of [100, 300, 600]) {
      const killed = startWriters();
      const other = startWriters();
      const idsOfKilled = await killed.acknowledge(target);
      killed.process.kill('SIGKILL');
      const idsOfOther = await other.acknowledge(other.ids.length + 100);
      other.process.kill('SIGKILL');
      await Promise.all([killed.ended, other.ended]);
      for (const id of [...idsOfKilled, ...idsOfOther]) acknowledged.add(id);
      await expectWhole(acknowledged);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(1_300);
  });

  async function expectWhole(acknowledged: ReadonlySet<string>): Promise<void> {
    const store = await MongoEventStore.open({ connection, database, partitions });
    const stored = new Set<string>();
    const versions = new Map<string, number>();
    let events = 0;
    for (const [partition, head] of (await store.heads()).entries()) {
      const found = await store.readPartition(partition, 0, Number.MAX_SAFE_INTEGER);
      expect(found.map(({ position }) => position)).toEqual(
        Array.from({ length: head }, (_, index) => index + 1),
      );
      for (const { id, stream, version } of found) {
        expect(version).toBe((versions.get(stream) ?? 0) + 1);
        versions.set(stream, version);
        stored.add(id);
        events += 1;
      }
    }
    expect(stored.size).toBe(events);
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
    // A receipt and its events are of one transaction.
    const keys = await connection.client
      .db(database)
      .collection<{ _id: string }>('receipts')
      .distinct('_id');
    expect(new Set(keys)).toEqual(stored);
    await store.close();
  }

  /** Starts a process that appends until it is killed. */
  function startWriters() {
    const script = join(import.meta.dirname, 'killed-writer.fixture.ts');
    const writers = spawn(process.execPath, [script, database, String(partitions)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(writers);
    const exited = once(writers, 'exit');
    const ids: string[] = [];
    const lines = createInterface({ input: writers.stdout });
    // The last line may be torn by the kill, and then nobody was told that id.
    lines.on('line', (line) => line.length === 36 && ids.push(line));
    const closed = once(lines, 'close');
    return {
      process: writers,
      ids,
      /** Resolves when so many are acknowledged, with the list that goes on growing. */
      acknowledge: async (target: number): Promise<readonly string[]> => {
        while (ids.length < target) await Promise.race([once(lines, 'line'), failed(exited)]);
        return ids;
      },
      ended: Promise.all([exited, closed]),
    };
  }

  async function failed(exited: Promise<unknown[]>): Promise<never> {
    throw new Error(`the writers ended by themselves: ${(await exited).join()}`);
  }
});
