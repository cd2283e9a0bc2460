import type { ServerAddresses } from './addresses.ts';

/** One server that can be taken down and brought back, with the same address and data. */
export interface ServerHandle {
  /** Starts it, where it does not run, and waits until it answers. */
  start(): Promise<void>;
  /** Asks it to stop and waits until it is gone. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/** Kafka, MongoDB and Redis of one's own. They end with this process, however it ends. */
export interface Servers extends AsyncDisposable {
  readonly addresses: ServerAddresses;
  readonly mongodb: ServerHandle & { readonly uri: string };
  readonly kafka: ServerHandle & { readonly brokers: readonly string[] };
  readonly redis: ServerHandle & { readonly url: string };
  /** Stops all of them; removes their data unless a folder for it was told. */
  stop(): Promise<void>;
}
