import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent, RelayLease } from '@unionfold/eventsourcing';
import type { RelayOptions } from './relay.ts';

/** Another process has the partition, or this one's time is over. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** A stretch of so many events is worth its way: the next one need not grow. */
const worthwhile = 200;

/** So many beats lie between two notes of the checkpoint: after a crash, a little more is published again. */
const beatsBetweenNotes = 6;

interface StretchEvents {
  /** The checkpoint has moved. */
  readonly onProgress: () => void;
  /** Publishing or the checkpoint has failed: nothing more may be published under this lease. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * What is published of one partition under one lease. While a stretch waits for its acknowledgement, the next one is
 * read already; checkpoints are written behind the acknowledgements, the latest at a time.
 */
export class PublishedStretches {
  readonly #lease: RelayLease;
  readonly #options: RelayOptions;
  readonly #signal: AbortSignal;
  readonly #events: StretchEvents;
  #publishing: Promise<void> = Promise.resolve();
  #noting: Promise<void> = Promise.resolve();
  #isNoting = false;
  #read: number;
  /** Last position dealt with, and that of the last public event among them. */
  #dealtWith: number;
  #published = 0;
  #noted: number;

  /** @param signal aborted when nothing more may be published */
  constructor(
    lease: RelayLease,
    options: RelayOptions,
    signal: AbortSignal,
    events: StretchEvents,
  ) {
    this.#lease = lease;
    this.#options = options;
    this.#signal = signal;
    this.#events = events;
    this.#read = lease.position;
    this.#dealtWith = lease.position;
    this.#noted = lease.position;
  }

  /** How far the checkpoint is. */
  get position(): number {
    return this.#noted;
  }

  get read(): number {
    return this.#read;
  }

  /** Whether nothing that was read waits. */
  get isIdle(): boolean {
    return this.#noted === this.#read;
  }

  /**
   * Has a stretch published; resolves when the one before it is acknowledged and the next one may be read: after a short
   * stretch not at once, so that it grows.
   * @throws LeaseLostError when nothing more may be published
   */
  async take(events: readonly RecordedEvent[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    this.#read = last.position;
    await this.#publishing;
    if (this.#signal.aborted) throw new LeaseLostError();
    this.#publishing = this.#publish(events, last.position).catch(this.#events.onFailure);
    const { paceMs = 0 } = this.#options;
    if (paceMs > 0 && events.length < worthwhile) {
      // To the beat that all partitions keep, so that their stretches share a request and consumers' fetches.
      const beat = paceMs - (performance.now() % paceMs);
      await sleep(beat, undefined, { signal: this.#signal }).catch(() => undefined);
    }
  }

  /** Resolves when nothing runs any more, and what is acknowledged is noted. */
  async settled(): Promise<void> {
    await this.#publishing;
    await this.#noting;
  }

  async #publish(events: readonly RecordedEvent[], position: number): Promise<void> {
    const { topic, publish, isPublic } = this.#options;
    const outgoing = events.filter(({ type }) => isPublic(type));
    const lastPublic = outgoing.at(-1);
    if (lastPublic !== undefined) {
      await publish(topic, this.#lease.partition, outgoing);
      this.#published = lastPublic.position;
    }
    this.#dealtWith = position;
    if (!this.#isNoting) this.#noting = this.#note().catch(this.#events.onFailure);
  }

  /** What more is acknowledged meanwhile goes with the next note, unless nothing more may be published. */
  async #pauseBetweenNotes(): Promise<void> {
    const { paceMs = 0 } = this.#options;
    if (paceMs === 0) return;
    await sleep(beatsBetweenNotes * paceMs, undefined, { signal: this.#signal }).catch(
      () => undefined,
    );
  }

  async #note(): Promise<void> {
    const { relays } = this.#options;
    this.#isNoting = true;
    try {
      while (this.#noted < this.#dealtWith) {
        const position = this.#dealtWith;
        const isHeld = await relays.checkpoint(this.#lease, position, this.#published);
        if (!isHeld) throw new LeaseLostError();
        this.#noted = position;
        this.#events.onProgress();
        await this.#pauseBetweenNotes();
      }
    } finally {
      this.#isNoting = false;
    }
  }
}
