import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const workspace = join(import.meta.dirname, '..', '..', '..');
const guard = join(workspace, 'scripts', 'src', 'contracts-breaking.ts');

describe('The guard of released contracts', () => {
  let copy: string;

  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'unionfold-released-'));
    cpSync(join(workspace, 'buf.yaml'), join(copy, 'buf.yaml'));
    cpSync(join(workspace, 'proto'), join(copy, 'proto'), { recursive: true });
    // The copy releases what stands in proto/ now, so that these tests do not depend on when that was last done.
    rmSync(join(copy, 'proto', 'released.binpb'), { force: true });
    expect(runGuard('--release').status).toBe(0);
  });

  afterEach(() => {
    rmSync(copy, { recursive: true });
  });

  it('accepts unchanged contracts, and a new field', () => {
    expect(runGuard()).toMatchObject({ status: 0 });
    edit('  string approval_document = 3;', '  string approval_document = 3;\n  string note = 4;');
    expect(runGuard()).toMatchObject({ status: 0 });
  });

  it('refuses a removed field, and does not release it', () => {
    edit('  string approval_document = 3;\n', '');
    const { status, output } = runGuard();
    expect(status).toBe(1);
    expect(output).toContain('field "3" with name "approval_document" on message "UnionApproved"');

    const before = readFileSync(join(copy, 'proto', 'released.binpb'));
    expect(runGuard('--release').status).toBe(1);
    expect(readFileSync(join(copy, 'proto', 'released.binpb')).equals(before)).toBe(true);
  });

  it('refuses a field of another type', () => {
    edit('  string approval_document = 3;', '  int64 approval_document = 3;');
    expect(runGuard().status).toBe(1);
  });

  it('refuses an event that turns internal, which buf does not see', () => {
    edit('title_zh: "批复成立"', 'title_zh: "批复成立"\n    internal: true');
    const { status, output } = runGuard();
    expect(status).toBe(1);
    expect(output).toContain(
      'unionfold.organizations.v1.UnionApproved: was public and is internal',
    );
  });

  it('refuses to compare with nothing', () => {
    rmSync(join(copy, 'proto', 'released.binpb'));
    expect(runGuard()).toMatchObject({ status: 1, output: expect.stringContaining('--release') });
  });

  function edit(from: string, to: string): void {
    const file = join(copy, 'proto', 'unionfold', 'organizations', 'v1', 'events.proto');
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(from);
    writeFileSync(file, text.replace(from, to));
  }

  function runGuard(...args: string[]): { status: number | null; output: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [guard, ...args, copy], {
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  }
});

describe('The built package', () => {
  const loaded = (entry: string): string =>
    execFileSync(
      process.execPath,
      [
        '--input-type=module',
        '--eval',
        `import { createRequire } from 'node:module';
         await import('${entry}');
         const modules = Object.keys(createRequire(import.meta.url).cache ?? {});
         console.log(modules.some((module) => module.includes('grpc-js')) ? 'with gRPC' : 'without gRPC');`,
      ],
      { cwd: join(import.meta.dirname, '..'), encoding: 'utf8' },
    ).trim();

  it.each([
    '@unionfold/contracts',
    '@unionfold/contracts/problems',
    '@unionfold/contracts/descriptors',
  ])('gives %s to those who do not want gRPC', (entry) => {
    expect(loaded(entry)).toBe('without gRPC');
  });

  it.each(['organizations', 'members', 'welfare', 'notifications', 'operations'])(
    'gives the service %s with gRPC',
    (service) => {
      expect(loaded(`@unionfold/contracts/${service}`)).toBe('with gRPC');
    },
  );

  it('carries the descriptor set beside its code', async () => {
    const { descriptorSet } = await import('@unionfold/contracts/descriptors');
    const generated = readFileSync(join(import.meta.dirname, 'generated', 'descriptors.binpb'));
    expect(descriptorSet().equals(generated)).toBe(true);
  });
});
