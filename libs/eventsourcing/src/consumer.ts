import type { Document, DocumentStore } from './document-store.ts';
import { CheckpointConflictError } from './document-store.ts';
import type { RecordedEvent } from './event.ts';
import type { DecodedEvent, EventCodec, UndecodableEvent } from './event-codec.ts';
import { isUndecodable } from './event-codec.ts';
import type { EventLog, LogBatch, LogConsumer } from './event-log.ts';
import { StoreUnavailableError } from './event-store.ts';
import type { JsonObject } from './json.ts';
import { UnitOfWork } from './unit-of-work.ts';

/** The collection in which every consumer of a document store keeps what it could not handle. */
export const deadLetterCollection = {
  name: 'dead_letters',
  indexes: [{ fields: ['consumer', 'stream'] }, { fields: ['consumer'] }],
} as const;

/**
 * What is done with an event that cannot be handled after bounded retries. `park`: it becomes a dead letter, and later
 * events of its stream are parked with it, so that the others go on. `wait`: the partition waits and retries for ever.
 */
export type PoisonPolicy = 'park' | 'wait';

/** What a consumer does. */
export interface ConsumerDefinition {
  /** Name of the group and of the checkpoints; stable. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly onPoison: PoisonPolicy;
  /** Largest batch, and so the largest transaction. Default 500. */
  readonly maxBatch?: number;
  /** Maps collection names to those of the generation being written. */
  readonly physical?: (collection: string) => string;
  /** Reads documents that the batch will need, together. */
  readonly prefetch?: (events: readonly DecodedEvent[], documents: UnitOfWork) => Promise<void>;
  /**
   * Handles one event by writing documents. An effect outside the documents must be idempotent, because the event comes
   * again when the process dies before its checkpoint.
   * @throws TransientError when it should be tried again for as long as it takes
   */
  readonly apply: (event: DecodedEvent, documents: UnitOfWork) => Promise<void>;
}

/** What a consumer works with. */
export interface ConsumerEnvironment {
  readonly log: EventLog;
  readonly documents: DocumentStore;
  readonly codec: EventCodec;
  readonly clock: () => Date;
  readonly onError: (consumer: string, error: unknown) => void;
  /** Tries of one event before it is given up. Default 4. */
  readonly maxAttempts?: number;
}

/** Something that will work later: a service that is down, a store that does not answer. Never a dead letter. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** An event that could not be handled, or one parked behind it. */
export interface DeadLetterEntry {
  readonly consumer: string;
  readonly topic: string;
  readonly stream: string;
  readonly reason: string;
  readonly parked: boolean;
  readonly attempts: number;
  readonly failedAt: string;
  readonly recorded: RecordedEvent;
}

/** How far a consumer is. */
export interface ConsumerPosition {
  readonly topic: string;
  readonly partition: number;
  readonly position: number;
}

