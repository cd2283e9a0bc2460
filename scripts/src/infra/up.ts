// npm run infra:up - brings up Kafka, MongoDB and Redis. Standard output has the addresses and nothing else, in the form
// of an environment file; what goes on is told on standard error.
import { environmentOf } from './addresses.ts';
import { explainFailure } from './explain-failure.ts';
import { infraUp } from './infra-up.ts';
import { infraDir } from './state.ts';

const tell = (line: string) => process.stderr.write(`${line}\n`);

try {
  const addresses = await infraUp(infraDir(), tell);
  for (const [name, value] of Object.entries(environmentOf(addresses))) {
    process.stdout.write(`${name}=${value}\n`);
  }
  tell('All answer. For this shell: export $(npm run --silent infra:up)');
} catch (error) {
  tell(explainFailure(error));
  process.exitCode = 1;
}
