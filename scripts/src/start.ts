import { createLogger } from '@unionfold/service-kit';
import { type EmbeddedNode, loadTargetOf, startEmbeddedNode } from './node/embedded-node.ts';
import { giveBackMemory } from './node/give-back-memory.ts';
import { firstLoadDone, load } from './seed/first-load.ts';
import { readSettings } from './settings.ts';
import { explainStartFailure } from './start-failure.ts';
import { loadingBar } from './terminal/loading-bar.ts';
import { print } from './terminal/print.ts';

/** `npm start`: the whole platform on the embedded profile, in one process. */
async function main(): Promise<void> {
  const settings = readSettings(process.env);
  const logger = createLogger(settings.logLevel);
  const { partitions } = settings;
  const node = await startEmbeddedNode({
    dataDir: settings.dataDir,
    host: settings.host,
    port: settings.port,
    logger,
    ...(partitions === undefined ? {} : { partitions }),
  });
  stopOnSignal(node);
  const target = await loadTargetOf(node);
  if (settings.seed !== undefined && !(await firstLoadDone(target))) {
    print('首次启动:载入工会组织 | First start: loading the unions');
    node.gateway.setBusy('first load under way');
    await load(target, settings.seed, loadingBar('载入 loading'));
    await giveBackMemory();
    node.gateway.setBusy(undefined);
  }
  print('登录账号 sign-ins (POST /api/v1/sign-in {"account": "…"}):');
  for (const { account, title } of await node.gateway.issuer.accounts()) {
    print(`  ${account.padEnd(12)} ${title}`);
  }
  print(`ready ${node.gateway.url}`);
}

function stopOnSignal(node: EmbeddedNode): void {
  let stopping = false;
  const stop = () => {
    // A second signal while work in hand is being finished means: now.
    if (stopping) process.exit(130);
    stopping = true;
    node.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${explainStartFailure(error)}\n`);
  process.exit(1);
});
