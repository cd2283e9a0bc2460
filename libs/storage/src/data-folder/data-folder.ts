import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The layout of the folder that this release reads and writes. */
const currentFormat = 1;
const markerName = 'unionfold.json';
const lockName = 'unionfold.lock';

/** Why a data folder cannot be used. The codes stand in the registry of problems. */
export type DataFolderProblem =
  | 'data-folder-foreign'
  | 'data-folder-corrupt'
  | 'data-folder-in-use';

/** The data folder cannot be used. Nothing in it was changed. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';

  constructor(
    readonly code: DataFolderProblem,
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

/** A folder that holds the data of one installation, held by one process at a time. */
export class DataFolder {
  readonly #lock: DatabaseSync;

  private constructor(
    readonly path: string,
    /** Whether this call made it: then it holds nothing yet. */
    readonly created: boolean,
    lock: DatabaseSync,
  ) {
    this.#lock = lock;
  }

  /**
   * Opens a data folder, or makes one where there is none or an empty one.
   * @throws DataFolderError when it is somebody else's, damaged or in use
   */
  static async open(path: string): Promise<DataFolder> {
    await mkdir(path, { recursive: true });
    const entries = await readdir(path);
    const marked = entries.includes(markerName);
    if (!marked && entries.some((name) => !name.startsWith(lockName))) {
      throw new DataFolderError(
        'data-folder-foreign',
        path,
        `${path} holds files that are not Unionfold's: choose an empty folder with DATA_DIR`,
      );
    }
    if (marked) await checkMarker(path);
    const lock = acquireLock(path);
    try {
      if (!marked) await writeMarker(path);
    } catch (error) {
      lock.close();
      throw error;
    }
    return new DataFolder(path, !marked, lock);
  }

  async close(): Promise<void> {
    this.#lock.close();
  }
}

async function checkMarker(path: string): Promise<void> {
  const file = join(path, markerName);
  let format: unknown;
  try {
    format = JSON.parse(await readFile(file, 'utf8')).format;
  } catch {
    throw new DataFolderError(
      'data-folder-corrupt',
      path,
      `${file} cannot be read: restore the folder from a backup`,
    );
  }
  if (typeof format === 'number' && format > currentFormat) {
    throw new DataFolderError(
      'data-folder-corrupt',
      path,
      `${path} was written by a newer release (format ${format}): start that release`,
    );
  }
  if (format !== currentFormat) {
    throw new DataFolderError(
      'data-folder-corrupt',
      path,
      `${file} names no format that a release wrote: restore the folder from a backup`,
    );
  }
}

/** A transaction held open on a database file: the system lets go of it when the process ends, however it ends. */
function acquireLock(path: string): DatabaseSync {
  const lock = new DatabaseSync(join(path, lockName));
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch {
    lock.close();
    throw new DataFolderError(
      'data-folder-in-use',
      path,
      `${path} is in use by another process: stop it, or choose another folder with DATA_DIR`,
    );
  }
}

async function writeMarker(path: string): Promise<void> {
  const draft = join(path, `${lockName}.${markerName}`);
  const handle = await open(draft, 'w', 0o600);
  try {
    const marker = { format: currentFormat, id: randomUUID(), created: new Date().toISOString() };
    await handle.writeFile(`${JSON.stringify(marker)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, join(path, markerName));
}
