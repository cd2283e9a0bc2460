import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

const dayMs = 24 * 3600 * 1000;

/** Where downloads are kept for all working copies of this machine's user. */
export function cacheFolder(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'unionfold');
}

/** Whether something is in the cache already. */
export function isCached(name: string): boolean {
  return existsSync(join(cacheFolder(), name));
}

/**
 * The folder of a download, filled first where it is not there. It gets its name only when it is whole: a download that
 * was broken off is never taken for one, and of two at the same time one is kept.
 * @param fill throws when what it got is not what it should be
 */
export async function cached(
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const cache = cacheFolder();
  const whole = join(cache, name);
  if (existsSync(whole)) return whole;
  await mkdir(cache, { recursive: true });
  await removeLeftovers(cache);
  const partial = await mkdtemp(join(cache, `partial-${randomUUID()}-`));
  try {
    await fill(partial);
    await rename(partial, whole);
  } catch (error) {
    if (!existsSync(whole)) throw error;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
  return whole;
}

/** Removes what a killed download has left; a younger one may still be under way. */
async function removeLeftovers(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('partial-')) continue;
    const folder = join(cache, name);
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > dayMs) await rm(folder, { recursive: true, force: true });
  }
}
