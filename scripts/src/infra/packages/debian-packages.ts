import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { onPath, runTool, type Tell } from './run-tool.ts';

const policy = '/usr/sbin/policy-rc.d';
const minutes = 60_000;

/** Whether packages can be installed here without asking: as root, on Debian and its kin. */
export async function canInstallDebianPackages(): Promise<boolean> {
  return process.getuid?.() === 0 && (await onPath('apt-get')) !== undefined;
}

/**
 * Installs packages of the distribution. Services that they bring are neither started now nor at the next boot: only
 * their programs are wanted.
 * @throws ToolError
 */
export async function installDebianPackages(names: readonly string[], tell: Tell): Promise<void> {
  tell(`installing ${names.join(', ')} from the distribution's packages`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const work = { name: 'apt-get', tell };
  // The way Debian offers to keep packages from starting their services: invoke-rc.d asks this script, 101 says no.
  const forbidsServices = !existsSync(policy);
  if (forbidsServices) await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await runTool('apt-get', ['update', '-qq'], { env, withinMs: 5 * minutes, work });
    const install = ['install', '-y', '-qq', '--no-install-recommends', ...names];
    await runTool('apt-get', install, { env, withinMs: 20 * minutes, work });
  } finally {
    if (forbidsServices) await rm(policy);
  }
  if (names.includes('redis-server') && (await onPath('systemctl')) !== undefined) {
    await runTool('systemctl', ['disable', 'redis-server'], { withinMs: minutes }).catch(
      // Where systemd is not what starts services, there is nothing to forbid it.
      () => undefined,
    );
  }
}
