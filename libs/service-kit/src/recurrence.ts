import { setTimeout as sleep } from 'node:timers/promises';

/** Work that a service does by itself. It is done by every replica, and must bear that. */
export interface RecurringWork {
  readonly name: string;
  /** Pause between the end of one run and the next. Milliseconds. */
  readonly everyMs: number;
  /** What fails is logged, and tried again the next time. */
  readonly run: (now: Date) => Promise<void>;
}

/** Does recurring work from its start to its stop, one run after the other. */
export class Recurrence {
  readonly #work: RecurringWork;
  readonly #clock: () => Date;
  readonly #onError: (error: unknown) => void;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #looping: Promise<void> | undefined;

  constructor(work: RecurringWork, clock: () => Date, onError: (error: unknown) => void) {
    this.#work = work;
    this.#clock = clock;
    this.#onError = onError;
  }

  start(): void {
    this.#looping ??= this.#loop();
  }

  /** One run, after those under way. Never rejects. */
  async run(): Promise<void> {
    const run = this.#running.then(() => this.#work.run(this.#clock()).catch(this.#onError));
    this.#running = run;
    await run;
  }

  /** Resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looping;
    await this.#running;
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.run();
      await sleep(this.#work.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
