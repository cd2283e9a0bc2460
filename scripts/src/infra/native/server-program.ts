/** The three servers of the distributed profile. */
export const serverNames = ['mongodb', 'kafka', 'redis'] as const;
export type ServerName = (typeof serverNames)[number];

/** What a server's process is started with. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** How one of the servers runs on this machine without Docker. */
export interface ServerProgram {
  readonly name: ServerName;
  /** How long it may take to finish its work after SIGTERM, in milliseconds. */
  readonly graceMs: number;
  /**
   * Makes what the server needs in its folder, where it is not there yet.
   * @param folder the server's own; exists
   */
  prepare(folder: string, port: number): Promise<ServerCommand>;
  /**
   * Waits until it answers.
   * @param signal aborted when the process has ended
   * @throws NotReadyError
   */
  answers(port: number, signal: AbortSignal): Promise<void>;
}
