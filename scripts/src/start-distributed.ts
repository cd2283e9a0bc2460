import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DevelopmentIssuer } from '@unionfold/gateway';
import { loadMasterKey } from '@unionfold/privacy';
import {
  createLogger,
  Environment,
  openDistributedPlatform,
  readDistributedSettings,
  ServiceDirectory,
} from '@unionfold/service-kit';
import { environmentOf } from './infra/addresses.ts';
import { findServers } from './infra/find-servers.ts';
import { DistributedProcesses } from './node/distributed-processes.ts';
import { readModelShows } from './node/read-model-shows.ts';
import { untilSettled } from './node/until-settled.ts';
import { firstLoadDone, load } from './seed/first-load.ts';
import { firstLoad } from './seed/seed.ts';
import { loadingBar } from './terminal/loading-bar.ts';
import { print } from './terminal/print.ts';

/** `npm run start:distributed`: every service and the gateway as processes of their own, on the servers there are. */
async function main(): Promise<void> {
  const environment = new Environment(process.env);
  const replicas = environment.wholeNumber('REPLICAS', 1, 16, 1);
  const port = environment.wholeNumber('PORT', 0, 65_535, 8_080);
  const host = environment.optional('HOST') ?? '127.0.0.1';
  const seed = environment.oneOf('SEED', ['federations', 'none'], 'federations');
  environment.check();
  const variables = {
    ...process.env,
    ...environmentOf(await findServers()),
    MASTER_KEY: await masterKey(),
    LOG_LEVEL: environment.optional('LOG_LEVEL') ?? 'warn',
  };
  const settings = readDistributedSettings(variables);
  const processes = await DistributedProcesses.start({
    replicas,
    host,
    port,
    environment: definedOf(variables),
    onLine: (name, line) => process.stderr.write(`${name.padEnd(13)} ${line}\n`),
  });
  stopOnSignal(processes);
  await processes.listening();
  const urls = await Promise.all(processes.of('gateway').map((gateway) => gateway.listening()));
  const logger = createLogger(settings.logLevel);
  const platform = await openDistributedPlatform({ ...settings, logger });
  const directory = new ServiceDirectory();
  for (const [name, address] of processes.addresses) directory.set(name, address);
  const documents = await platform.documents('gateway');
  const issuer = await DevelopmentIssuer.open(documents, platform.masterKey, () => new Date());
  if (seed !== 'none' && !(await firstLoadDone({ documents }))) {
    print('首次启动:载入工会组织 | First start: loading the unions');
    const shows = readModelShows(documents, 'federation');
    await load(
      { directory, documents, issuer, shows },
      { ...firstLoad, townships: false },
      loadingBar('载入 loading'),
    );
  }
  print('登录账号 sign-ins (POST /api/v1/sign-in {"account": "…"}):');
  for (const { account, title } of await issuer.accounts())
    print(`  ${account.padEnd(12)} ${title}`);
  directory.close();
  await untilSettled(settings, documents);
  await platform.close();
  for (const { name, pid } of processes.replicas) print(`process ${name} ${pid}`);
  for (const url of urls.slice(1)) print(`also at ${url}`);
  print(`ready ${urls[0]}`);
}

/** The master key from the environment, else from a file that is made at the first start, for this machine alone. */
async function masterKey(): Promise<string> {
  const given = process.env['MASTER_KEY'];
  if (given !== undefined && given !== '') return given;
  const folder = resolve(process.env['DATA_DIR'] ?? '.data', 'distributed');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return (await loadMasterKey({ file: join(folder, 'master.key'), create: true })).toText();
}

function definedOf(variables: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

function stopOnSignal(processes: DistributedProcesses): void {
  let stopping = false;
  const stop = () => {
    // A second signal while work in hand is being finished means: now.
    if (stopping) process.exit(130);
    stopping = true;
    processes.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
