import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MasterKey, parseMasterKey } from './master-key.ts';

/** Where the master key is kept, and whether it may be made. */
export interface MasterKeyFile {
  /** One line of base64url text. */
  readonly file: string;
  /**
   * Makes a new key when the file is absent. To be set only for a data folder that holds nothing yet: data written
   * under a lost key stays unreadable.
   */
  readonly create: boolean;
}

/** The master key cannot be had. Thrown at start; nothing was written and nothing was overwritten. */
export class MasterKeyError extends Error {
  override readonly name = 'MasterKeyError';

  constructor(
    readonly reason: 'missing' | 'malformed',
    readonly file: string,
  ) {
    super(
      reason === 'missing'
        ? `master key file ${file} is missing; restore it from its backup`
        : `master key file ${file} is not one line of 43 base64url characters; restore it from its backup`,
    );
  }
}

/** A key file has 44 bytes; what is much larger is another file and need not be read into memory. */
const LARGEST_KEY_FILE_BYTES = 1024;

/**
 * Reads the master key, or makes one where that is allowed. A key is on disk, readable by its owner only, before it
 * is returned; of several processes that make it at once, all get the same one.
 *
 * @throws MasterKeyError when the file is missing and may not be made, or holds something else
 */
export async function loadMasterKey({ file, create }: MasterKeyFile): Promise<MasterKey> {
  const present = await readKeyFile(file);
  if (present !== undefined) return present;
  if (!create) throw new MasterKeyError('missing', file);
  await createKeyFile(file, MasterKey.generate());
  const standing = await readKeyFile(file);
  if (standing === undefined) throw new MasterKeyError('missing', file);
  return standing;
}

async function readKeyFile(file: string): Promise<MasterKey | undefined> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_KEY_FILE_BYTES) throw new MasterKeyError('malformed', file);
    const key = parseMasterKey(await readFile(file, 'latin1'));
    if (key === undefined) throw new MasterKeyError('malformed', file);
    return key;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Puts the key where it belongs, unless another process was first. */
async function createKeyFile(file: string, key: MasterKey): Promise<void> {
  const folder = dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeDurably(draft, `${key.toText()}\n`);
    // A link, not a rename: a rename would replace the key that another process made a moment ago.
    await link(draft, file).catch((error: unknown) => {
      if (!hasCode(error, 'EEXIST')) throw error;
    });
  } finally {
    await unlink(draft).catch((error: unknown) => {
      if (!hasCode(error, 'ENOENT')) throw error;
    });
  }
  await syncFolder(folder);
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes the folder's entry durable. Windows cannot open a folder, and journals the entry by itself. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
