import { setTimeout as sleep } from 'node:timers/promises';
import { BatchInHand } from './batch-in-hand.ts';
import { type AppliedBatches, BatchPipeline, type CommitUnderWay } from './batch-pipeline.ts';
import { ConsumerCommits } from './consumer-commits.ts';
import type {
  ConsumerDefinition,
  ConsumerEnvironment,
  ConsumerPosition,
} from './consumer-definition.ts';
import { CommitRefusedError, isOfSurroundings, pauseMs } from './consumer-failures.ts';
import { ConsumerPositions } from './consumer-positions.ts';
import { DeadLetterPublication, publishedLetters } from './dead-letter-publication.ts';
import {
  type DeadLetterEntry,
  DeadLetters,
  deadLetterCollection,
  streamKey,
} from './dead-letters.ts';
import { CheckpointConflictError } from './document-store.ts';
import type { RecordedEvent } from './event.ts';
import {
  type DecodedEvent,
  type DecodeOptions,
  isUndecodable,
  type UndecodableEvent,
} from './event-codec.ts';
import type { LogBatch, LogConsumer } from './event-log.ts';
import { framesOf, nameOf, PoisonEventError } from './poison-event-error.ts';
import { Turns } from './turns.ts';
import { UnitOfWork } from './unit-of-work.ts';

type Decoded = DecodedEvent | UndecodableEvent;

interface Failure {
  readonly reason: string;
  readonly attempts: number;
  readonly error: unknown;
}

/** What is handled and not noted looks like a lag to other processes, for so long at most. Milliseconds. */
const longestNoteMs = 300;

/** Runs a consumer: batches, checkpoints with their documents, retries, dead letters, replay. */
export class ConsumerRunner {
  readonly definition: ConsumerDefinition;
  readonly #decoding: DecodeOptions;
  readonly #environment: ConsumerEnvironment;
  readonly #letters: DeadLetters;
  readonly #positions: ConsumerPositions;
  readonly #publication: DeadLetterPublication;
  #parked = new Set<string>();
  #consumer: LogConsumer | undefined;
  /** Batches or a replay at a time in this process; across processes the checkpoints' expected positions decide. */
  readonly #turns = new Turns();
  readonly #pipeline: BatchPipeline;
  readonly #commits: ConsumerCommits;

