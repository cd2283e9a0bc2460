import { type Decider, type SnapshotPolicy, streamOf } from './decider.ts';
import type { DomainEvent, EventData, EventMetadata } from './event.ts';
import { type EventCodec, isUndecodable } from './event-codec.ts';
import type { EventStore, ExpectedVersion, StreamAppend } from './event-store.ts';
import { isRefusal, type Refusal, refuse } from './refusal.ts';
import type { StateCache } from './state-cache.ts';

/** What a session works with. */
export interface CommandSessionOptions {
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly clock: () => Date;
  readonly newId: () => string;
  readonly onError?: (error: unknown) => void;
}

interface Entry {
  readonly decider: object;
  readonly loading: Promise<LoadedAggregate>;
  /** Present when loaded. */
  aggregate: LoadedAggregate | undefined;
}

/** What the events of a stream are folded onto. */
interface Start<State> {
  readonly state: State;
  readonly version: number;
  readonly snapshotVersion: number;
  readonly since: number;
  /** Whether memory held it. */
  readonly isKept: boolean;
}

/** One try of one command: what it has loaded and what it means to append. */
export class CommandSession {
  readonly #options: CommandSessionOptions;
  readonly #states: StateCache;
  readonly #epoch: number;
  readonly #trustsMemory: boolean;
  readonly #entries = new Map<string, Entry>();
  readonly #blind = new Map<string, DomainEvent[]>();
  /** Nobody else has them: what is named by one does not exist yet. */
  readonly #newIds = new Set<string>();
  #restsOnMemory = false;
  /** The time of the decision. */
  readonly now: Date;

  /** @param trustsMemory whether states that memory holds are taken as they are, without asking the store for news */
  constructor(options: CommandSessionOptions, states: StateCache, trustsMemory = false) {
    this.#options = options;
    this.#states = states;
    this.#epoch = states.epoch;
    this.#trustsMemory = trustsMemory;
    this.now = options.clock();
  }

  /** A new id, for things that the command creates. */
  newId(): string {
    const id = this.#options.newId();
    this.#newIds.add(id);
    return id;
  }

  /** Version of the first stream asked for, with what was decided on it; 0 when none was. */
  get primaryVersion(): number {
    const [first] = this.#entries.values();
    return first?.aggregate?.version ?? 0;
  }

  /** Whether a state may be another than the store's: nothing holds that an append has not confirmed. */
  get restsOnMemory(): boolean {
    return this.#restsOnMemory;
  }

  /** The streams that were loaded and decided on. */
  changedStreams(): string[] {
    return [...this.#entries].flatMap(([stream, { aggregate }]) =>
      aggregate === undefined || aggregate.pending.length === 0 ? [] : [stream],
    );
  }

