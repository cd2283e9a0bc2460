import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { print } from './terminal/print.ts';

/** What a lock file says of one package, as far as it matters here. */
interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const systems = {
  android: 'android',
  darwin: 'darwin',
  linux: 'linux',
  win32: 'win32',
  windows: 'win32',
};

/**
 * `npm install` leaves a tool's binaries for other platforms out of the lock file where its registry does not serve
 * them, and `npm ci` then refuses the lock file everywhere. This puts them back, with the platform in their name and
 * without a checksum: on that platform npm fetches the exact version by name.
 */
function main(): void {
  const file = join(resolve(import.meta.dirname, '../..'), 'package-lock.json');
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const packages: Record<string, LockedPackage> = lock.packages;
  for (const [path, { dev, optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      const place = `node_modules/${name}`;
      if (packages[place] !== undefined || packages[`${path}/${place}`] !== undefined) continue;
      const platform = platformOf(name);
      if (platform === undefined) continue;
      packages[place] = { version, ...(dev === true ? { dev } : {}), optional: true, ...platform };
      print(`${name} ${version}`);
    }
  }
  const sorted = Object.entries(packages).toSorted(([a], [b]) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries(sorted);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
}

function platformOf(name: string): Pick<LockedPackage, 'os' | 'cpu' | 'libc'> | undefined {
  const system = Object.entries(systems).find(([part]) => name.includes(part))?.[1];
  const processor = /arm64|aarch64/.test(name) ? 'arm64' : name.includes('armv7') ? 'arm' : 'x64';
  if (system === undefined) return undefined;
  const libc = name.includes('musl') ? { libc: ['musl'] } : {};
  return { os: [system], cpu: [processor], ...libc };
}

main();
