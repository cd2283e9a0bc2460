import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolder } from './data-folder.ts';
import { DataFolderError, type DataFolderErrorCode } from './data-folder-error.ts';

describe('DataFolder', () => {
  let parent: string;
  let path: string;

  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'unionfold-folder-'));
    path = join(parent, 'data');
  });
  afterEach(() => rm(parent, { recursive: true }));

  async function expectRefused(code: DataFolderErrorCode, message: RegExp): Promise<void> {
    const refused = DataFolder.open(path, { format: 1 });
    await expect(refused).rejects.toBeInstanceOf(DataFolderError);
    await expect(refused).rejects.toMatchObject({ code, path });
    await expect(refused).rejects.toThrow(message);
  }

  it('makes a folder where there is none, and opens it again', async () => {
    const clock = () => new Date('2026-01-02T03:04:05.006Z');
    const made = await DataFolder.open(path, { format: 1, clock });
    expect(made).toMatchObject({
      isNew: true,
      format: 1,
      createdAt: '2026-01-02T03:04:05.006Z',
      path,
    });
    expect(made.file('events', 'a.db')).toBe(join(path, 'events', 'a.db'));
    await writeFile(made.file('kept.txt'), 'kept');
    made.close();
    const again = await DataFolder.open(path, { format: 1 });
    expect(again).toMatchObject({ isNew: false, id: made.id, createdAt: made.createdAt });
    again.close();
    expect(await readFile(join(path, 'kept.txt'), 'utf8')).toBe('kept');
    expect((await readdir(path)).sort()).toEqual(['kept.txt', 'unionfold.json', 'unionfold.lock']);
  });

  it('makes one of an empty folder, and of one whose making was cut off', async () => {
    await mkdir(path);
    await writeFile(join(path, 'unionfold.lock'), '');
    await writeFile(join(path, 'unionfold.json.new'), '{"applic');
    const made = await DataFolder.open(path, { format: 1 });
    expect(made.isNew).toBe(true);
    made.close();
  });

  it('gives every folder an id of its own', async () => {
    const one = await DataFolder.open(path, { format: 1 });
    const other = await DataFolder.open(join(parent, 'other'), { format: 1 });
    expect(other.id).not.toBe(one.id);
    one.close();
    other.close();
  });

  it('refuses a folder of something else, and leaves no trace in it', async () => {
    await mkdir(path);
    await writeFile(join(path, 'thesis.txt'), 'three years of work');
    await expectRefused('data-folder-foreign', /thesis\.txt.*use an empty folder/);
    expect(await readdir(path)).toEqual(['thesis.txt']);
  });

  it.each([
    '',
    '{"format": 1}',
    'not JSON',
    '{"application":"other","format":1,"id":"x","createdAt":"y"}',
  ])('refuses the marker %j, and leaves it', async (content) => {
    await mkdir(path);
    await writeFile(join(path, 'unionfold.json'), content);
    await expectRefused('data-folder-corrupt', /restore it from a backup/);
    expect(await readFile(join(path, 'unionfold.json'), 'utf8')).toBe(content);
  });

  it('refuses a newer format, and opens an older one', async () => {
    (await DataFolder.open(path, { format: 2 })).close();
    await expectRefused('data-folder-corrupt', /newer release/);
    const newer = await DataFolder.open(path, { format: 3 });
    expect(newer.format).toBe(2);
    newer.close();
  });

  it('refuses a second opening in the same process, until the first is closed', async () => {
    const first = await DataFolder.open(path, { format: 1 });
    await expectRefused('data-folder-in-use', /another process/);
    await expectRefused('data-folder-in-use', /another process/);
    first.close();
    (await DataFolder.open(path, { format: 1 })).close();
  });

  it('lets one of several openings at the same time have it', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => DataFolder.open(path, { format: 1 })),
    );
    const opened = outcomes.flatMap((outcome) =>
      outcome.status === 'fulfilled' ? [outcome.value] : [],
    );
    expect(opened).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') {
        expect(outcome.reason).toMatchObject({ code: 'data-folder-in-use' });
      }
    }
    opened[0]?.close();
  });

  it('is free again when the process that held it was killed', async () => {
    const script = join(import.meta.dirname, 'hold-folder.fixture.ts');
    const holder = spawn(process.execPath, [script, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(holder.stdout, 'data');
      await expectRefused('data-folder-in-use', /another process/);
    } finally {
      holder.kill('SIGKILL');
      await once(holder, 'exit');
    }
    const folder = await DataFolder.open(path, { format: 1 });
    expect(folder.isNew).toBe(false);
    folder.close();
  });

  it('refuses what is no folder', async () => {
    await writeFile(path, 'a file');
    await expectRefused('data-folder-unusable', /check that it is a folder/);
    expect(await readFile(path, 'utf8')).toBe('a file');
  });

  // The superuser may read everything.
  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
    'refuses a folder that it may not read',
    async () => {
      await mkdir(path);
      await chmod(path, 0o000);
      await expectRefused('data-folder-unusable', /may write to/);
      await chmod(path, 0o700);
    },
  );
});
