// Compares proto/ with the contracts that were last released, proto/released.binpb, and refuses what would break
// their readers or stored events. The baseline is a file rather than a commit, so that it is there in a shallow clone
// and survives a rewritten history.
//
//   node scripts/src/contracts-breaking.ts [--release] [WORKSPACE]
//
// With --release the compared contracts become the new baseline. Exit code 1: they break the released ones.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildImage, refusesChanges } from '../../libs/contracts/generate/buf.ts';
import { breakingEventChanges } from '../../libs/contracts/generate/compare-catalogues.ts';
import type { Catalogue } from '../../libs/contracts/generate/derive-catalogue.ts';
import { readCatalogue } from '../../libs/contracts/generate/read-catalogue.ts';

const { values, positionals } = parseArgs({
  options: { release: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const workspace = resolve(positionals[0] ?? join(import.meta.dirname, '..', '..'));
const baseline = join(workspace, 'proto', 'released.binpb');

process.exitCode = values.release ? release() : check();

function check(): 0 | 1 {
  if (!existsSync(baseline)) {
    say('There is no proto/released.binpb to compare with; --release makes it.');
    return 1;
  }
  // Both are run, so that one look shows all there is to repair.
  const fieldsBreak = refusesChanges(workspace, baseline);
  const changes = breakingEventChanges(readCatalogue(baseline), currentCatalogue());
  for (const change of changes) say(change);
  if (!fieldsBreak && changes.length === 0) {
    say('The contracts keep what was released.');
    return 0;
  }
  say(
    'The contracts break what was released. Add a field, an event or a new version of the package instead.',
  );
  return 1;
}

function release(): 0 | 1 {
  if (existsSync(baseline) && check() !== 0) {
    say(
      'Not released. Where nobody uses the released contracts yet, remove proto/released.binpb first.',
    );
    return 1;
  }
  buildImage(workspace, baseline);
  say('Released: proto/released.binpb holds the contracts as they are now.');
  return 0;
}

function currentCatalogue(): Catalogue {
  const folder = mkdtempSync(join(tmpdir(), 'unionfold-contracts-'));
  try {
    const image = join(folder, 'current.binpb');
    buildImage(workspace, image);
    return readCatalogue(image);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
