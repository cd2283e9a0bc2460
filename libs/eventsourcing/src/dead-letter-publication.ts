import { setTimeout as sleep } from 'node:timers/promises';
import { type DeadLetterEntry, type DeadLetters, letterId } from './dead-letters.ts';
import type { DocumentStore } from './document-store.ts';
import type { EventLog } from './event-log.ts';

/** Which dead letters were published. A mark of its own, so that publishing and replaying need not wait for each other. */
export const publishedLetters = { name: 'dead_letters_published', indexes: [] } as const;

/** Pauses after a failure to publish, in milliseconds: the first, and the longest. */
const firstPauseMs = 200;
const longestPauseMs = 10_000;

/**
 * Publishes a consumer's dead letters beside the log, at least once: the letters are durable before, and a mark is
 * written after. What a crash leaves without a mark is published at the next start.
 */
export class DeadLetterPublication {
  readonly #letters: DeadLetters;
  readonly #documents: DocumentStore;
  readonly #log: EventLog;
  readonly #onError: (error: unknown) => void;
  readonly #stopped = new AbortController();
  readonly #waiting: DeadLetterEntry[] = [];
  #working: Promise<void> | undefined;

  constructor(
    letters: DeadLetters,
    documents: DocumentStore,
    log: EventLog,
    onError: (error: unknown) => void,
  ) {
    this.#letters = letters;
    this.#documents = documents;
    this.#log = log;
    this.#onError = onError;
  }

  /** Takes up what was left. */
  async start(): Promise<void> {
    if (this.#log.publishDeadLetter === undefined) return;
    const entries = await this.#letters.list();
    const marks = await this.#documents.getMany(publishedLetters.name, entries.map(letterId));
    this.add(entries.filter((entry) => !marks.has(letterId(entry))));
  }

  /** Has letters published that are durable. */
  add(entries: readonly DeadLetterEntry[]): void {
    if (this.#log.publishDeadLetter === undefined || entries.length === 0) return;
    this.#waiting.push(...entries);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Resolves when nothing runs any more; what was not published is taken up at the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopped;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      const [entry] = this.#waiting;
      if (entry === undefined) return;
      try {
        await this.#log.publishDeadLetter?.(entry);
        const document = { id: letterId(entry) };
        await this.#documents.commit({ puts: [{ collection: publishedLetters.name, document }] });
        this.#waiting.shift();
        pauseMs = firstPauseMs;
      } catch (error) {
        this.#onError(error);
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
    }
  }
}
