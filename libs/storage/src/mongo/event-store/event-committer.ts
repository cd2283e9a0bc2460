import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AppendedEvent,
  DuplicateReceiptError,
  type StoredReceipt,
  StoreUnavailableError,
  VersionConflictError,
} from '@unionfold/eventsourcing';
import type { ClientSession, Collection } from 'mongodb';
import type { PreparedAppend } from '../../prepared-append.ts';
import type { MongoConnection } from '../connection/mongo-connection.ts';
import { asMongoStoreError, isDuplicateKey, isTransient } from '../connection/mongo-errors.ts';
import { CommitInDoubtError, inTransaction, pauseMs } from '../connection/transaction.ts';
import { runWrites, type WriteOperation } from '../connection/write-command.ts';
import type { WaitingAppend } from './append-queue.ts';
import {
  type EventDocument,
  eventDocument,
  type PartitionDocument,
  partitionAt,
  placeOf,
  type ReceiptDocument,
  receiptDocument,
  storedReceipt,
} from './event-documents.ts';
import { lastVersions } from './last-versions.ts';
import { StreamHeads } from './stream-heads.ts';
import { type ContenderDocument, WriterContention } from './writer-contention.ts';

/** The collections of an event store that an append writes. */
export interface EventCollections {
  readonly events: Collection<EventDocument>;
  readonly partitions: Collection<PartitionDocument>;
  readonly receipts: Collection<ReceiptDocument>;
  readonly contenders: Collection<ContenderDocument>;
}

/** The counter of a partition is not where this process believes: another one has appended. */
class CountersMovedError extends Error {
  override readonly name = 'CountersMovedError';
}

/** So many events of other processes are looked through, a partition; of more, the streams are asked for when needed. */
const mostMissed = 1_000;

/** What a place in a receipt takes, with a stream's long name. */
const receiptPlaceBytes = 1_024;

/** What a batch comes to, if nobody has written meanwhile. */
interface Plan {
  readonly accepted: readonly {
    readonly unit: WaitingAppend;
    readonly appended: AppendedEvent[];
  }[];
  readonly refused: readonly { readonly unit: WaitingAppend; readonly error: Error }[];
  /** Counters after it, of the partitions that it touches. */
  readonly counters: ReadonlyMap<number, number>;
  readonly heads: ReadonlyMap<string, number>;
  readonly events: readonly EventDocument[];
  readonly receipts: readonly ReceiptDocument[];
}

/** Options of reads: none, or the transaction that they belong to. */
type ReadOptions = { readonly session?: ClientSession };

/** It is not known whether a plan was written. */
class WriteInDoubtError extends Error {
  override readonly name = 'WriteInDoubtError';

  readonly plan: Plan;

  constructor(plan: Plan, cause: CommitInDoubtError) {
    super(cause.message, { cause });
    this.plan = plan;
  }
}

/**
 * Writes batches of appends, each batch as one transaction:
 *
 * 1. The batch is decided in memory, on the versions and counters that this process knows.
 * 2. The transaction first moves the counter of every partition that an append or a guard concerns, from the value the
 *    decision rests on. So transactions of one partition come one after the other, positions have no gaps, a guard
 *    cannot be undermined, and a process that decided on old knowledge loses here, before it has written anything.
 * 3. It inserts the events, then the receipts, and commits on a majority; only then is anybody told anything.
 *
 * A loser takes the counters first, whatever they are, looks at what was appended and decides anew within the same
 * transaction: what really conflicts is refused, the rest is written.
 */
export class EventCommitter {
  readonly #connection: MongoConnection;
  readonly #collections: EventCollections;
  readonly #clock: () => Date;
  readonly #heads: StreamHeads;
  readonly #counters: number[];
  /** Partitions whose counter is taken for true. */
  readonly #known = new Set<number>();
  readonly #writer: string;
  #transactions = 0;
  readonly #committed: (events: readonly EventDocument[]) => void;
  readonly #contention: WriterContention;

  constructor(options: {
    readonly connection: MongoConnection;
    readonly collections: EventCollections;
    readonly partitions: number;
    readonly rememberedStreams: number;
    readonly clock: () => Date;
    /** Names this committer in the counters that it moves; unique, and no more than letters, digits and hyphens. */
    readonly writer: string;
    readonly committed: (events: readonly EventDocument[]) => void;
  }) {
    this.#connection = options.connection;
    this.#collections = options.collections;
    this.#clock = options.clock;
    this.#writer = options.writer;
    this.#committed = options.committed;
    this.#contention = new WriterContention(options.collections.contenders);
    this.#counters = new Array(options.partitions).fill(0);
    this.#heads = new StreamHeads(options.partitions, options.rememberedStreams);
  }

