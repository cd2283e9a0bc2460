import { setImmediate as macrotask } from 'node:timers/promises';
import type { ConsumeOptions, EventStore, RecordedEvent } from '@unionfold/eventsourcing';
import { BackOff, type BackOffOptions } from '../back-off.ts';

/** What the embedded log needs of the event store that owns a topic. */
export type TopicStore = Pick<EventStore, 'partitions' | 'heads' | 'subscribe'>;

/** What all deliveries of a log have in common. */
export interface DeliverySettings {
  readonly isPublic: (type: string) => boolean;
  readonly quietMs: number;
  readonly backOff: BackOffOptions;
}

/** One partition of a topic and the store behind it. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly store: TopicStore;
}

/**
 * A checkpoint lies beyond the last event of its partition: the store was restored from an older copy, or the
 * checkpoint belongs to another one. Told to `onError`; nothing is delivered, because the events that will take the
 * positions in between would be missed. The cure is to rebuild the consumer from an empty checkpoint.
 */
export class CheckpointBeyondLogError extends Error {
  override readonly name = 'CheckpointBeyondLogError';

  constructor(
    readonly topic: string,
    readonly partition: number,
    readonly position: number,
    readonly head: number,
  ) {
    super(`checkpoint ${position} of ${topic}/${partition} lies beyond its last event ${head}`);
  }
}

/**
 * Delivers one partition to one member from its checkpoint until stopped. After a failure it rests, asks for the
 * checkpoint anew and goes on from there.
 */
export class PartitionDelivery {
  readonly #source: TopicPartition;
  readonly #options: ConsumeOptions;
  readonly #settings: DeliverySettings;
  readonly #backOff: BackOff;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  /** How far the batch reached that failed last. */
  #failedAt = 0;

  constructor(source: TopicPartition, options: ConsumeOptions, settings: DeliverySettings) {
    this.#source = source;
    this.#options = options;
    this.#settings = settings;
    this.#backOff = new BackOff(settings.backOff);
    // Not at once: the member must have been given its LogConsumer before it is called.
    this.#ended = Promise.resolve().then(() => this.#run());
  }

  /** Stops; resolves when the batch under way has ended. */
  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#deliverFromCheckpoint(signal);
      } catch (error) {
        // An onError that throws is a bug of its own and ends up as an uncaught exception; delivery goes on.
        queueMicrotask(() => this.#options.onError(error));
        await this.#backOff.pause(signal);
      }
    }
  }

  /** Resolves when stopped, rejects with the first failure; then nothing of it runs any more. */
  async #deliverFromCheckpoint(signal: AbortSignal): Promise<void> {
    const { partition, store } = this.#source;
    const afterPosition = await this.#startAfter();
    if (signal.aborted) return;

    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown) => {
      failure ??= { error };
      end();
    };
    const isOver = () => signal.aborted || failure !== undefined;
    const feed = new BatchFeed({
      maxBatch: this.#options.maxBatch,
      isPublic: this.#settings.isPublic,
      quietMs: this.#settings.quietMs,
      isOver,
      deliver: async (events, position) => {
        try {
          await this.#deliver(events, position);
        } catch (error) {
          fail(error);
          throw error;
        }
      },
    });
    const onAbort = () => end();
    signal.addEventListener('abort', onAbort);
    try {
      const subscription = store.subscribe({
        partition,
        afterPosition,
        maxBatch: this.#options.maxBatch,
        handle: (events) => feed.take(events),
        onError: fail,
      });
      await over;
      await Promise.all([subscription.stop(), feed.stop()]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
    if (failure !== undefined) throw failure.error;
  }

  /**
   * The checkpoint's position counts here and not its cursor: a consumer may keep a position inside a batch together
   * with the cursor of the batch before.
   */
  async #startAfter(): Promise<number> {
    const { topic, partition, store } = this.#source;
    const position = (await this.#options.startAfter(topic, partition))?.position ?? 0;
    const head = (await store.heads())[partition] ?? 0;
    if (position > head) throw new CheckpointBeyondLogError(topic, partition, position, head);
    return position;
  }

  async #deliver(events: readonly RecordedEvent[], position: number): Promise<void> {
    const { topic, partition } = this.#source;
    try {
      await this.#options.handle({ topic, partition, events, position, cursor: String(position) });
    } catch (error) {
      this.#failedAt = position;
      throw error;
    }
    // Batches before the failing one succeed again and again where the consumer keeps no checkpoint in between; only
    // getting past the failure ends it.
    if (position >= this.#failedAt) this.#backOff.reset();
  }
}

interface BatchFeedOptions {
  readonly maxBatch: number;
  readonly isPublic: (type: string) => boolean;
  readonly quietMs: number;
  readonly isOver: () => boolean;
  /** Its rejection is known to its owner already. */
  readonly deliver: (events: readonly RecordedEvent[], position: number) => Promise<void>;
}

/**
 * Turns the store's batches into the log's: leaves internal events out, and tells how far a stretch of nothing but
 * internal events reached when no public one has followed for a moment.
 */
class BatchFeed {
  readonly #options: BatchFeedOptions;
  #skippedTo: number | undefined;
  #quiet: NodeJS.Timeout | undefined;
  /** The delivery of an empty batch; the store knows nothing of it, so that the next batch has to wait for it here. */
  #advancing: Promise<void> = Promise.resolve();

  constructor(options: BatchFeedOptions) {
    this.#options = options;
  }

  async take(events: readonly RecordedEvent[]): Promise<void> {
    await this.#advancing;
    const last = events.at(-1);
    if (last === undefined || this.#options.isOver()) return;
    const visible = events.filter((event) => this.#options.isPublic(event.type));
    if (visible.length === 0) {
      this.#skippedTo = last.position;
      this.#quiet ??= setTimeout(() => {
        this.#advancing = this.#advance();
      }, this.#options.quietMs);
    } else {
      this.#forgetSkipped();
      await this.#options.deliver(visible, last.position);
    }
    // Behind by more than a batch: reading and handling may both be synchronous underneath, and a long catch-up must
    // not keep timers and sockets waiting.
    if (events.length >= this.#options.maxBatch) await macrotask();
  }

  /** Resolves when the empty batch under way has ended. */
  async stop(): Promise<void> {
    this.#forgetSkipped();
    await this.#advancing;
  }

  async #advance(): Promise<void> {
    const position = this.#skippedTo;
    this.#forgetSkipped();
    if (position === undefined) return;
    await this.#options.deliver([], position).catch(() => undefined);
  }

  #forgetSkipped(): void {
    clearTimeout(this.#quiet);
    this.#quiet = undefined;
    this.#skippedTo = undefined;
  }
}