  constructor(definition: ConsumerDefinition, environment: ConsumerEnvironment) {
    this.definition = definition;
    this.#decoding = { openPersonal: definition.opensPersonal ?? false };
    const documents = environment.documents.uncached ?? environment.documents;
    this.#environment = { ...environment, documents };
    const { log, onError, paceMs = 0 } = environment;
    this.#letters = new DeadLetters(definition.name, documents);
    this.#publication = new DeadLetterPublication(this.#letters, documents, log, (error) =>
      onError(definition.name, error),
    );
    this.#positions = new ConsumerPositions(definition.name, documents, (topic, partition) =>
      this.#holds(topic, partition),
    );
    this.#commits = new ConsumerCommits({
      consumer: definition.name,
      isExclusive: definition.exclusive ?? false,
      documents,
      positions: this.#positions,
      noteLaterMs: Math.min(5 * paceMs, longestNoteMs),
      inTurn: (work) => this.#inTurn(work),
    });
    this.#pipeline = new BatchPipeline(
      {
        inTurn: (work) => this.#inTurn(work),
        isAwaited: () => this.#turns.isAwaited(''),
        apply: (batches, before) => this.#apply(batches, before),
        commit: ({ works, documents }) => this.#commit(works, documents),
        isOfBatch: (error) =>
          error instanceof CommitRefusedError || error instanceof CheckpointConflictError,
        alone: (batch) => this.#handleAlone(batch),
      },
      this.#maxBatch,
      paceMs,
    );
  }

  /** Creates what is missing and joins the group. */
  async start(): Promise<void> {
    this.#commits.start();
    const { documents, log } = this.#environment;
    await documents.define([deadLetterCollection, publishedLetters]);
    await this.#load();
    await this.#publication.start();
    this.#consumer = log.consume({
      group: this.definition.name,
      topics: this.definition.topics,
      exclusive: this.definition.exclusive ?? false,
      maxBatch: this.#maxBatch,
      startAfter: async (topic, partition) => {
        await this.#inTurn(() => this.#takeOver());
        const checkpoint = this.#positions.held(topic, partition);
        // A position inside the first batch has no cursor that the log gave: it begins anew, and what is done already
        // is left out by its position.
        return checkpoint?.cursor === '' ? undefined : checkpoint;
      },
      handle: (batch) => this.#pipeline.add(batch),
      onError: (error) => this.#environment.onError(this.definition.name, error),
    });
  }

  /** Leaves the group when the batch under way has ended; those who wait for a position are told that it is over. */
  async stop(): Promise<void> {
    await this.#commits.stop();
    await this.#consumer?.stop();
    await this.#inTurn(async () => undefined);
    await this.#publication.stop();
    this.#positions.end();
  }

  /** The positions handled, one a partition that has any; of partitions that another process has, as last looked at. */
  positions(): readonly ConsumerPosition[] {
    return this.#positions.all();
  }

  /** Looks at how far other processes are. */
  async look(): Promise<void> {
    await this.#positions.look();
  }

  /** Whether this process has any partition. */
  get isActive(): boolean {
    return (this.#consumer?.assignments().length ?? 0) > 0;
  }

  /** Whether all the positions are handled. */
  hasReached(targets: readonly ConsumerPosition[]): boolean {
    return this.#positions.hasReached(targets);
  }

  /**
   * Waits until all the positions are handled, in whichever process; false when the time is up, or when the consumer
   * stops before.
   */
  async waitFor(targets: readonly ConsumerPosition[], timeoutMs: number): Promise<boolean> {
    return await this.#positions.waitFor(targets, timeoutMs);
  }

  /** Has listeners told of what other processes do about these partitions, until the returned function is called. */
  watch(targets: readonly ConsumerPosition[]): () => void {
    return this.#positions.watch(targets);
  }

  /** Calls back after every batch and at the end, until the returned function is called. */
  onProgress(listener: () => void): () => void {
    return this.#positions.onProgress(listener);
  }

  /** Holds back the next batch while the work runs. The work must not wait for this consumer to get on or to stop. */
  whilePaused<T>(work: () => Promise<T>): Promise<T> {
    return this.#inTurn(work);
  }

  /**
   * The dead letters and what is parked behind them: of one stream in its order, otherwise oldest first.
   * @param limit at most so many
   */
  async deadLetters(stream?: string, limit?: number): Promise<readonly DeadLetterEntry[]> {
    const entries = await this.#letters.list(stream, limit);
    if (stream !== undefined) return entries;
    // Sorting is stable: what failed in one batch stays in the order of its positions.
    return entries.toSorted((a, b) => Date.parse(a.failedAt) - Date.parse(b.failedAt));
  }

  /**
   * Handles a stream's dead letters again, in order, stopping at the first that fails anew; that one then tells its new
   * reason.
   * @returns how many were handled and how many remain
   * @throws TransientError when the surroundings fail; what was handled until then counts
   */
  async replay(stream: string): Promise<{ readonly handled: number; readonly remaining: number }> {
    return await this.#inTurn(async () => {
      let handled = 0;
      // Another process that has the partition may park more of the stream's events meanwhile: until none is left.
      for (;;) {
        await this.#takeOver();
        const entries = await this.#letters.list(stream);
        if (entries.length === 0) return { handled, remaining: 0 };
        for (const entry of entries) {
          if (!(await this.#replayOne(entry))) {
            return { handled, remaining: (await this.#letters.list(stream)).length };
          }
          handled += 1;
        }
      }
    });
  }

  async #replayOne(entry: DeadLetterEntry): Promise<boolean> {
    const { codec, clock } = this.#environment;
    const documents = this.#unit();
    const [event] = await codec.decode([entry.recorded], this.#decoding);
    if (event === undefined) throw new Error('the codec returned fewer events than it was given');
    const failure = await this.#tryApply(event, documents, 1, 0);
    if (failure === undefined) this.#letters.delete(entry, documents);
    else {
      const attempts = entry.attempts + failure.attempts;
      const failedAt = clock().toISOString();
      const { reason } = failure;
      this.#letters.put({ ...entry, reason, attempts, failedAt, parked: false }, documents);
    }
    const { topic, recorded } = entry;
    await this.#commits.commitAt({ topic, ...recorded }, documents);
    return failure === undefined;
  }

  /** Applies batches to the same documents, up to the first event that the surroundings fail at. */
  async #apply(
    batches: readonly LogBatch[],
    before: CommitUnderWay | undefined,
  ): Promise<AppliedBatches> {
    const documents = this.#unit(before);
    const decoded: { readonly work: BatchInHand; readonly events: readonly Decoded[] }[] = [];
    const works: BatchInHand[] = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      for (const batch of batches) {
        const work = new BatchInHand(batch, documents);
        works.push(work);
        decoded.push({ work, events: await this.#decode(batch) });
      }
    } catch (error) {
      failure = { error };
    }
    await this.#prefetch(
      decoded.flatMap(({ events }) => events),
      documents,
    );
    for (const [index, { work, events }] of decoded.entries()) {
      try {
        for (const event of events) {
          await this.#applyOrPark(event, work);
          work.handledTo = event.recorded.position;
        }
        work.handledTo = work.batch.position;
      } catch (error) {
        // What came before the failure need not be done again, and is not kept from readers.
        return { documents, works: works.slice(0, index + 1), failure: { error } };
      }
    }
    return failure === undefined ? { documents, works } : { documents, works, failure };
  }

  /** The events of a batch that are not in the documents yet. */
  async #decode(batch: LogBatch): Promise<readonly Decoded[]> {
    const done = this.#positions.held(batch.topic, batch.partition)?.position ?? 0;
    const fresh = batch.events.filter((event) => event.position > done);
    const decoded = await this.#environment.codec.decode(fresh, this.#decoding);
    if (decoded.length !== fresh.length) {
      throw new Error('the codec returned another number of events than it was given');
    }
    return decoded;
  }

  /** Handles one batch; if the store does not take its documents, event by event. */
  async #handleAlone(batch: LogBatch): Promise<void> {
    const applied = await this.#apply([batch], undefined);
    try {
      await this.#commit(applied.works, applied.documents);
    } catch (error) {
      if (!(error instanceof CommitRefusedError)) throw error;
      await this.#handleOneByOne(batch, await this.#decode(batch));
    }
    if (applied.failure !== undefined) throw applied.failure.error;
  }

  /** Finds the event whose documents the store does not take: it would hold up the partition for ever. */
  async #handleOneByOne(batch: LogBatch, events: readonly Decoded[]): Promise<void> {
    for (const event of events) {
      const refusal = await this.#handleOne(batch, event);
      if (refusal === undefined) continue;
      if (isUndecodable(event)) throw refusal;
      const { maxAttempts: attempts = 4 } = this.#environment;
      const error = refusal.cause;
      const letter = new BatchInHand(batch, this.#unit());
      this.#giveUp(event, { reason: this.#describe(error, event), attempts, error }, letter);
      await this.#commitTo(event.recorded.position, letter);
    }
    await this.#commitTo(batch.position, new BatchInHand(batch, this.#unit()));
  }

  async #handleOne(batch: LogBatch, event: Decoded): Promise<CommitRefusedError | undefined> {
    const { maxAttempts = 4 } = this.#environment;
    for (let attempts = 1; ; attempts++) {
      const work = new BatchInHand(batch, this.#unit());
      await this.#applyOrPark(event, work);
      try {
        await this.#commitTo(event.recorded.position, work);
        return undefined;
      } catch (error) {
        if (!(error instanceof CommitRefusedError)) throw error;
        if (attempts >= maxAttempts) return error;
      }
      await sleep(pauseMs(attempts));
    }
  }

  async #commitTo(position: number, work: BatchInHand): Promise<void> {
    work.handledTo = position;
    await this.#commit([work], work.documents);
  }

  async #prefetch(events: readonly Decoded[], documents: UnitOfWork): Promise<void> {
    const { prefetch, name } = this.definition;
    if (prefetch === undefined || events.length === 0) return;
    try {
      await prefetch(
        events.filter((event): event is DecodedEvent => !isUndecodable(event)),
        documents,
      );
    } catch (error) {
      if (isOfSurroundings(error)) throw error;
      // One bad event must not stop the partition before it is even tried: each reads what it needs by itself.
      const failure = new Error(`prefetch failed: ${nameOf(error)}`);
      failure.stack = [failure.message, ...framesOf(error)].join('\n');
      this.#environment.onError(name, failure);
    }
  }

  async #applyOrPark(event: Decoded, work: BatchInHand): Promise<void> {
    const { recorded } = event;
    const { topic } = work.batch;
    if (await this.#isParked(recorded.stream, work)) {
      const reason = `waits for an earlier event of ${recorded.stream}`;
      this.#putLetter(this.#letter(topic, recorded, { reason, attempts: 0, parked: true }), work);
      return;
    }
    const { maxAttempts = 4 } = this.#environment;
    const started = performance.now();
    const failure = await this.#tryApply(event, work.documents, maxAttempts, work.pausesMs);
    if (failure === undefined) return;
    work.pausesMs -= performance.now() - started;
    this.#giveUp(event, failure, work);
  }

  #giveUp({ recorded }: Decoded, { reason, attempts, error }: Failure, work: BatchInHand): void {
    const { topic } = work.batch;
    if (this.definition.onPoison === 'wait') {
      throw new PoisonEventError(this.definition.name, topic, recorded, reason, error);
    }
    const entry = this.#letter(topic, recorded, { reason, attempts, parked: false });
    this.#putLetter(entry, work);
    work.poison.set(streamKey(topic, recorded.stream), { entry, error });
  }

  #putLetter(entry: DeadLetterEntry, work: BatchInHand): void {
    this.#letters.put(entry, work.documents);
    work.letters.push(entry);
  }

  async #isParked(stream: string, work: BatchInHand): Promise<boolean> {
    const place = streamKey(work.batch.topic, stream);
    if (work.poison.has(place)) return true;
    if (!this.#parked.has(place)) return false;
    if (work.parked.has(place)) return true;
    // The stream may have been replayed by another process, whose doing this one does not hear of.
    if (await this.#letters.has(work.batch.topic, stream)) {
      work.parked.add(place);
      return true;
    }
    this.#parked.delete(place);
    return false;
  }

  /**
   * Returns why the event cannot be handled, or undefined. Failures of the surroundings are thrown.
   * @param pausesMs pauses between the attempts, together at most
   */
  async #tryApply(
    event: Decoded,
    documents: UnitOfWork,
    maxAttempts: number,
    pausesMs: number,
  ): Promise<Failure | undefined> {
    if (isUndecodable(event)) {
      return { reason: event.undecodable, attempts: 1, error: undefined };
    }
    let left = pausesMs;
    for (let attempts = 1; ; attempts++) {
      try {
        await documents.attempt((part) => this.definition.apply(event, part));
        return undefined;
      } catch (error) {
        if (isOfSurroundings(error)) throw error;
        if (attempts >= maxAttempts) {
          return { reason: this.#describe(error, event), attempts, error };
        }
      }
      const pause = Math.max(0, Math.min(left, pauseMs(attempts)));
      left -= pause;
      if (pause > 0) await sleep(pause);
    }
  }

  /** Commits how far the batches are handled, with the documents that they share. */
  async #commit(works: readonly BatchInHand[], documents: UnitOfWork): Promise<void> {
    const advances = works.flatMap(({ batch, handledTo: position = 0 }) => {
      const { topic, partition } = batch;
      const before = this.#positions.held(topic, partition);
      if (position <= (before?.position ?? 0)) return [];
      // Inside a batch the log's cursor is not known; a redelivery from the batch's start is filtered by position.
      const cursor = position === batch.position ? batch.cursor : (before?.cursor ?? '');
      return [{ topic, partition, position, cursor }];
    });
    if (advances.length === 0) return;
    await this.#commits.commit(advances, documents).catch((error: unknown) => {
      throw isOfSurroundings(error) ? error : new CommitRefusedError(error);
    });
    const consumer = this.definition.name;
    for (const { batch, poison, letters } of works) {
      for (const [place, { entry, error }] of poison) {
        this.#parked.add(place);
        const { recorded, reason } = entry;
        this.#environment.onError(
          consumer,
          new PoisonEventError(consumer, batch.topic, recorded, reason, error),
        );
      }
      this.#publication.add(letters);
    }
  }

  #describe(error: unknown, event: DecodedEvent): string {
    const { describeFailure = nameOf } = this.#environment;
    return describeFailure(error, event);
  }

  #letter(
    topic: string,
    recorded: RecordedEvent,
    outcome: Pick<DeadLetterEntry, 'reason' | 'attempts' | 'parked'>,
  ): DeadLetterEntry {
    return {
      consumer: this.definition.name,
      topic,
      stream: recorded.stream,
      failedAt: this.#environment.clock().toISOString(),
      recorded,
      ...outcome,
    };
  }

  #unit(before?: CommitUnderWay): UnitOfWork {
    const physical = this.definition.physical;
    return new UnitOfWork(
      this.#commits.source,
      (name) =>
        name === deadLetterCollection.name || physical === undefined ? name : physical(name),
      before,
    );
  }

  /** Makes this process the one that writes, where there is to be one, and begins from what the store holds. */
  async #takeOver(): Promise<void> {
    await this.#commits.takeOver();
    await this.#load();
  }

  async #load(): Promise<void> {
    this.#parked = await this.#letters.streams();
    await this.#commits.load();
  }

  #holds(topic: string, partition: number): boolean {
    const held = this.#consumer?.assignments() ?? [];
    return held.some((one) => one.topic === topic && one.partition === partition);
  }

  get #maxBatch(): number {
    return this.definition.maxBatch ?? 500;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take('', work);
  }
}
