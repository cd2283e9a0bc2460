// Makes src/generated from proto/: ts-proto's messages and services, the descriptor set, and the event catalogue.
import { copyFileSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDescriptorSet, generateMessages } from './buf.ts';
import { CatalogueError } from './derive-catalogue.ts';
import { readCatalogue } from './read-catalogue.ts';
import {
  packageEntry,
  renderCatalogue,
  renderPackage,
  renderPayloads,
} from './render-catalogue.ts';

const packageFolder = join(import.meta.dirname, '..');
const workspace = join(packageFolder, '..', '..');
const generated = join(packageFolder, 'src', 'generated');
const distGenerated = join(packageFolder, 'dist', 'generated');
// Made beside the target and swapped in whole: a failed or concurrent run never leaves half of it.
const staging = join(packageFolder, '.cache', `generated-${process.pid}`);

try {
  generate();
} catch (error) {
  if (!(error instanceof CatalogueError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}

function generate(): void {
  mkdirSync(staging, { recursive: true });
  generateMessages(workspace, staging);

  const descriptors = join(staging, 'descriptors.binpb');
  buildDescriptorSet(workspace, descriptors);
  const catalogue = readCatalogue(descriptors);

  writeFileSync(join(staging, 'catalogue.ts'), renderCatalogue(catalogue));
  writeFileSync(join(staging, 'payloads.ts'), renderPayloads(catalogue));
  for (const contracts of catalogue.packages) {
    writeFileSync(join(staging, `${packageEntry(contracts)}.ts`), renderPackage(contracts));
  }

  rmSync(generated, { recursive: true, force: true });
  renameSync(staging, generated);
  // tsc copies no binary files.
  mkdirSync(distGenerated, { recursive: true });
  copyFileSync(join(generated, 'descriptors.binpb'), join(distGenerated, 'descriptors.binpb'));
}
