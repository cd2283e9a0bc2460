/** A running platform, to the story: where its gateway answers. */
export interface RunningPlatform {
  /** Such as `http://127.0.0.1:40123`; another one after a restart. */
  readonly url: string;
}

/** Starts, kills and stops the platform that the story is told about. */
export interface Launcher {
  /** What it starts, for the title: profile, processes. */
  readonly title: string;
  /**
   * Starts the platform on a folder of its own and waits until it is ready.
   * @throws LaunchError with the output of the process when it ends or is not ready in time
   */
  start(): Promise<RunningPlatform>;
  /** Ends everything with SIGKILL: no handler runs, nothing is flushed. Resolves when it is gone. */
  kill(): Promise<void>;
  /** Starts again on what the killed platform left on disk. */
  restart(): Promise<RunningPlatform>;
  /** Stops everything in good order, by force when it does not end in time, and removes the folder. */
  stop(): Promise<void>;
  /** The same at once and without waiting, for a process that is about to exit. */
  abandon(): void;
  /** What the platform has written on its standard error so far: its log. */
  log(): readonly string[];
  /** The files in which the platform keeps its data, to be read and nothing else. */
  storedFiles(): Promise<readonly string[]>;
}

/** The platform did not come up; the message holds what it wrote. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
}
