import { parseArgs } from 'node:util';
import { print } from '../terminal/print.ts';
import { append } from './append.ts';
import { type Bench, machine, rounded } from './figures.ts';
import { latency } from './latency.ts';
import { projection } from './projection.ts';
import { tree } from './tree.ts';

const benches: Readonly<Record<string, Bench>> = { append, projection, latency, tree };

const usage = `npm run bench -- NAME [--json] [--profile embedded] [--unions N]\n  NAME: ${Object.keys(benches).join(', ')}`;

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
  const bench = benches[name];
  if (bench === undefined || values.profile !== 'embedded') {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const figures = await bench({
    profile: values.profile,
    unions: values.unions === undefined ? undefined : Number(values.unions),
    tell: (line) => process.stderr.write(`${line}\n`),
  });
  for (const [figure, value] of Object.entries(figures)) {
    figures[figure] = rounded(value);
    print(`${figure.padEnd(20)} ${rounded(value)}`);
  }
  if (values.json) {
    print(JSON.stringify({ bench: name, profile: values.profile, machine: machine(), figures }));
  }
  return 0;
}

process.exitCode = await main();
