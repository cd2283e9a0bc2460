import { LRUCache } from 'lru-cache';
import type { Decider } from './decider.ts';
import { streamOf } from './decider.ts';
import type { DomainEvent, EventData, EventMetadata } from './event.ts';
import type { EventCodec } from './event-codec.ts';
import { isUndecodable } from './event-codec.ts';
import type {
  AppendResult,
  CommandReceipt,
  EventStore,
  ExpectedVersion,
  StreamAppend,
} from './event-store.ts';
import { DuplicateReceiptError, type StoredReceipt, VersionConflictError } from './event-store.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';

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
}

interface CachedState {
  readonly version: number;
  readonly state: unknown;
  /** Version of the stored snapshot, 0 without one. */
  readonly snapshotVersion: number;
}

/** Loads, decides and appends, with bounded retry when somebody else was faster. */
export class CommandHandler {
  readonly #options: CommandHandlerOptions;
  readonly #states: LRUCache<string, CachedState>;

  constructor(options: CommandHandlerOptions) {
    this.#options = options;
    this.#states = new LRUCache({ max: options.cachedStates ?? 10_000 });
  }

  /**
   * Carries out one command. The work loads aggregates, lets them decide, and returns the id to tell the caller, or a
   * refusal. All that it decided is appended in one transaction; every stream that it loaded must still be at the
   * version it saw, so a decision never rests on a state that has passed. On a lost race the work runs again: it must
   * have no effects of its own.
   */
  async execute(
    context: CommandContext,
    work: (session: CommandSession) => Promise<string | Refusal>,
  ): Promise<CommandOutcome | Refusal> {
    const { store, maxAttempts = 12 } = this.#options;
    if (context.idempotencyKey !== undefined) {
      const receipt = await store.findReceipt(context.idempotencyKey);
      if (receipt !== undefined) return this.#repeat(receipt, context);
    }
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const session = new CommandSession(this.#options, this.#states);
      const id = await work(session);
      if (isRefusal(id)) return id;
      try {
        return await this.#append(session, id, context);
      } catch (error) {
        if (error instanceof DuplicateReceiptError) return this.#repeat(error.receipt, context);
        if (!(error instanceof VersionConflictError)) throw error;
        await backOff(attempt);
      }
    }
    return refuse('concurrent-change');
  }

  /** Reads the current state of one aggregate, for queries that must see the caller's own writes. */
  async read<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
  ): Promise<{ readonly state: State; readonly version: number }> {
    const aggregate = await new CommandSession(this.#options, this.#states).load(decider, id);
    return { state: aggregate.state, version: aggregate.version };
  }

  async #append(
    session: CommandSession,
    id: string,
    context: CommandContext,
  ): Promise<CommandOutcome> {
    const { store, codec } = this.#options;
    const version = session.primaryVersion;
    const appends = await session.toAppends(context);
    const receipt = receiptOf(context, id, version);
    const changes = appends.some((append) => append.events.length > 0);
    if (!changes && receipt === undefined) return { id, version, positions: [], repeated: false };
    const appended = await store.append(changes ? appends : [], receipt);
    session.keepStates();
    const types = appends.flatMap((append) => append.events.map((event) => event.type));
    return {
      id,
      version,
      positions: lastPositions(appended.filter((_, i) => codec.isPublic(types[i] ?? ''))),
      repeated: false,
    };
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
    const kept = await Promise.all(
      appended.map(async (entry) => {
        const [event] = await this.#options.store.readPartition(
          entry.partition,
          entry.position - 1,
          1,
        );
        return event !== undefined && this.#options.codec.isPublic(event.type) ? [entry] : [];
      }),
    );
    return kept.flat();
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

