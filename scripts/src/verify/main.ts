import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { AddressesError, type ServerAddresses } from '../infra/addresses.ts';
import { findServers, NoServersError } from '../infra/find-servers.ts';
import { print } from '../terminal/print.ts';
import { gateway, services } from './installation.ts';
import { exitCodeOf, linesOf, UncheckedError } from './report.ts';
import { verify } from './verify.ts';

const names: readonly string[] = [...services, gateway];

const embedded = `Not for the embedded profile (DATA_DIR): there, the event store itself is the log, so that nothing lies between an event
and its readers that could lose, repeat or reorder it, and the data folder belongs to the process that runs.`;

const usage = `npm run verify -- [--settled] [--service NAME] [--no-drift] [--prefix NAME] [--json]

Checks the installations of the distributed profile from outside, and changes nothing in them:
  event-store  positions, versions, ids, partitions, counters, receipts, snapshots
  topic        each public event is in Kafka, in order, as it is in the store; and nothing else is
  consumers    checkpoints, dead letters, remains of replaced generations
  drift        each read model is rebuilt from the event stores and compared document by document; an event that was
               lost, applied twice or out of order shows there

  --settled       nothing runs any more: all must be published and handled
  --service NAME  only this one (${names.join(', ')}); may be given again
  --no-drift      no read model is rebuilt
  --prefix NAME   of one installation; default: all that are on the servers
  --json          each report also as a line of JSON

Servers: MONGODB_URI, KAFKA_BROKERS and REDIS_URL, else those of npm run infra:up.
Exit code: 0 whole, 1 violated, 2 not checked, or not all of it.
${embedded}
`;

const options = {
  settled: { type: 'boolean', default: false },
  service: { type: 'string', multiple: true },
  'no-drift': { type: 'boolean', default: false },
  prefix: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** The command line cannot be read. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

function readCommandLine() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

async function main(): Promise<number> {
  const values = readCommandLine();
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const unknown = values.service?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`no service ${unknown}`);
  const { mongodbUri, kafkaBrokers } = await serversToCheck();
  const prefixes = values.prefix === undefined ? await installed(mongodbUri) : [values.prefix];
  const codes: number[] = [];
  for (const prefix of prefixes) {
    const report = await verify({
      mongodbUri,
      kafkaBrokers,
      prefix,
      settled: values.settled,
      drift: !values['no-drift'],
      ...(values.service === undefined ? {} : { only: values.service }),
      tell: (line) => process.stderr.write(`${line}\n`),
    });
    for (const line of linesOf(report)) print(line);
    if (values.json) print(JSON.stringify(report));
    codes.push(exitCodeOf(report));
  }
  // A violation is worse than what could not be checked.
  return codes.includes(1) ? 1 : Math.max(...codes);
}

/** The prefixes of all installations on the server. */
async function installed(mongodbUri: string): Promise<string[]> {
  const client = new MongoClient(mongodbUri, { serverSelectionTimeoutMS: 10_000 });
  try {
    const { databases } = await client.db('admin').admin().listDatabases({ nameOnly: true });
    const prefixes = databases.flatMap(({ name }) => /^(.+)_platform$/.exec(name)?.[1] ?? []);
    if (prefixes.length === 0)
      throw new UncheckedError('there is no installation on these servers');
    return prefixes.toSorted();
  } catch (error) {
    if (error instanceof UncheckedError) throw error;
    throw new UncheckedError(`MongoDB: ${error instanceof Error ? error.message : error}`);
  } finally {
    await client.close();
  }
}

/** Redis is not looked at: it may lose what it has. */
async function serversToCheck(): Promise<Pick<ServerAddresses, 'mongodbUri' | 'kafkaBrokers'>> {
  const { MONGODB_URI: mongodbUri, KAFKA_BROKERS: brokers } = process.env;
  if (mongodbUri && brokers) return { mongodbUri, kafkaBrokers: brokers.split(',') };
  return await findServers();
}

/** What stands in the way of checking; anything else is a mistake of this program and told with its place. */
const expected = [UsageError, UncheckedError, NoServersError, AddressesError];

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    const isExpected = expected.some((kind) => error instanceof kind);
    const text =
      error instanceof Error ? (isExpected ? error.message : error.stack) : String(error);
    process.stderr.write(`not checked: ${text}\n`);
    if (error instanceof UsageError) process.stderr.write(usage);
    if (error instanceof NoServersError) process.stderr.write(`${embedded}\n`);
    process.exit(2);
  },
);