  /**
   * Loads an aggregate. Its version is guarded from here to the append, whether or not anything is decided on it. The
   * same aggregate again, even while it is being loaded, is the same object.
   * @param hints.isLikelyNew nearly always there is no such stream yet: where memory is trusted, it is taken for new
   *   without a question, and the append tells
   * @throws UndecodableStreamError when an event of the stream cannot be read
   * @throws Error when the session has appended to the stream without looking, or loaded it with another decider
   */
  async load<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
    { isLikelyNew = false }: { readonly isLikelyNew?: boolean } = {},
  ): Promise<Aggregate<State, Command, Event>> {
    const stream = streamOf(decider.aggregate, id);
    let entry = this.#entries.get(stream);
    if (entry === undefined) {
      if (this.#blind.has(stream)) throw mixed(stream);
      // Noted before the first await: two loads at once must not make two aggregates, of which one is lost.
      const loading = this.#newIds.has(id)
        ? Promise.resolve(this.#absent(decider, stream))
        : this.#load(decider, stream, isLikelyNew);
      const made: Entry = { decider, loading, aggregate: undefined };
      this.#entries.set(stream, made);
      loading.then(
        (aggregate) => {
          made.aggregate = aggregate;
        },
        () => undefined,
      );
      entry = made;
    } else if (entry.decider !== decider) {
      throw new Error(`stream ${stream} is loaded with another decider already`);
    }
    return (await entry.loading) as Aggregate<State, Command, Event>;
  }

  /**
   * Adds events to a stream without looking at it: for registers where order does not matter and many write at once.
   * @throws Error when the session has loaded the stream: its version could not be guarded
   */
  append(aggregate: string, id: string, events: readonly DomainEvent[]): void {
    const stream = streamOf(aggregate, id);
    if (this.#entries.has(stream)) throw mixed(stream);
    const present = this.#blind.get(stream);
    if (present === undefined) this.#blind.set(stream, [...events]);
    else present.push(...events);
  }

  /** What the store is asked to do. */
  async toAppends(origin: Omit<EventMetadata, 'occurredAt'>): Promise<StreamAppend[]> {
    const planned: { stream: string; expected: ExpectedVersion; events: readonly DomainEvent[] }[] =
      [];
    for (const { loading } of this.#entries.values()) {
      const { stream, loadedVersion, pending } = await loading;
      planned.push({ stream, expected: loadedVersion, events: pending });
    }
    for (const [stream, events] of this.#blind) {
      if (events.length > 0) planned.push({ stream, expected: 'any', events });
    }
    const wanted = planned.flatMap((plan) => plan.events);
    const encoded = wanted.length === 0 ? [] : await this.#options.codec.encode(wanted);
    const metadata = metadataOf(origin, this.now);
    let next = 0;
    return planned.map(({ stream, expected, events }) => ({
      stream,
      expectedVersion: expected,
      events: events.map((): EventData => {
        const event = encoded[next++];
        if (event === undefined)
          throw new Error('the codec returned fewer events than it was given');
        return { id: this.#options.newId(), ...event, metadata };
      }),
    }));
  }

  /**
   * After the append: the states are those of the streams now, and snapshots are taken where they are due. Never
   * throws, because the command is durable already.
   */
  keepStates(): void {
    for (const { decider, aggregate } of this.#entries.values()) {
      if (aggregate === undefined) continue;
      const { stream, version, state, since } = aggregate;
      const snapshotVersion = this.#snapshotIfDue(aggregate);
      this.#states.keep(stream, { decider, version, state, snapshotVersion, since }, this.#epoch);
    }
  }

  #absent<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    stream: string,
  ): LoadedAggregate {
    const begun = { snapshotVersion: 0, since: this.#states.now() };
    return new Aggregate(decider, stream, decider.initialState, 0, begun);
  }

  async #load<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    stream: string,
    isLikelyNew: boolean,
  ): Promise<LoadedAggregate> {
    if (isLikelyNew && this.#trustsMemory && this.#states.get(stream, decider) === undefined) {
      this.#restsOnMemory = true;
      return this.#absent(decider, stream);
    }
    const start = await this.#start(decider, stream);
    if (this.#trustsMemory && start.isKept) {
      this.#restsOnMemory = true;
      return new Aggregate(decider, stream, start.state, start.version, start);
    }
    const recorded = await this.#options.store.readStream(stream, start.version + 1);
    let { state, version } = start;
    for (const decoded of await this.#options.codec.decode(recorded)) {
      if (isUndecodable(decoded)) throw new UndecodableStreamError(stream, decoded.undecodable);
      version += 1;
      if (decoded.recorded.version !== version) {
        throw new UndecodableStreamError(
          stream,
          `version ${decoded.recorded.version} stands where ${version} should`,
        );
      }
      state = decider.evolve(state, decoded.event as Event);
    }
    const { snapshotVersion, since } = start;
    this.#states.keep(stream, { decider, version, state, snapshotVersion, since }, this.#epoch);
    return new Aggregate(decider, stream, state, version, { snapshotVersion, since });
  }

  async #start<State, Command, Event extends DomainEvent>(
    decider: Decider<State, Command, Event>,
    stream: string,
  ): Promise<Start<State>> {
    const since = this.#states.now();
    const kept = this.#states.get(stream, decider);
    if (kept !== undefined) return { ...kept, state: kept.state as State, isKept: true };
    if (decider.snapshot !== undefined) {
      const snapshot = await this.#options.store.loadSnapshot(stream);
      if (snapshot !== undefined && snapshot.schema === decider.snapshot.schema) {
        return {
          state: decider.snapshot.fromJson(snapshot.state),
          version: snapshot.version,
          snapshotVersion: snapshot.version,
          since,
          isKept: false,
        };
      }
    }
    return { state: decider.initialState, version: 0, snapshotVersion: 0, since, isKept: false };
  }

  /** Returns the version of the newest snapshot. */
  #snapshotIfDue(aggregate: LoadedAggregate): number {
    const { snapshot, snapshotVersion, stream, version, state } = aggregate;
    if (snapshot === undefined || version - snapshotVersion < snapshot.every) {
      return snapshotVersion;
    }
    // A snapshot is a cache: when it cannot be made or saved, later commands fold a little more.
    const { store, onError } = this.#options;
    const save = async () => {
      const { schema } = snapshot;
      await store.saveSnapshot({ stream, version, schema, state: snapshot.toJson(state) });
    };
    save().catch((error: unknown) => onError?.(error));
    return version;
  }
}

function mixed(stream: string): Error {
  return new Error(`stream ${stream} is both loaded and appended to blindly in one command`);
}

/** Named one by one: whatever else a caller's object carries does not belong into the log. */
function metadataOf(origin: Omit<EventMetadata, 'occurredAt'>, now: Date): EventMetadata {
  const { actor, correlationId, causationId, traceparent } = origin;
  return {
    actor,
    correlationId,
    ...(causationId === undefined ? {} : { causationId }),
    ...(traceparent === undefined ? {} : { traceparent }),
    occurredAt: now.toISOString(),
  };
}

/** What a session needs of an aggregate whose types it does not know. */
interface LoadedAggregate {
  readonly stream: string;
  readonly loadedVersion: number;
  readonly version: number;
  readonly pending: readonly DomainEvent[];
  readonly state: unknown;
  readonly snapshot: Pick<SnapshotPolicy<unknown>, 'schema' | 'every' | 'toJson'> | undefined;
  readonly snapshotVersion: number;
  readonly since: number;
}

/** An aggregate in the hands of one command. */
export class Aggregate<State, Command, Event extends DomainEvent> implements LoadedAggregate {
  readonly #decider: Decider<State, Command, Event>;
  readonly #pending: Event[] = [];
  readonly snapshotVersion: number;
  readonly since: number;
  #state: State;

  constructor(
    decider: Decider<State, Command, Event>,
    readonly stream: string,
    state: State,
    readonly loadedVersion: number,
    begun: Pick<LoadedAggregate, 'snapshotVersion' | 'since'>,
  ) {
    this.#decider = decider;
    this.#state = state;
    this.snapshotVersion = begun.snapshotVersion;
    this.since = begun.since;
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

  get snapshot(): LoadedAggregate['snapshot'] {
    const policy = this.#decider.snapshot;
    if (policy === undefined) return undefined;
    return { ...policy, toJson: (state) => policy.toJson(state as State) };
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
    for (const event of decision) {
      this.#state = this.#decider.evolve(this.#state, event);
      this.#pending.push(event);
    }
    return undefined;
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