/** Losers of a race spread out, or they would meet again. */
async function backOff(attempt: number): Promise<void> {
  const milliseconds = attempt < 3 ? 0 : Math.random() * Math.min(2 ** attempt, 200);
  await new Promise<void>((resolve) => {
    if (milliseconds === 0) setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
}

/** One try of one command: what it has loaded and what it means to append. */
export class CommandSession {
  readonly #options: CommandHandlerOptions;
  readonly #states: LRUCache<string, CachedState>;
  readonly #aggregates = new Map<string, LoadedAggregate>();
  readonly #blind: { readonly stream: string; readonly events: readonly DomainEvent[] }[] = [];
  /** The time of the decision. */
  readonly now: Date;

  constructor(options: CommandHandlerOptions, states: LRUCache<string, CachedState>) {
    this.#options = options;
    this.#states = states;
    this.now = options.clock();
  }

  /** A new id, for things that the command creates. */
  newId(): string {
    return this.#options.newId();
  }

  /** Version of the first stream loaded, with what was decided on it. */
  get primaryVersion(): number {
    const [first] = this.#aggregates.values();
    return first === undefined ? 0 : first.version;
  }

  /**
   * Loads an aggregate. Its version is guarded from here to the append, whether or not anything is decided on it.
   * @throws UndecodableStreamError when an event of the stream cannot be read
   */
  async load<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
  ): Promise<Aggregate<State, Command, Event>> {
    const stream = streamOf(decider.aggregate, id);
    const present = this.#aggregates.get(stream);
    if (present !== undefined) return present as Aggregate<State, Command, Event>;
    const start = await this.#start(decider, stream);
    const recorded = await this.#options.store.readStream(stream, start.version + 1);
    let state = start.state;
    for (const decoded of await this.#options.codec.decode(recorded)) {
      if (isUndecodable(decoded)) throw new UndecodableStreamError(stream, decoded.undecodable);
      state = decider.evolve(state, decoded.event as Event);
    }
    const version = start.version + recorded.length;
    const aggregate = new Aggregate(decider, stream, state, version, start.snapshotVersion);
    this.#states.set(stream, { version, state, snapshotVersion: start.snapshotVersion });
    this.#aggregates.set(stream, aggregate);
    return aggregate;
  }

  /**
   * Adds events to a stream without looking at it: for registers where order does not matter and many write at once.
   * Never mix with `load` of the same stream in one command.
   */
  append(aggregate: string, id: string, events: readonly DomainEvent[]): void {
    this.#blind.push({ stream: streamOf(aggregate, id), events });
  }

  /** What the store is asked to do. */
  async toAppends(context: CommandContext): Promise<StreamAppend[]> {
    const { idempotencyKey: _key, fingerprint: _fingerprint, ...origin } = context;
    const metadata: EventMetadata = { ...origin, occurredAt: this.now.toISOString() };
    const planned: { stream: string; expected: ExpectedVersion; events: readonly DomainEvent[] }[] =
      [];
    for (const aggregate of this.#aggregates.values()) {
      planned.push({
        stream: aggregate.stream,
        expected: aggregate.loadedVersion,
        events: aggregate.pending,
      });
    }
    for (const { stream, events } of this.#blind) planned.push({ stream, expected: 'any', events });
    const encoded = await this.#options.codec.encode(planned.flatMap((plan) => plan.events));
    let next = 0;
    return planned.map(({ stream, expected, events }) => ({
      stream,
      expectedVersion: expected,
      events: events.map((): EventData => {
        const event = encoded[next++];
        if (event === undefined)
          throw new Error('the codec returned fewer events than it was given');
        return { id: this.newId(), ...event, metadata };
      }),
    }));
  }

  /** After the append: the states are those of the stream now. Snapshots are taken where they are due. */
  keepStates(): void {
    for (const aggregate of this.#aggregates.values()) {
      const snapshotVersion = aggregate.snapshotIfDue(this.#options.store);
      this.#states.set(aggregate.stream, {
        version: aggregate.version,
        state: aggregate.state,
        snapshotVersion,
      });
    }
  }

  async #start<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    stream: string,
  ): Promise<{ state: State; version: number; snapshotVersion: number }> {
    const cached = this.#states.get(stream);
    if (cached !== undefined) return { ...cached, state: cached.state as State };
    if (decider.snapshot !== undefined) {
      const snapshot = await this.#options.store.loadSnapshot(stream);
      if (snapshot !== undefined && snapshot.schema === decider.snapshot.schema) {
        return {
          state: decider.snapshot.fromJson(snapshot.state),
          version: snapshot.version,
          snapshotVersion: snapshot.version,
        };
      }
    }
    return { state: decider.initialState, version: 0, snapshotVersion: 0 };
  }
}

/** What a session needs of an aggregate whose types it does not know. */
interface LoadedAggregate {
  readonly stream: string;
  readonly loadedVersion: number;
  readonly version: number;
  readonly pending: readonly DomainEvent[];
  readonly state: unknown;
  snapshotIfDue(store: EventStore): number;
}

/** An aggregate in the hands of one command. */
export class Aggregate<State, Command, Event extends DomainEvent> implements LoadedAggregate {
  readonly #decider: Decider<State, Command, Event>;
  readonly #pending: Event[] = [];
  readonly #snapshotVersion: number;
  #state: State;

  constructor(
    decider: Decider<State, Command, Event>,
    readonly stream: string,
    state: State,
    readonly loadedVersion: number,
    snapshotVersion: number,
  ) {
    this.#decider = decider;
    this.#state = state;
    this.#snapshotVersion = snapshotVersion;
  }

  /** The state, with what this command has decided so far. */
  get state(): State {
    return this.#state;
  }

  /** The version, with what this command has decided so far; 0 if the stream does not exist. */
  get version(): number {
    return this.loadedVersion + this.#pending.length;
  }

  get pending(): readonly Event[] {
    return this.#pending;
  }

  /**
   * Refuses when the caller expects another version than the stream has.
   * @param expectedVersion what the caller saw; 0 means that the caller does not care
   */
  expectVersion(expectedVersion: number): Refusal | undefined {
    if (expectedVersion === 0 || expectedVersion === this.loadedVersion) return undefined;
    return refuse('version-conflict', {
      field: 'expectedVersion',
      params: { expected: expectedVersion, actual: this.loadedVersion },
    });
  }

  /** Decides; the events are folded and wait for the append. */
  decide(command: Command): Refusal | undefined {
    const decision = this.#decider.decide(command, this.#state);
    if (isRefusal(decision)) return decision;
    for (const event of decision as readonly Event[]) {
      this.#state = this.#decider.evolve(this.#state, event);
      this.#pending.push(event);
    }
    return undefined;
  }

  snapshotIfDue(store: EventStore): number {
    const policy = this.#decider.snapshot;
    if (policy === undefined || this.version - this.#snapshotVersion < policy.every) {
      return this.#snapshotVersion;
    }
    // A snapshot is a cache: when it cannot be saved, the next command folds a little more.
    store
      .saveSnapshot({
        stream: this.stream,
        version: this.version,
        schema: policy.schema,
        state: policy.toJson(this.#state),
      })
      .catch(() => undefined);
    return this.version;
  }
}

/** An event of a stream cannot be read, so no command on it can be decided. An operator's matter. */
export class UndecodableStreamError extends Error {
  override readonly name = 'UndecodableStreamError';

  constructor(
    readonly stream: string,
    reason: string,
  ) {
    super(`stream ${stream}: ${reason}`);
  }
}
