import { environmentOf } from '../../infra/addresses.ts';
import { startChild } from '../child.ts';
import type { Bench } from '../figures.ts';
import { inFolder } from '../folder.ts';
import { commandToVisible } from '../latency.ts';
import { inDatabase } from './in-database.ts';
import { ProcessorUse } from './processor-use.ts';
import { serverProcesses } from './server-processes.ts';

/** A document cache stores nothing in its first 90 seconds with a Redis: until then every read goes to MongoDB, too. */
const warmUpSeconds = 95;

/** The same load as embedded, on one process of each service and the gateway. */
export const latency: Bench = ({ tell }) =>
  inFolder((dataDir) =>
    inDatabase(async ({ addresses, prefix }) => {
      tell('first load');
      const platform = await startChild(
        dataDir,
        { ...environmentOf(addresses), PREFIX: prefix, SEED: 'federations' },
        'start-distributed.ts',
      );
      try {
        const use = new ProcessorUse(await serverProcesses(), platform.processes());
        const figures = await commandToVisible(platform.url, tell, warmUpSeconds);
        return { ...figures, ...use.lap() };
      } finally {
        await platform.stop();
      }
    }),
  );
