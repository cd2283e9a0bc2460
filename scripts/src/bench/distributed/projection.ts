import { MasterKey } from '@unionfold/privacy';
import { createLogger, openDistributedPlatform } from '@unionfold/service-kit';
import { MongoConnection, MongoDocumentStore } from '@unionfold/storage';
import type { Bench } from '../figures.ts';
import { rebuildBeside } from '../projection.ts';
import { inDatabase } from './in-database.ts';
import { ProcessorUse } from './processor-use.ts';
import { serverProcesses } from './server-processes.ts';

/** Rebuilding the federation read model from Kafka into MongoDB, beside the same document writes alone. */
export const projection: Bench = ({ tell }) =>
  inDatabase(async ({ addresses, prefix }) => {
    const connection = await MongoConnection.open({ uri: addresses.mongodbUri });
    const platform = await openDistributedPlatform({
      ...addresses,
      redisUrl: undefined,
      prefix,
      partitions: 4,
      replication: 1,
      masterKey: MasterKey.generate(),
      logger: createLogger('error'),
    });
    const use = new ProcessorUse(await serverProcesses());
    const documents = (name: string) =>
      MongoDocumentStore.open({ connection, database: `${prefix}_${name}` });
    const figures = await rebuildBeside({ platform, documents }, tell);
    await connection.close();
    return { ...figures, ...use.lap() };
  });
