import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const resolvePackage = createRequire(import.meta.url).resolve;

// Programs are found through their packages and run by this very Node: a PATH may hold none, or others.
const bufProgram = join(dirname(resolvePackage('@bufbuild/buf/package.json')), 'bin', 'buf');
const tsProtoPlugin = join(dirname(resolvePackage('ts-proto/package.json')), 'protoc-gen-ts_proto');

/** Buf's exit code when the comparison itself worked, and found breaking changes. */
const BUF_FOUND_SOMETHING = 100;

const tsProtoOptions = [
  'outputServices=grpc-js',
  'oneof=unions',
  'esModuleInterop=true',
  'useDate=string',
  'forceLong=bigint',
  'importSuffix=.ts',
  'outputTypeAnnotations=false',
  'stringEnums=true',
  // An enum value that this version does not know is an error. Otherwise it would turn into UNRECOGNIZED, and be lost
  // when the message is written again.
  'unrecognizedEnum=false',
  'exportCommonSymbols=false',
  'emitImportedFiles=false',
  'annotateFilesWithVersion=false',
];

/** Writes ts-proto's code for everything below `proto/`, except the options, into a folder. */
export function generateMessages(workspace: string, outFolder: string): void {
  const template = {
    version: 'v2',
    plugins: [{ local: [process.execPath, tsProtoPlugin], out: outFolder, opt: tsProtoOptions }],
  };
  runBuf(workspace, [
    'generate',
    '--template',
    JSON.stringify(template),
    '--exclude-path',
    'proto/unionfold/options',
  ]);
}

/** Writes the FileDescriptorSet of everything below `proto/`, with imports and without source positions. */
export function buildDescriptorSet(workspace: string, outFile: string): void {
  runBuf(workspace, ['build', '--as-file-descriptor-set', '--exclude-source-info', '-o', outFile]);
}

/** Writes the contracts as an image, the form that {@link refusesChanges} compares with. */
export function buildImage(workspace: string, outFile: string): void {
  runBuf(workspace, ['build', '--exclude-source-info', '-o', outFile]);
}

/** Whether buf finds that `proto/` breaks what an image promised; buf itself prints where. */
export function refusesChanges(workspace: string, image: string): boolean {
  const { status, error } = spawnSync(
    process.execPath,
    [bufProgram, 'breaking', '--against', image],
    { cwd: workspace, stdio: 'inherit' },
  );
  if (error !== undefined) throw error;
  if (status === 0) return false;
  if (status === BUF_FOUND_SOMETHING) return true;
  throw new Error(`buf breaking ended with ${status}`);
}

function runBuf(workspace: string, args: readonly string[]): void {
  execFileSync(process.execPath, [bufProgram, ...args], { cwd: workspace, stdio: 'inherit' });
}
