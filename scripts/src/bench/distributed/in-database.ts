import { randomBytes } from 'node:crypto';
import { StoredData } from '../../demo/launcher/stored-data.ts';
import type { ServerAddresses } from '../../infra/addresses.ts';
import { findServers, NoServersError } from '../../infra/find-servers.ts';
import { startServers } from '../../infra/start-servers.ts';

/** Where a benchmark works. */
export interface BenchServers {
  readonly addresses: ServerAddresses;
  /** Begins the names of all that it makes. */
  readonly prefix: string;
}

/** Runs work on the servers there are, or on some started for it, and removes what it has made. */
export async function inDatabase<T>(work: (servers: BenchServers) => Promise<T>): Promise<T> {
  const prefix = `bench_${randomBytes(4).toString('hex')}`;
  let stop = async () => {};
  const addresses = await findServers().catch(async (error: unknown) => {
    if (!(error instanceof NoServersError)) throw error;
    const servers = await startServers();
    stop = () => servers.stop();
    return servers.addresses;
  });
  try {
    return await work({ addresses, prefix });
  } finally {
    await new StoredData(addresses, prefix).drop();
    await stop();
  }
}
