import { setTimeout as sleep } from 'node:timers/promises';
import { type Aggregate, CommandSession } from './command-session.ts';
import { type Decider, streamOf } from './decider.ts';
import type { DomainEvent, EventMetadata } from './event.ts';
import type { EventCodec } from './event-codec.ts';
import {
  type AppendResult,
  type CommandReceipt,
  DuplicateReceiptError,
  type EventStore,
  type StoredReceipt,
  StoreUnavailableError,
  VersionConflictError,
} from './event-store.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import { StateCache } from './state-cache.ts';
import { Turns } from './turns.ts';

/** Who sends a command, and what ties it to the request it came with. */
export interface CommandContext extends Omit<EventMetadata, 'occurredAt'> {
  /** The same key again returns the first result and appends nothing. Unique per caller: prefix it with the actor. */
  readonly idempotencyKey?: string;
  /** Hash of the command; the same key with another fingerprint is refused. */
  readonly fingerprint?: string;
}

/** Where the last public event of a command went, one entry a partition. */
export interface PartitionPosition {
  readonly partition: number;
  readonly position: number;
}

/** A command that was accepted: its events are durable. */
export interface CommandOutcome {
  /** The id that the work returned. */
  readonly id: string;
  /** Version of the first stream that the work loaded, after the command. */
  readonly version: number;
  /** For clients that want to read what they wrote; empty when nothing public was appended. */
  readonly positions: readonly PartitionPosition[];
  /** True when the idempotency key was known and nothing was done now. */
  readonly repeated: boolean;
}

/** What a command handler is made of. */
export interface CommandHandlerOptions {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly clock: () => Date;
  /** Makes event ids and ids of new things. */
  readonly newId: () => string;
  /** How often a command is decided anew after losing a race, before it is refused as `concurrent-change`. Default 12. */
  readonly maxAttempts?: number;
  /** How many streams' states stay in memory. Default 10,000. */
  readonly cachedStates?: number;
  /**
   * How long a state stays in memory at most: so long may a person whose key was destroyed by another process stay
   * readable here. Milliseconds, default 60,000.
   */
  readonly stateAgeMs?: number;
  /** Told of snapshots that could not be taken; commands are not touched by that. */
  readonly onError?: (error: unknown) => void;
}

/** Loads, decides and appends, with bounded retry when somebody else was faster. */
export class CommandHandler {
  readonly #options: CommandHandlerOptions;
  readonly #states: StateCache;
  readonly #turns = new Turns();

