import { parseArgs } from 'node:util';
import { print } from '../terminal/print.ts';
import { append } from './append.ts';
import { append as distributedAppend } from './distributed/append.ts';
import { latency as distributedLatency } from './distributed/latency.ts';
import { load } from './distributed/load.ts';
import { projection as distributedProjection } from './distributed/projection.ts';
import { relay } from './distributed/relay.ts';
import { type Bench, type BenchProfile, machine, rounded } from './figures.ts';
import { importUnions } from './import-unions.ts';
import { latency } from './latency.ts';
import { move } from './move.ts';
import { projection } from './projection.ts';
import { tree } from './tree.ts';

/** The benchmarks of each profile. */
const benches: Readonly<Record<BenchProfile, Readonly<Record<string, Bench>>>> = {
  embedded: { append, projection, latency, tree, move, 'import-unions': importUnions },
  distributed: {
    append: distributedAppend,
    relay,
    projection: distributedProjection,
    latency: distributedLatency,
    load,
  },
};

const usage = [
  'npm run bench -- NAME [--json] [--profile embedded|distributed] [--unions N]',
  ...Object.entries(benches).map(([profile, of]) => `  ${profile}: ${Object.keys(of).join(', ')}`),
].join('\n');

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      profile: { type: 'string', default: 'embedded' },
      unions: { type: 'string' },
    },
  });
  const [name = ''] = positionals;
  const profile = values.profile === 'distributed' ? 'distributed' : 'embedded';
  const bench = benches[profile][name];
  if (bench === undefined || values.profile !== profile) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const figures = await bench({
    profile,
    unions: values.unions === undefined ? undefined : Number(values.unions),
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  for (const [figure, value] of Object.entries(figures)) {
    figures[figure] = rounded(value);
    print(`${figure.padEnd(20)} ${rounded(value)}`);
  }
  if (values.json) {
    print(JSON.stringify({ bench: name, profile, machine: machine(), figures }));
  }
  return 0;
}

process.exitCode = await main();