/** Runs a consumer: batches, checkpoints with their documents, retries, dead letters, replay. */
export class ConsumerRunner {
  readonly definition: ConsumerDefinition;
  readonly #environment: ConsumerEnvironment;
  readonly #positions = new Map<string, ConsumerPosition & { readonly cursor: string }>();
  readonly #parked = new Set<string>();
  readonly #waiters = new Set<() => void>();
  #consumer: LogConsumer | undefined;
  /** One batch or replay at a time in this process; across processes the checkpoints' expected positions decide. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(definition: ConsumerDefinition, environment: ConsumerEnvironment) {
    this.definition = definition;
    this.#environment = environment;
  }

  /** Creates what is missing and joins the group. */
  async start(): Promise<void> {
    const { documents, log } = this.#environment;
    await documents.define([deadLetterCollection]);
    await this.#load();
    this.#consumer = log.consume({
      group: this.definition.name,
      topics: this.definition.topics,
      maxBatch: this.definition.maxBatch ?? 500,
      startAfter: async (topic, partition) => {
        await this.#inTurn(() => this.#load());
        return this.#positions.get(key(topic, partition));
      },
      handle: (batch) => this.#inTurn(() => this.#handle(batch)),
      onError: (error) => this.#environment.onError(this.definition.name, error),
    });
  }

  async stop(): Promise<void> {
    await this.#consumer?.stop();
    await this.#turn;
    this.#notify();
  }

  /** The positions handled, one a partition that has any. */
  positions(): readonly ConsumerPosition[] {
    return [...this.#positions.values()];
  }

  /** Waits until all the positions are handled; false when the time is up. */
  async waitFor(targets: readonly ConsumerPosition[], timeoutMs: number): Promise<boolean> {
    const reached = () =>
      targets.every((target) => {
        const current = this.#positions.get(key(target.topic, target.partition));
        return (current?.position ?? 0) >= target.position;
      });
    if (reached()) return true;
    return await new Promise<boolean>((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        this.#waiters.delete(check);
        resolve(result);
      };
      const check = () => {
        if (reached()) finish(true);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#waiters.add(check);
    });
  }

  /** Calls back after every batch, until the returned function is called. */
  onProgress(listener: () => void): () => void {
    this.#waiters.add(listener);
    return () => this.#waiters.delete(listener);
  }

  /** The dead letters and what is parked behind them, oldest first. */
  async deadLetters(stream?: string): Promise<readonly DeadLetterEntry[]> {
    const entries: DeadLetterEntry[] = [];
    const where = { consumer: this.definition.name, ...(stream === undefined ? {} : { stream }) };
    let after: readonly string[] | undefined;
    for (;;) {
      const page = await this.#environment.documents.find(deadLetterCollection.name, {
        where,
        limit: 500,
        ...(after === undefined ? {} : { after }),
      });
      entries.push(...page.map((document) => document['entry'] as unknown as DeadLetterEntry));
      const last = page.at(-1);
      if (last === undefined || page.length < 500) return entries;
      after = [last.id];
    }
  }

  /**
   * Handles a stream's dead letters again, in order, stopping at the first that fails anew.
   * @returns how many were handled and how many remain
   */
  async replay(stream: string): Promise<{ readonly handled: number; readonly remaining: number }> {
    return await this.#inTurn(async () => {
      await this.#load();
      const entries = await this.deadLetters(stream);
      let handled = 0;
      for (const entry of entries) {
        const documents = this.#unit();
        const [decoded] = await this.#environment.codec.decode([entry.recorded]);
        if (decoded === undefined || (await this.#tryApply(decoded, documents)) !== undefined)
          break;
        documents.delete(deadLetterCollection.name, letterId(entry));
        // The checkpoint does not move, but must stand where this process believes: no other one holds the partition.
        const current = this.#positions.get(key(entry.topic, entry.recorded.partition));
        await this.#environment.documents.commit(
          documents.toChange(
            current === undefined
              ? []
              : [
                  {
                    consumer: this.definition.name,
                    ...current,
                    expectedPosition: current.position,
                  },
                ],
          ),
        );
        handled++;
      }
      if (handled === entries.length) this.#parked.delete(stream);
      return { handled, remaining: entries.length - handled };
    });
  }

  async #handle(batch: LogBatch): Promise<void> {
    const done = this.#positions.get(key(batch.topic, batch.partition))?.position ?? 0;
    // Redelivered events are already in the documents.
    const fresh = batch.events.filter((event) => event.position > done);
    if (batch.position <= done) return;
    const decoded = await this.#environment.codec.decode(fresh);
    let from = 0;
    while (from < decoded.length) {
      const failedAt = await this.#applyRun(batch, decoded, from);
      if (failedAt === undefined) return;
      if (failedAt > from) await this.#applyRun(batch, decoded.slice(0, failedAt), from, true);
      const poison = decoded[failedAt];
      if (poison !== undefined) await this.#applyAlone(batch, poison);
      from = failedAt + 1;
    }
    await this.#commit(batch, this.#unit(), batch.position);
  }

  /** Applies events from an index on in one change; returns the index of the first that fails, having written nothing. */
  async #applyRun(
    batch: LogBatch,
    events: readonly (DecodedEvent | UndecodableEvent)[],
    from: number,
    partial = false,
  ): Promise<number | undefined> {
    const documents = this.#unit();
    const run = events.slice(from);
    await this.definition.prefetch?.(
      run.filter((event): event is DecodedEvent => !isUndecodable(event)),
      documents,
    );
    for (const [offset, event] of run.entries()) {
      if (this.#parked.has(event.recorded.stream)) {
        this.#park(batch.topic, event.recorded, documents);
      } else if ((await this.#tryApply(event, documents)) !== undefined) {
        return from + offset;
      }
    }
    const last = events.at(-1)?.recorded.position ?? batch.position;
    await this.#commit(batch, documents, partial ? last : batch.position);
    return undefined;
  }

  async #applyAlone(batch: LogBatch, event: DecodedEvent | UndecodableEvent): Promise<void> {
    const { maxAttempts = 4 } = this.#environment;
    let reason = '';
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt > 1) await pause(20 * 4 ** (attempt - 2));
      const documents = this.#unit();
      const failure = await this.#tryApply(event, documents);
      if (failure === undefined) {
        await this.#commit(batch, documents, event.recorded.position);
        return;
      }
      reason = failure;
    }
    if (this.definition.onPoison === 'wait') {
      throw new Error(`${event.recorded.type} at ${event.recorded.position}: ${reason}`);
    }
    const documents = this.#unit();
    documents.put(
      deadLetterCollection.name,
      this.#letter(batch.topic, event.recorded, reason, false, maxAttempts),
    );
    this.#parked.add(event.recorded.stream);
    await this.#commit(batch, documents, event.recorded.position);
    this.#environment.onError(
      this.definition.name,
      new Error(`dead letter: ${event.recorded.type} at ${event.recorded.position}: ${reason}`),
    );
  }

  /** Returns why the event cannot be handled, or undefined. Failures of the surroundings are thrown. */
  async #tryApply(
    event: DecodedEvent | UndecodableEvent,
    documents: UnitOfWork,
  ): Promise<string | undefined> {
    if (isUndecodable(event)) return event.undecodable;
    try {
      await this.definition.apply(event, documents);
      return undefined;
    } catch (error) {
      if (
        error instanceof TransientError ||
        error instanceof StoreUnavailableError ||
        error instanceof CheckpointConflictError
      ) {
        throw error;
      }
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  }

  async #commit(batch: LogBatch, documents: UnitOfWork, position: number): Promise<void> {
    const id = key(batch.topic, batch.partition);
    const before = this.#positions.get(id)?.position ?? 0;
    if (position <= before) return;
    // Inside a batch the log's cursor is not known; a redelivery from the batch's start is filtered by position.
    const cursor =
      position === batch.position ? batch.cursor : (this.#positions.get(id)?.cursor ?? '');
    const advance = { topic: batch.topic, partition: batch.partition, position, cursor };
    await this.#environment.documents.commit(
      documents.toChange([
        { consumer: this.definition.name, ...advance, expectedPosition: before },
      ]),
    );
    this.#positions.set(id, advance);
    this.#notify();
  }

  #park(topic: string, recorded: RecordedEvent, documents: UnitOfWork): void {
    const reason = `waits for an earlier event of ${recorded.stream}`;
    documents.put(deadLetterCollection.name, this.#letter(topic, recorded, reason, true, 0));
  }

  #letter(
    topic: string,
    recorded: RecordedEvent,
    reason: string,
    parked: boolean,
    attempts: number,
  ): Document {
    const entry: DeadLetterEntry = {
      consumer: this.definition.name,
      topic,
      stream: recorded.stream,
      reason,
      parked,
      attempts,
      failedAt: this.#environment.clock().toISOString(),
      recorded,
    };
    return {
      id: letterId(entry),
      consumer: entry.consumer,
      stream: entry.stream,
      entry: entry as unknown as JsonObject,
    };
  }

  #unit(): UnitOfWork {
    const physical = this.definition.physical;
    return new UnitOfWork(this.#environment.documents, (name) =>
      name === deadLetterCollection.name || physical === undefined ? name : physical(name),
    );
  }

  async #load(): Promise<void> {
    for (const checkpoint of await this.#environment.documents.checkpoints(this.definition.name)) {
      const { topic, partition, position, cursor } = checkpoint;
      this.#positions.set(key(topic, partition), { topic, partition, position, cursor });
    }
    this.#parked.clear();
    for (const entry of await this.deadLetters()) this.#parked.add(entry.stream);
  }

  #notify(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
  }
}

function key(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** Sorts by position inside a partition, so that replay keeps the stream's order. */
function letterId(entry: Pick<DeadLetterEntry, 'consumer' | 'topic' | 'recorded'>): string {
  const position = String(entry.recorded.position).padStart(16, '0');
  return `${entry.consumer}/${entry.topic}/${entry.recorded.partition}/${position}`;
}

async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