  constructor(options: CommandHandlerOptions) {
    this.#options = options;
    this.#states = new StateCache({
      maxStates: options.cachedStates ?? 10_000,
      maxAgeMs: options.stateAgeMs ?? 60_000,
    });
  }

  /**
   * Carries out one command. The work loads aggregates, lets them decide, and returns the id to tell the caller, or a
   * refusal. All that it decided is appended in one transaction; every stream that it loaded must still be at the
   * version it saw, so no event ever rests on a state that has passed. On a lost race the work runs again: it must
   * have no effects of its own.
   *
   * It runs first on the states that memory holds, as they are: another process may have appended since. Only an append
   * confirms them; whatever else comes of it, a refusal, an error or nothing to do, is looked at again on what the store
   * holds.
   *
   * The losers of a race take turns at the stream that they lost, and whoever comes new lets them go first: a crowd at
   * one aggregate is served one after another instead of colliding again and again. Those that only guard the stream
   * do not queue: they disturb nobody.
   */
  async execute(context: CommandContext, work: CommandWork): Promise<CommandOutcome | Refusal> {
    const { maxAttempts = 12 } = this.#options;
    const known = await this.#findReceipt(context);
    if (known !== undefined) return this.#repeat(known, context);
    const yieldAt = (session: CommandSession) =>
      session.changedStreams().find((stream) => this.#turns.isTaken(stream));
    let outcome = await this.#attempt(context, work, { trustsMemory: true, yieldAt });
    for (let attempts = 1; outcome instanceof LostRace; attempts++) {
      if (attempts >= maxAttempts) return await this.#refuse(refuse('concurrent-change'), context);
      await backOff(attempts);
      outcome = await this.#turns.take(outcome.stream, () => this.#attempt(context, work));
    }
    return outcome;
  }

  /** Reads the current state of one aggregate, for queries that must see the caller's own writes. */
  async read<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
  ): Promise<{ readonly state: State; readonly version: number }> {
    const session = new CommandSession(this.#options, this.#states);
    const aggregate: Aggregate<State, Command, Event> = await session.load(decider, id);
    return { state: aggregate.state, version: aggregate.version };
  }

  /** Has a command's work decide on how things stand now, and appends nothing: for telling what would come of it. */
  async tryOut<T>(work: (session: CommandSession) => Promise<T>): Promise<T> {
    return await work(new CommandSession(this.#options, this.#states));
  }

  /** Drops what memory holds of an aggregate: for when its person's key was destroyed. */
  forget(aggregate: string, id: string): void {
    this.#states.forget(streamOf(aggregate, id));
  }

  async #attempt(
    context: CommandContext,
    work: CommandWork,
    { trustsMemory = false, yieldAt }: AttemptOptions = {},
  ): Promise<CommandOutcome | Refusal | LostRace> {
    const session = new CommandSession(this.#options, this.#states, trustsMemory);
    const outcome = await this.#try(session, context, work, yieldAt);
    return outcome === unconfirmed ? await this.#attempt(context, work, { yieldAt }) : outcome;
  }

  async #try(
    session: CommandSession,
    context: CommandContext,
    work: CommandWork,
    yieldAt: AttemptOptions['yieldAt'],
  ): Promise<CommandOutcome | Refusal | LostRace | typeof unconfirmed> {
    try {
      const id = await work(session);
      if (isRefusal(id)) {
        return session.restsOnMemory ? unconfirmed : await this.#refuse(id, context);
      }
      const taken = yieldAt?.(session);
      if (taken !== undefined) return new LostRace(taken);
      return await this.#append(session, id, context);
    } catch (error) {
      if (error instanceof DuplicateReceiptError) return await this.#repeat(error.receipt, context);
      if (error instanceof VersionConflictError) return new LostRace(error.stream);
      if (session.restsOnMemory && !(error instanceof StoreUnavailableError)) return unconfirmed;
      throw error;
    }
  }

  async #append(
    session: CommandSession,
    id: string,
    context: CommandContext,
  ): Promise<CommandOutcome | typeof unconfirmed> {
    const { store, codec } = this.#options;
    const appends = await session.toAppends(context);
    const version = session.primaryVersion;
    const receipt = receiptOf(context, id, version);
    const types = appends.flatMap((append) => append.events.map((event) => event.type));
    if (types.length === 0 && receipt === undefined) {
      return session.restsOnMemory ? unconfirmed : { id, version, positions: [], repeated: false };
    }
    // Guards go along even when nothing changes: the receipt's answer must not rest on a state that has passed.
    const appended = await store.append(appends, receipt);
    session.keepStates();
    return {
      id,
      version,
      positions: lastPositions(appended.filter((_, i) => codec.isPublic(types[i] ?? ''))),
      repeated: false,
    };
  }

  /**
   * The same command may have been carried out by another call since the key was looked up; what this one was refused
   * for is then its own work.
   */
  async #refuse(refusal: Refusal, context: CommandContext): Promise<CommandOutcome | Refusal> {
    const known = await this.#findReceipt(context);
    return known === undefined ? refusal : await this.#repeat(known, context);
  }

  async #findReceipt({ idempotencyKey }: CommandContext): Promise<StoredReceipt | undefined> {
    return idempotencyKey === undefined
      ? undefined
      : await this.#options.store.findReceipt(idempotencyKey);
  }

  async #repeat(
    receipt: StoredReceipt,
    context: CommandContext,
  ): Promise<CommandOutcome | Refusal> {
    if (receipt.fingerprint !== (context.fingerprint ?? ''))
      return refuse('idempotency-key-reused');
    const { id, version } = receipt.result;
    return {
      id: String(id),
      version: Number(version),
      positions: lastPositions(await this.#publicOnly(receipt.appended)),
      repeated: true,
    };
  }

  /** A receipt does not tell the events' types: they are read again. Repeats are rare. */
  async #publicOnly(appended: AppendResult): Promise<AppendResult> {
    const kept: AppendResult[number][] = [];
    for (const entry of appended) {
      const { partition, position } = entry;
      const [event] = await this.#options.store.readPartition(partition, position - 1, 1);
      if (event !== undefined && this.#options.codec.isPublic(event.type)) kept.push(entry);
    }
    return kept;
  }
}

/** What a command's work decides, in a session that it is given. */
type CommandWork = (session: CommandSession) => Promise<string | Refusal>;

interface AttemptOptions {
  /** Whether memory's states are taken without asking the store for news. */
  readonly trustsMemory?: boolean;
  /** Names a stream at which others come first, if there is one. */
  readonly yieldAt?: ((session: CommandSession) => string | undefined) | undefined;
}

/** Memory was trusted, and no append has shown that it was right. */
const unconfirmed = Symbol('unconfirmed');

/** Somebody else was faster at this stream, or is to be. */
class LostRace {
  readonly stream: string;

  constructor(stream: string) {
    this.stream = stream;
  }
}

function receiptOf(
  context: CommandContext,
  id: string,
  version: number,
): CommandReceipt | undefined {
  if (context.idempotencyKey === undefined) return undefined;
  return {
    key: context.idempotencyKey,
    fingerprint: context.fingerprint ?? '',
    result: { id, version },
  };
}

function lastPositions(appended: AppendResult): PartitionPosition[] {
  const last = new Map<number, number>();
  for (const { partition, position } of appended) {
    last.set(partition, Math.max(position, last.get(partition) ?? 0));
  }
  return [...last].map(([partition, position]) => ({ partition, position }));
}

/** Turns order the losers of this process only: those of several spread out, or they would meet again. */
async function backOff(attempts: number): Promise<void> {
  if (attempts < 3) return;
  await sleep(Math.random() * Math.min(2 ** attempts, 200));
}
