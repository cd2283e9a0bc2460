import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

/** A copy of the lint configuration in a folder of its own, where forbidden imports can be tried. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unionfold-boundaries-'));
  const configuration = JSON.parse(await readFile(join(root, 'biome.json'), 'utf8'));
  delete configuration.vcs;
  await writeFile(join(folder, 'biome.json'), JSON.stringify(configuration));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function refuses(file: string, imported: string): Promise<boolean> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(
    path,
    `import { something } from '${imported}';\n\nexport const other = something;\n`,
  );
  return await new Promise((done) => {
    execFile(
      join(root, 'node_modules/.bin/biome'),
      ['lint', path],
      { cwd: folder },
      (_error, stdout, stderr) => done(`${stdout}${stderr}`.includes('noRestrictedImports')),
    );
  });
}

describe('the direction of dependencies', () => {
  it.each([
    ['services/members/src/service.ts', '@unionfold/organizations'],
    ['services/members/src/service.ts', '@unionfold/gateway'],
    ['services/members/src/service.ts', '@unionfold/storage'],
    ['services/members/src/service.ts', 'node:sqlite'],
    ['services/members/src/member/decider.ts', '@unionfold/service-kit'],
    ['services/members/src/member/decider.ts', '@unionfold/contracts/organizations'],
    ['services/members/src/member/decider.ts', 'node:crypto'],
    ['gateway/src/http/unions.ts', '@unionfold/members'],
    ['gateway/src/http/unions.ts', '@unionfold/messaging'],
    ['libs/eventsourcing/src/projection.ts', '@unionfold/storage'],
    ['libs/eventsourcing/src/projection.ts', 'mongodb'],
    ['libs/storage/src/index.ts', '@unionfold/gateway'],
  ])('refuses that %s imports %s', async (file, imported) => {
    expect(await refuses(file, imported)).toBe(true);
  });

  it.each([
    ['services/members/src/service.ts', '@unionfold/service-kit'],
    ['services/members/src/member/decider.ts', '@unionfold/codes'],
    ['services/members/src/member/decider.ts', '@unionfold/contracts/problems'],
    ['gateway/src/http/unions.ts', 'fastify'],
    ['libs/storage/src/index.ts', 'node:sqlite'],
  ])('allows that %s imports %s', async (file, imported) => {
    expect(await refuses(file, imported)).toBe(false);
  });
});
