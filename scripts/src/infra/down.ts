// npm run infra:down - stops what infra:up started. With -- --delete-data its data goes, too.
import { parseArgs } from 'node:util';
import { explainFailure } from './explain-failure.ts';
import { infraDown } from './infra-down.ts';
import { infraDir } from './state.ts';

const tell = (line: string) => process.stderr.write(`${line}\n`);

try {
  const { values } = parseArgs({ options: { 'delete-data': { type: 'boolean', default: false } } });
  await infraDown(infraDir(), { deleteData: values['delete-data'] }, tell);
} catch (error) {
  tell(explainFailure(error));
  process.exitCode = 1;
}