  /**
   * Settles all of a batch; never rejects. Batches that have no partition in common may be committed side by side: what
   * is known of a partition is touched by the batch that concerns it, and by no other.
   */
  async commit(batch: readonly WaitingAppend[]): Promise<void> {
    try {
      await this.#commitTogether(batch);
    } catch (error) {
      // One append that the server refuses must not be its neighbours' end.
      if (batch.length > 1 && !isOfSurroundings(error)) {
        for (const unit of batch) await this.commit([unit]);
      } else for (const { reject } of batch) reject(error);
    }
  }

  async #commitTogether(batch: readonly WaitingAppend[]): Promise<void> {
    let until = performance.now() + this.#connection.patienceMs;
    const concerned = partitionsOf(batch);
    const doubt = () => {
      for (const partition of concerned) this.#known.delete(partition);
    };
    const receipts = new Map<string, StoredReceipt>();
    // What a transaction that failed has seen was perhaps not yet a majority's.
    const unlearn = () => {
      doubt();
      receipts.clear();
      for (const partition of concerned) this.#heads.forgetPartition(partition);
    };
    const inDoubt: Plan[] = [];
    let isFresh = false;
    let hasLost = false;
    for (let attempt = 0; ; attempt++) {
      // What is in doubt can happen before the counters are taken, and nothing would tell: then they must not have moved.
      const takesFirst = hasLost && inDoubt.length === 0;
      try {
        const began = performance.now();
        let plan: Plan;
        if (takesFirst) {
          let tries = 0;
          plan = await this.#write(async (session) => {
            if (tries++ > 0) unlearn();
            await this.#take(concerned, session);
            doubt();
            await this.#learn(batch, concerned, true, { session });
            return await this.#planWithReceipts(batch, receipts, { session });
          });
        } else {
          await this.#learn(batch, concerned, attempt > 0, {});
          const written = await this.#findWritten(inDoubt);
          if (written !== undefined) {
            doubt();
            this.#settle(written);
            return;
          }
          plan = await this.#planWithReceipts(batch, receipts, {});
          if (!isFresh && plan.refused.some(({ error }) => callerKnowsMore(error))) {
            isFresh = true;
            doubt();
            continue;
          }
          if (writesAnything(plan)) await this.#write(async () => plan);
        }
        this.#remember(plan);
        this.#settle(plan);
        if (writesAnything(plan)) await this.#contention.won(performance.now() - began);
        return;
      } catch (error) {
        if (takesFirst) unlearn();
        else doubt();
        if (error instanceof WriteInDoubtError) {
          // The doubt has used up the patience that was left; finding out gets some of its own, once.
          if (inDoubt.length === 0) until = performance.now() + this.#connection.patienceMs;
          inDoubt.push(error.plan);
        } else if (isDuplicateKey(error)) {
          // A command was carried out by another process meanwhile, or a stream that was taken for new is not.
          const keys = batch.flatMap(({ append }) => append.receipt?.key ?? []);
          await this.#findReceipts(keys, receipts, {});
        } else if (!(error instanceof CountersMovedError) && !isTransient(error)) {
          throw asMongoStoreError(error);
        }
        if (performance.now() > until) throw unavailable(error);
        if (error instanceof CountersMovedError) {
          hasLost = true;
          await this.#contention.lost();
        }
      }
      await sleep(pauseMs(attempt));
    }
  }

  /**
   * Finds the transaction that has happened among those whose commit was not answered: one at most, because all move
   * the same counters from the same values. While none is found, each can still happen until a counter moves.
   */
  async #findWritten(inDoubt: readonly Plan[]): Promise<Plan | undefined> {
    for (const plan of inDoubt) if (await this.#isWritten(plan)) return plan;
    return undefined;
  }

  async #isWritten({ events: [first], receipts: [receipt] }: Plan): Promise<boolean> {
    const { events, receipts } = this.#collections;
    if (first !== undefined)
      return (await events.findOne({ _id: first._id, id: first.id })) !== null;
    return receipt !== undefined && (await receipts.findOne({ _id: receipt._id })) !== null;
  }

  /** Makes the counters of partitions this transaction's own, whatever they are: who appends to one meanwhile loses. */
  async #take(concerned: readonly number[], session: ClientSession): Promise<void> {
    const operation = {
      q: { _id: { $in: concerned } },
      u: { $inc: { guards: 1 } },
      multi: true,
    };
    const into = this.#in(this.#collections.partitions);
    await runWrites(into, 'update', [{ operation, bytes: 0 }], session);
  }

  /** Learns what is not known of the partitions and streams that a batch concerns. */
  async #learn(
    batch: readonly WaitingAppend[],
    concerned: readonly number[],
    thorough: boolean,
    options: ReadOptions,
  ): Promise<void> {
    await this.#learnCounters(concerned, options);
    await this.#learnVersions(batch, thorough, options);
  }

  async #learnCounters(concerned: readonly number[], options: ReadOptions): Promise<void> {
    const unknown = concerned.filter((partition) => !this.#known.has(partition));
    if (unknown.length === 0) return;
    const found = await this.#collections.partitions
      .find({ _id: { $in: unknown } }, options)
      .toArray();
    const missed = await this.#findMissed(found, options);
    for (const { _id, position } of found) {
      const before = this.#counters[_id] ?? 0;
      const own = missed.get(_id) ?? [];
      // Fewer than the counter tells: they lie too far back to be looked through, or the answer was from before.
      if (own.length !== position - before) this.#heads.forgetPartition(_id);
      else for (const event of own) this.#heads.set(event._id.stream, event._id.version);
      this.#counters[_id] = position;
      this.#known.add(_id);
    }
  }

  /** What other processes have appended to partitions since, in order, unless it is much. */
  async #findMissed(
    found: readonly PartitionDocument[],
    options: ReadOptions,
  ): Promise<ReadonlyMap<number, readonly Pick<EventDocument, '_id'>[]>> {
    const ranges = found.flatMap(({ _id, position }) => {
      const before = this.#counters[_id] ?? 0;
      if (position <= before || position > before + mostMissed) return [];
      return [{ place: { $gt: placeOf(_id, before), $lte: placeOf(_id, position) } }];
    });
    if (ranges.length === 0) return new Map();
    const events = await this.#collections.events
      .find({ $or: ranges }, options)
      .project<Pick<EventDocument, '_id' | 'place'>>({ place: 1 })
      .sort({ place: 1 })
      .toArray();
    return Map.groupBy(events, ({ place }) => partitionAt(place));
  }

  async #learnVersions(
    batch: readonly WaitingAppend[],
    thorough: boolean,
    options: ReadOptions,
  ): Promise<void> {
    const unknown = new Set<string>();
    for (const { append } of batch) {
      for (const { stream, expectedVersion, events: own } of append.streams) {
        const isNew = expectedVersion === 0 && own.length > 0;
        // A stream that is to be new is taken for new: its first event's key tells if it is not.
        if (this.#heads.get(stream) === undefined && (thorough || !isNew)) unknown.add(stream);
      }
    }
    if (unknown.size === 0) return;
    const { database } = this.#in(this.#collections.events);
    const found = await lastVersions(database, [...unknown], options);
    for (const stream of unknown) this.#heads.set(stream, found.get(stream) ?? 0);
  }

  /** Plans; looks up the receipts of what would be refused, because a repeated command is told its first result. */
  async #planWithReceipts(
    batch: readonly WaitingAppend[],
    known: Map<string, StoredReceipt>,
    options: ReadOptions,
  ): Promise<Plan> {
    const plan = this.#plan(batch, known);
    const unsure = plan.refused.flatMap(({ unit }) => {
      const key = unit.append.receipt?.key;
      return key === undefined || known.has(key) ? [] : [key];
    });
    if (unsure.length === 0) return plan;
    if (!(await this.#findReceipts(unsure, known, options))) return plan;
    return this.#plan(batch, known);
  }

  async #findReceipts(
    keys: readonly string[],
    known: Map<string, StoredReceipt>,
    options: ReadOptions,
  ): Promise<boolean> {
    const documents = await this.#collections.receipts
      .find({ _id: { $in: [...keys] } }, options)
      .toArray();
    for (const document of documents) known.set(document._id, storedReceipt(document));
    return documents.length > 0;
  }

  #plan(batch: readonly WaitingAppend[], known: ReadonlyMap<string, StoredReceipt>): Plan {
    const recordedAt = this.#clock();
    const accepted: { unit: WaitingAppend; appended: AppendedEvent[] }[] = [];
    const refused: { unit: WaitingAppend; error: Error }[] = [];
    const counters = new Map<number, number>();
    const heads = new Map<string, number>();
    const events: EventDocument[] = [];
    const receipts: ReceiptDocument[] = [];
    const own = new Map<string, StoredReceipt>();
    const versionOf = (stream: string) => heads.get(stream) ?? this.#heads.get(stream) ?? 0;
    for (const unit of batch) {
      const { streams, receipt } = unit.append;
      const before = receipt && (known.get(receipt.key) ?? own.get(receipt.key));
      const refusal =
        before === undefined
          ? conflictOf(unit.append, versionOf)
          : new DuplicateReceiptError(before);
      if (refusal !== undefined) {
        refused.push({ unit, error: refusal });
        continue;
      }
      const appended: AppendedEvent[] = [];
      for (const { stream, partition, events: added } of streams) {
        let version = versionOf(stream);
        let position = counters.get(partition) ?? this.#counters[partition] ?? 0;
        for (const event of added) {
          version += 1;
          position += 1;
          const place = { stream, version, partition, position };
          appended.push(place);
          events.push(eventDocument(place, event, recordedAt));
        }
        counters.set(partition, position);
        heads.set(stream, version);
      }
      accepted.push({ unit, appended });
      if (receipt === undefined) continue;
      const document = receiptDocument(receipt, appended, recordedAt);
      receipts.push(document);
      own.set(receipt.key, storedReceipt(document));
    }
    return { accepted, refused, counters, heads, events, receipts };
  }

  /** Writes what is decided, in one transaction with the deciding. */
  async #write(decide: (session: ClientSession) => Promise<Plan>): Promise<Plan> {
    let decided: Plan | undefined;
    try {
      return await inTransaction(this.#connection, async (session) => {
        decided = await decide(session);
        await this.#insert(decided, session);
        return decided;
      });
    } catch (error) {
      if (error instanceof CommitInDoubtError && decided !== undefined) {
        throw new WriteInDoubtError(decided, error);
      }
      if (isDuplicateKey(error)) {
        for (const stream of decided?.heads.keys() ?? []) this.#heads.forget(stream);
      }
      throw error;
    }
  }

  async #insert(plan: Plan, session: ClientSession): Promise<void> {
    const { events, partitions, receipts } = this.#collections;
    if (plan.counters.size > 0) {
      const by = `${this.#writer}/${++this.#transactions}`;
      const moves = [...plan.counters].map(([partition, position]) => ({
        operation: {
          q: { _id: partition, position: this.#counters[partition] ?? 0 },
          u:
            position === this.#counters[partition]
              ? { $inc: { guards: 1 } }
              : { $set: { position, by } },
        },
        bytes: 0,
      }));
      const matched = await runWrites(this.#in(partitions), 'update', moves, session);
      if (matched < moves.length) throw new CountersMovedError('a counter has moved');
    }
    if (plan.events.length > 0) {
      await runWrites(this.#in(events), 'insert', plan.events.map(eventInsert), session);
    }
    if (plan.receipts.length > 0) {
      await runWrites(this.#in(receipts), 'insert', plan.receipts.map(receiptInsert), session);
    }
  }

  #in({ dbName, collectionName: name }: { dbName: string; collectionName: string }) {
    return { database: this.#connection.client.db(dbName), name };
  }

  #remember(plan: Plan): void {
    for (const [partition, position] of plan.counters) this.#counters[partition] = position;
    for (const [stream, version] of plan.heads) this.#heads.set(stream, version);
  }

  #settle(plan: Plan): void {
    this.#committed(plan.events);
    for (const { unit, appended } of plan.accepted) unit.resolve(appended);
    for (const { unit, error } of plan.refused) unit.reject(error);
  }
}

