import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SqliteEventStore } from './sqlite-event-store.ts';

// A shell's file size limit stands in for a full disk: writes beyond it fail, with its signal ignored.
describe.skipIf(process.platform === 'win32')('an event store on a full disk', () => {
  it('refuses what does not fit, and keeps its counters and all that it acknowledged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'unionfold-full-'));
    try {
      const file = join(folder, 'events.db');
      const script = join(import.meta.dirname, 'full-disk.fixture.ts');
      const limited = `trap '' XFSZ; ulimit -f 4000; exec "$0" "$1" "$2"`;
      const { stdout } = await promisify(execFile)('bash', [
        '-c',
        limited,
        process.execPath,
        script,
        file,
      ]);
      const report = JSON.parse(stdout);
      expect(report.refusals).toEqual(expect.arrayContaining(['StoreUnavailableError']));
      expect(new Set(report.refusals)).toEqual(new Set(['StoreUnavailableError']));
      expect(report.acknowledged).toBeGreaterThan(10);
      expect(report.heads).toEqual([report.acknowledged]);
      const expected = Array.from({ length: report.acknowledged }, (_, index) => index + 1);
      expect(report.positions).toEqual(expected);

      const store = await SqliteEventStore.open({ file, partitions: 1 });
      expect(await store.heads()).toEqual([report.acknowledged]);
      const [next] = await store.append([
        { stream: 's-0', expectedVersion: 1, events: [] },
        {
          stream: 'u',
          expectedVersion: 0,
          events: [
            {
              id: 'u',
              type: 't',
              data: {},
              metadata: { actor: 'a', correlationId: 'c', occurredAt: '' },
            },
          ],
        },
      ]);
      expect(next?.position).toBe(report.acknowledged + 1);
      await store.close();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
