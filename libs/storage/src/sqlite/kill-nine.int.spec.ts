import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SqliteEventStore } from './sqlite-event-store.ts';

describe('a process that is killed while it appends', () => {
  let folder: string;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unionfold-kill-'));
  });
  afterEach(async () => {
    child?.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it('leaves every acknowledged event and receipt, without gaps, time after time', async () => {
    const file = join(folder, 'events.db');
    const acknowledged = new Set<string>();
    for (const target of [200, 1500, 3000]) {
      for (const id of await runAndKill(file, target)) acknowledged.add(id);
      const store = await SqliteEventStore.open({ file, partitions: 4 });
      const stored = new Set<string>();
      for (const [partition, head] of (await store.heads()).entries()) {
        const events = await store.readPartition(partition, 0, Number.MAX_SAFE_INTEGER);
        expect(events.map(({ position }) => position)).toEqual(
          Array.from({ length: head }, (_, index) => index + 1),
        );
        for (const { id } of events) stored.add(id);
      }
      expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
      for (const id of stored) expect(await store.findReceipt(id)).toMatchObject({ key: id });
      await store.close();
    }
    expect(acknowledged.size).toBeGreaterThan(4000);
  });

  /** Runs the writers until they have acknowledged so many events, kills them, answers all that they had printed. */
  async function runAndKill(file: string, target: number): Promise<string[]> {
    const script = join(import.meta.dirname, 'kill-nine.fixture.ts');
    const writers = spawn(process.execPath, [script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child = writers;
    const ids: string[] = [];
    for await (const line of createInterface({ input: writers.stdout })) {
      // The last line may be torn by the kill, and then nobody was told that id.
      if (line.length === 36) ids.push(line);
      if (ids.length === target) writers.kill('SIGKILL');
    }
    if (writers.exitCode === null && writers.signalCode === null) await once(writers, 'exit');
    expect(writers.signalCode).toBe('SIGKILL');
    return ids;
  }
});
