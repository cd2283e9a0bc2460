import { randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataFolderError } from './data-folder-error.ts';
import { FolderLock } from './folder-lock.ts';
import { type FolderMarker, readMarker, writeMarker } from './folder-marker.ts';

/** How to open a {@link DataFolder}. */
export interface DataFolderOptions {
  /** The format that this release reads and writes, from 1. */
  readonly format: number;
  readonly clock?: () => Date;
}

const markerName = 'unionfold.json';
const draftName = 'unionfold.json.new';
const lockName = 'unionfold.lock';

/** What may lie in a folder that was about to become a data folder when its process died. */
const ownBeginnings = new Set([draftName, lockName, `${lockName}-journal`]);

/**
 * The folder that holds everything a node keeps. A marker file tells it from other folders and a lock keeps it to one
 * process; nothing in it is ever overwritten by opening it.
 */
export class DataFolder {
  readonly path: string;
  readonly id: string;
  readonly format: number;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  /** Whether this opening has made it. */
  readonly isNew: boolean;
  readonly #lock: FolderLock;

  /**
   * Opens a data folder, or makes one of an empty or missing folder.
   * @throws DataFolderError, having changed nothing
   */
  static async open(directory: string, options: DataFolderOptions): Promise<DataFolder> {
    const path = resolve(directory);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      // Before the lock, whose file would be a change to somebody else's folder.
      await refuseForeign(path);
      const lock = FolderLock.take(join(path, lockName));
      if (lock === undefined) {
        throw new DataFolderError(
          'data-folder-in-use',
          path,
          `${path} is open in another process: stop that one, or use another folder`,
        );
      }
      try {
        return await openLocked(path, lock, options);
      } catch (error) {
        lock.release();
        throw error;
      }
    } catch (error) {
      if (error instanceof DataFolderError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new DataFolderError(
        'data-folder-unusable',
        path,
        `${path} cannot be used as a data folder (${reason}): check that it is a folder this user may write to`,
        { cause: error },
      );
    }
  }

  /** Only {@link DataFolder.open} makes one. */
  constructor(path: string, lock: FolderLock, marker: FolderMarker, isNew: boolean) {
    this.path = path;
    this.#lock = lock;
    this.id = marker.id;
    this.format = marker.format;
    this.createdAt = marker.createdAt;
    this.isNew = isNew;
  }

  /** The path of a file or folder in it. */
  file(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Lets another process have it. Close what lies in it first. */
  close(): void {
    this.#lock.release();
  }
}

/** Opens the folder that this process holds; looks again, because another one may have just made it. */
async function openLocked(
  path: string,
  lock: FolderLock,
  options: DataFolderOptions,
): Promise<DataFolder> {
  const hasMarker = await refuseForeign(path);
  if (hasMarker) return new DataFolder(path, lock, await checkedMarker(path, options), false);
  const marker: FolderMarker = {
    application: 'unionfold',
    format: options.format,
    id: randomUUID(),
    createdAt: (options.clock?.() ?? new Date()).toISOString(),
  };
  await writeMarker(join(path, markerName), join(path, draftName), path, marker);
  return new DataFolder(path, lock, marker, true);
}

/** Answers whether the folder has a marker. */
async function refuseForeign(path: string): Promise<boolean> {
  const names = await readdir(path);
  if (names.includes(markerName)) return true;
  const foreign = names.find((name) => !ownBeginnings.has(name));
  if (foreign === undefined) return false;
  throw new DataFolderError(
    'data-folder-foreign',
    path,
    `${path} holds other files (${foreign}) and no ${markerName}: use an empty folder, or restore ${markerName} ` +
      'from a backup if this is a data folder',
  );
}

async function checkedMarker(path: string, options: DataFolderOptions): Promise<FolderMarker> {
  const marker = await readMarker(join(path, markerName));
  if (marker === undefined) {
    throw new DataFolderError(
      'data-folder-corrupt',
      path,
      `${markerName} in ${path} cannot be read: restore it from a backup`,
    );
  }
  if (marker.format > options.format) {
    throw new DataFolderError(
      'data-folder-corrupt',
      path,
      `${path} was written by a newer release (format ${marker.format}, this one knows ${options.format}): ` +
        'start that release, or use another folder',
    );
  }
  return marker;
}
