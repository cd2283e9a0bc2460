import { setTimeout as sleep } from 'node:timers/promises';
import { ConsumerRunner } from './consumer.ts';
import type { ConsumerEnvironment, ConsumerPosition } from './consumer-definition.ts';
import { deadLetterCollection } from './dead-letters.ts';
import {
  type Checkpoint,
  CheckpointConflictError,
  type CollectionSpec,
  type Document,
  type DocumentQuery,
  type DocumentStore,
  TenureEndedError,
} from './document-store.ts';
import type { DecodedEvent } from './event-codec.ts';
import { GenerationDocuments } from './generation-documents.ts';
import { GenerationRecord, type Generations, generations } from './generation-record.ts';
import { Listeners } from './listeners.ts';
import { Turns } from './turns.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** A read model: collections of documents, written by events alone. */
export interface Projection {
  /** Letters, digits, `-`. */
  readonly name: string;
  /** A new number means that the documents look different: they are rebuilt at the next start. */
  readonly version: number;
  readonly topics: readonly string[];
  readonly collections: readonly CollectionSpec[];
  /** Largest batch while following. Default 500. */
  readonly maxBatch?: number;
  /** Largest batch while rebuilding. Default 10,000: a document that many events touch is written once a batch. */
  readonly rebuildBatch?: number;
  readonly prefetch?: (events: readonly DecodedEvent[], documents: UnitOfWork) => Promise<void>;
  readonly apply: (event: DecodedEvent, documents: UnitOfWork) => Promise<void>;
}

/** Reads of a projection's collections, always of the generation that is live. */
export interface ReadModel {
  get(collection: string, id: string): Promise<Document | undefined>;
  getMany(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Document>>;
  find(collection: string, query: DocumentQuery): Promise<readonly Document[]>;
  count(collection: string, query: DocumentQuery): Promise<number>;
}

/** Progress of a rebuild. */
export interface RebuildProgress {
  readonly generation: number;
  readonly positions: readonly ConsumerPosition[];
  /** Why it could not take over when it last tried; absent when nothing is wrong. It goes on trying. */
  readonly failure?: unknown;
}

/** A generation being filled. */
interface Build {
  readonly generation: number;
  readonly runner: ConsumerRunner;
  readonly abandoned: AbortController;
  failure: unknown;
}

/** How long a rebuild waits for a state of the log that it saw, before it looks again. Milliseconds. */
const lookAgainMs = 1_000;
/** How long the live generation is held back for the new one to draw level. Milliseconds. */
const drawLevelMs = 2_000;
/** Pause after a failure to take over. Milliseconds. */
const restMs = 500;

/**
 * Runs a projection. A rebuild fills a new generation of the collections from the beginning of the log, in parts that
 * survive a restart, while the live one serves; when it has caught up it takes over in one write. Several processes
 * may run the same projection on one document store: one of them writes, all of them read, wait and may ask for a
 * rebuild, and what is live is what the shared record says.
 *
 * What a crash leaves at each point of a rebuild:
 * 1. before the record names the new generation: nothing of it, or remains that are cleared before its number is used;
 * 2. while it is filled: its documents and checkpoints, from which the next start goes on, if the version is the same;
 * 3. after the record names it live: the old one's remains, which the next start clears. Its collections go last,
 *    because by them the remains are found.
 */
export class ProjectionRunner implements ReadModel {
  readonly projection: Projection;
  readonly #environment: ConsumerEnvironment;
  readonly #listeners = new Listeners();
  readonly #record: GenerationRecord;
  readonly #documents: GenerationDocuments;
  /** Whatever changes the generations, one at a time. */
  readonly #turns = new Turns();
  readonly #stopping = new AbortController();
  #generations: Generations = { live: 1, version: 1 };
  #live: ConsumerRunner | undefined;
  #building: Build | undefined;
  /** Resolves when the last build has taken over or was abandoned. */
  #ended: Promise<void> | undefined;
  /** What goes on beside: looking at what peers decide, clearing what they no longer read. */
  readonly #besides = new Set<Promise<void>>();

  constructor(projection: Projection, environment: ConsumerEnvironment) {
    this.projection = projection;
    this.#environment = environment;
    this.#record = new GenerationRecord(projection.name, environment.documents);
    this.#documents = new GenerationDocuments(projection, environment.documents);
  }