function writesAnything({ counters, receipts }: Plan): boolean {
  return counters.size > 0 || receipts.length > 0;
}

function partitionsOf(batch: readonly WaitingAppend[]): readonly number[] {
  const partitions = new Set<number>();
  for (const { append } of batch) {
    for (const { partition } of append.streams) partitions.add(partition);
  }
  return [...partitions];
}

function eventInsert(operation: EventDocument): WriteOperation {
  return { operation, bytes: 3 * (operation.data.length + operation._id.stream.length) };
}

function receiptInsert(operation: ReceiptDocument): WriteOperation {
  const places = operation.appended.length * receiptPlaceBytes;
  return { operation, bytes: 3 * operation.result.length + places };
}

function conflictOf(
  { streams }: PreparedAppend,
  versionOf: (stream: string) => number,
): VersionConflictError | undefined {
  for (const { stream, expectedVersion } of streams) {
    const actual = versionOf(stream);
    if (expectedVersion !== 'any' && expectedVersion !== actual) {
      return new VersionConflictError(stream, expectedVersion, actual);
    }
  }
  return undefined;
}

/** The caller has seen a version that this process has not: another process has appended. */
function callerKnowsMore(error: Error): boolean {
  return error instanceof VersionConflictError && error.expected > error.actual;
}

function unavailable(error: unknown): StoreUnavailableError {
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreUnavailableError(`the append could not be settled in time: ${reason}`, {
    cause: error,
  });
}

/** Whether each append by itself would fail in the same way. */
function isOfSurroundings(error: unknown): boolean {
  return error instanceof StoreUnavailableError;
}
