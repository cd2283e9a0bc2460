import { link, open, readFile, rm } from 'node:fs/promises';

/** The marker file's content. */
export interface FolderMarker {
  readonly application: 'unionfold';
  /** Version of the folder's layout. */
  readonly format: number;
  /** The folder's own id. */
  readonly id: string;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
}

/** Reads a marker; undefined where the text is none. */
export async function readMarker(file: string): Promise<FolderMarker | undefined> {
  const text = await readFile(file, 'utf8');
  try {
    const value: unknown = JSON.parse(text);
    return isMarker(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Writes a marker where there is none: whole or not at all, and durable. */
export async function writeMarker(
  file: string,
  draft: string,
  folder: string,
  marker: FolderMarker,
): Promise<void> {
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(marker, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // Unlike a rename, a link never replaces a file.
  await link(draft, file);
  await rm(draft);
  await syncFolder(folder);
}

/** Makes new names in a folder survive a power cut; Windows does that by itself and refuses to be asked. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMarker(value: unknown): value is FolderMarker {
  return (
    typeof value === 'object' &&
    value !== null &&
    'application' in value &&
    value.application === 'unionfold' &&
    'format' in value &&
    Number.isSafeInteger(value.format) &&
    'id' in value &&
    typeof value.id === 'string' &&
    'createdAt' in value &&
    typeof value.createdAt === 'string'
  );
}