  /** Starts following; takes up a rebuild that was under way, and begins one if the version has changed. */
  async start(): Promise<void> {
    const { documents, peers } = this.#environment;
    await this.#inTurn(async () => {
      await documents.define([generations, deadLetterCollection]);
      const stored = await this.#decide((current) => {
        const { version: mine } = this.projection;
        if (current === undefined) return { live: 1, version: mine };
        const { live, version, building, buildingVersion } = current;
        // Filled by other code up to here: going on with this one's would mix two shapes.
        const isForeign = building !== undefined && buildingVersion !== mine;
        return isForeign ? { live, version } : undefined;
      });
      if (peers === undefined) await this.#clearRemains();
      await this.#adopt(stored);
      // Begun anew with this code, which may have been rolled back: what it reads must be of its shape.
      if (!this.current && this.#building === undefined) await this.#rebuild();
    });
    if (peers === undefined) return;
    this.#beside(() => this.#lookOn(peers.lookMs));
    this.#beside(() => this.#afterGrace(() => this.#clearRemains()));
  }

  /** Stops following; a rebuild under way goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#abandonBuild();
    await this.#inTurn(async () => {
      await this.#abandonBuild();
      await this.#live?.stop();
    });
    await this.rebuilt();
    await Promise.all(this.#besides);
    this.#listeners.notify();
  }

  /**
   * Begins a rebuild; one under way is begun anew.
   * @returns the generation being built
   */
  async rebuild(): Promise<number> {
    return await this.#inTurn(() => this.#rebuild());
  }

  /** How far a rebuild is, or undefined when none runs. */
  rebuilding(): RebuildProgress | undefined {
    if (this.#building === undefined) return undefined;
    const { generation, runner, failure } = this.#building;
    const positions = runner.positions();
    return { generation, positions, ...(failure === undefined ? {} : { failure }) };
  }

  /** Resolves when no rebuild runs any more, and what it has replaced is cleared. */
  async rebuilt(): Promise<void> {
    let ended: Promise<void> | undefined;
    do {
      ended = this.#ended;
      await ended;
    } while (ended !== this.#ended);
  }

  /** Whether the collections have the shape that this code expects. */
  get current(): boolean {
    return this.#generations.version === this.projection.version;
  }

  /** The consumer that serves. Undefined while a changed version is built for the first time. */
  get consumer(): ConsumerRunner | undefined {
    return this.#live;
  }

  /** The consumer that fills a new generation, while a rebuild runs. */
  get builder(): ConsumerRunner | undefined {
    return this.#building?.runner;
  }

  positions(): readonly ConsumerPosition[] {
    return this.#live?.positions() ?? [];
  }

  /** Looks at how far other processes are, with the live generation and with one being built. */
  async look(): Promise<void> {
    await this.#live?.look();
    await this.#building?.runner.look();
  }

  /**
   * Waits until the live documents hold everything up to these positions, whichever generation is live by then; false
   * when the time is up, or when the projection stops before.
   */
  async waitFor(targets: readonly ConsumerPosition[], timeoutMs: number): Promise<boolean> {
    let watched: ConsumerRunner | undefined;
    let unwatch: (() => void) | undefined;
    const outcome = () => {
      if (this.#live?.hasReached(targets) === true) return true;
      if (this.#stopped) return false;
      if (this.#live !== watched) {
        unwatch?.();
        watched = this.#live;
        unwatch = watched?.watch(targets);
      }
      return undefined;
    };
    try {
      return outcome() ?? (await this.#listeners.waitFor(outcome, timeoutMs));
    } finally {
      unwatch?.();
    }
  }

  get(collection: string, id: string): Promise<Document | undefined> {
    return this.#read((store, name) => store.get(name(collection), id));
  }

  getMany(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    return this.#read((store, name) => store.getMany(name(collection), ids));
  }

  find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    return this.#read((store, name) => store.find(name(collection), query));
  }

  count(collection: string, query: DocumentQuery): Promise<number> {
    return this.#read((store, name) => store.count(name(collection), query));
  }

  /**
   * A read that meets a generation being retired is made again on its successor, also when it seems to have succeeded:
   * of a collection half dropped, some stores answer what is left.
   */
  async #read<T>(
    work: (store: DocumentStore, name: (collection: string) => string) => Promise<T>,
  ): Promise<T> {
    for (;;) {
      const generation = this.#generations.live;
      try {
        const result = await work(this.#environment.documents, (collection) =>
          this.#documents.collection(generation, collection),
        );
        if (this.#generations.live === generation) return result;
      } catch (error) {
        if (this.#generations.live === generation && !(await this.#isRetired(generation))) {
          throw error;
        }
      }
    }
  }

  /** Whether another process has replaced a generation, which this one has not noticed yet. */
  async #isRetired(generation: number): Promise<boolean> {
    if (this.#environment.peers === undefined || this.#stopped) return false;
    const before = this.#generations.live;
    await this.#lookAtRecord().catch(() => undefined);
    return before === generation && this.#generations.live !== generation;
  }

  async #rebuild(): Promise<number> {
    if (this.#stopped) throw new Error(`projection ${this.projection.name} has stopped`);
    await this.#abandonBuild();
    const buildingVersion = this.projection.version;
    for (;;) {
      const { live, building } = await this.#stored();
      const generation = Math.max(live, building ?? 0) + 1;
      // A crash may have left a checkpoint of an earlier one of this number: it would skip events.
      await this.#documents.clear(generation);
      const next = await this.#decide((current) =>
        current?.live === live && current.building === building
          ? { live, version: current.version, building: generation, buildingVersion }
          : undefined,
      );
      if (next.building !== generation) continue;
      if (building !== undefined) await this.#documents.clear(building);
      await this.#adopt(next);
      return generation;
    }
  }

  /** The generations as the store has them. */
  async #stored(): Promise<Generations> {
    return (await this.#record.read()) ?? this.#generations;
  }

  /** Changes the record; another process that was faster is no failure, but what it has decided is looked at. */
  async #decide(
    next: (current: Generations | undefined) => Generations | undefined,
  ): Promise<Generations> {
    for (;;) {
      try {
        const decided = await this.#record.change(next);
        if (decided === undefined) throw new Error(`${this.projection.name} has no generations`);
        return decided;
      } catch (error) {
        if (!(error instanceof TenureEndedError)) throw error;
      }
    }
  }

  /** Does what the record says, whoever has written it. */
  async #adopt(next: Generations): Promise<void> {
    const changed = this.#live === undefined || next.live !== this.#generations.live;
    this.#generations = next;
    if (changed) {
      const replaced = this.#live;
      const build = this.#building;
      if (build?.generation === next.live) {
        build.abandoned.abort();
        this.#building = undefined;
        this.#live = build.runner;
      } else {
        this.#live = this.current ? await this.#follow(next.live) : undefined;
      }
      this.#listeners.notify();
      await replaced?.stop();
    }
    if (this.#building !== undefined && this.#building.generation !== next.building) {
      await this.#abandonBuild();
      this.#building = undefined;
    }
    if (this.#building !== undefined) return;
    if (next.building !== undefined) {
      // One of another version is built by processes that have its code.
      if (next.buildingVersion === this.projection.version) await this.#build(next.building);
    } else if (next.version < this.projection.version) await this.#rebuild();
    // A newer one is left: where code of two versions runs side by side, the newer is being deployed.
  }

  async #follow(generation: number): Promise<ConsumerRunner> {
    await this.#documents.define(generation);
    const runner = this.#runner(generation, this.projection.maxBatch ?? 500);
    await runner.start();
    return runner;
  }

  async #lookOn(lookMs: number): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await sleep(lookMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#lookAtRecord().catch((error: unknown) => {
        this.#environment.onError(this.projection.name, error);
      });
    }
  }

  async #lookAtRecord(): Promise<void> {
    const { live, building } = await this.#stored();
    if (live === this.#generations.live && building === this.#generations.building) return;
    await this.#inTurn(async () => {
      const stored = await this.#record.read();
      if (stored !== undefined && !this.#stopped) await this.#adopt(stored);
    });
  }

  /** Its documents stay; it depends on the record whether the next build goes on with them. */
  async #abandonBuild(): Promise<void> {
    this.#building?.abandoned.abort();
    await this.#building?.runner.stop();
  }

  async #build(generation: number): Promise<void> {
    await this.#documents.define(generation);
    const runner = this.#runner(generation, this.projection.rebuildBatch ?? 10_000);
    await runner.start();
    const build: Build = {
      generation,
      runner,
      abandoned: new AbortController(),
      failure: undefined,
    };
    this.#building = build;
    this.#ended = this.#finish(build).finally(() => {
      if (this.#building === build) this.#building = undefined;
    });
  }

  /** Waits until a build has caught up and lets it take over; tries until it is done or abandoned. Never rejects. */
  async #finish(build: Build): Promise<void> {
    const { runner, abandoned } = build;
    while (!abandoned.signal.aborted) {
      try {
        const heads = await this.#heads();
        // Under load the log is always a little ahead: what counts is a state of it that was seen.
        const caughtUp = await runner.waitFor(heads, lookAgainMs);
        build.failure = undefined;
        if (caughtUp && (await this.#inTurn(() => this.#takeOver(build)))) return;
      } catch (error) {
        // What another process does to the record or to the live generation is looked at again.
        if (error instanceof TenureEndedError || error instanceof CheckpointConflictError) continue;
        build.failure = error;
        this.#environment.onError(runner.definition.name, error);
        await sleep(restMs, undefined, { signal: abandoned.signal }).catch(() => undefined);
      }
    }
  }

  async #heads(): Promise<ConsumerPosition[]> {
    const heads: ConsumerPosition[] = [];
    for (const topic of this.projection.topics) {
      for (const [partition, position] of (await this.#environment.log.heads(topic)).entries()) {
        heads.push({ topic, partition, position });
      }
    }
    return heads;
  }

  async #takeOver(build: Build): Promise<boolean> {
    const { documents } = this.#environment;
    const { live: retired } = this.#generations;
    const before = this.#live;
    const swap = async (): Promise<boolean> => {
      if (build.abandoned.signal.aborted) return false;
      // The old one stands still here. A successor behind it would take back what readers have seen.
      const seen = await documents.checkpoints(this.#documents.consumer(retired));
      if (!(await build.runner.waitFor(seen, drawLevelMs))) return false;
      const next = await this.#record.change(
        (current) =>
          current?.building === build.generation
            ? { live: build.generation, version: this.projection.version }
            : undefined,
        seen.map(unmoved),
      );
      if (next?.live !== build.generation) return false;
      this.#generations = next;
      this.#live = build.runner;
      this.#building = undefined;
      return true;
    };
    const pause = async (): Promise<boolean> => {
      // Another process may be writing it: its next batch is refused, and until it has begun anew it stands still.
      await documents.takeOver(this.#documents.consumer(retired));
      return await swap();
    };
    if (!(await (before?.isActive === true ? before.whilePaused(swap) : pause()))) return false;
    this.#listeners.notify();
    try {
      await before?.stop();
      if (this.#environment.peers === undefined) await this.#documents.clear(retired);
      else this.#beside(() => this.#afterGrace(() => this.#documents.clear(retired)));
    } catch (error) {
      // It is live all the same; the next start clears what is left of the old one.
      this.#environment.onError(build.runner.definition.name, error);
    }
    return true;
  }

  async #clearRemains(): Promise<void> {
    await this.#documents.clearRemains(() => this.#stored());
  }

  /** Does something when all peers have noticed; not at all when this process stops before. */
  async #afterGrace(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#stopping;
    const graceMs = this.#environment.peers?.graceMs ?? 0;
    const isOver = sleep(graceMs, true, { signal }).catch(() => false);
    if (!(await isOver)) return;
    await work().catch((error: unknown) => this.#environment.onError(this.projection.name, error));
  }

  #beside(work: () => Promise<void>): void {
    const running = work().finally(() => this.#besides.delete(running));
    this.#besides.add(running);
  }

  #runner(generation: number, maxBatch: number): ConsumerRunner {
    const { topics, apply, prefetch } = this.projection;
    const runner = new ConsumerRunner(
      {
        name: this.#documents.consumer(generation),
        topics,
        onPoison: 'park',
        // Documents are deltas over events of several partitions and topics.
        exclusive: true,
        maxBatch,
        physical: (collection) => this.#documents.collection(generation, collection),
        apply,
        ...(prefetch === undefined ? {} : { prefetch }),
      },
      this.#environment,
    );
    runner.onProgress(() => this.#listeners.notify());
    return runner;
  }

  /** Calls back after every batch of this process, and at every change of generation, until the returned function is called. */
  onProgress(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take('', work);
  }
}

/** An advance to where the checkpoint stands: it is refused when the checkpoint has moved. */
function unmoved(checkpoint: Checkpoint) {
  return { ...checkpoint, expectedPosition: checkpoint.position };
}
