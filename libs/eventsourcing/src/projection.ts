import { setTimeout as sleep } from 'node:timers/promises';
import { ConsumerRunner } from './consumer.ts';
import type { ConsumerEnvironment, ConsumerPosition } from './consumer-definition.ts';
import { DeadLetters, deadLetterCollection } from './dead-letters.ts';
import type { CollectionSpec, Document, DocumentQuery, DocumentStore } from './document-store.ts';
import type { DecodedEvent } from './event-codec.ts';
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

/** The collection that says which generation of each projection is live and which is being built. */
const generations = { name: 'projection_generations', indexes: [] } as const;

interface GenerationRecord {
  readonly live: number;
  /** Version of the live generation. */
  readonly version: number;
  readonly building?: number;
  readonly buildingVersion?: number;
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
 * survive a restart, while the live one serves; when it has caught up it takes over in one write.
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
  readonly #listeners = new Set<() => void>();
  /** Whatever changes the record, one at a time. */
  readonly #turns = new Turns();
  #record: GenerationRecord = { live: 1, version: 1 };
  #live: ConsumerRunner | undefined;
  #building: Build | undefined;
  /** Resolves when the last build has taken over or was abandoned. */
  #ended: Promise<void> | undefined;
  #stopped = false;

  constructor(projection: Projection, environment: ConsumerEnvironment) {
    this.projection = projection;
    this.#environment = environment;
  }

  /** Starts following; takes up a rebuild that was under way, and begins one if the version has changed. */
  async start(): Promise<void> {
    await this.#inTurn(async () => {
      const { documents } = this.#environment;
      await documents.define([generations, deadLetterCollection]);
      const stored = await documents.get(generations.name, this.projection.name);
      if (stored === undefined) await this.#save({ live: 1, version: this.projection.version });
      else this.#record = stored as unknown as GenerationRecord;
      const { live, version, building, buildingVersion } = this.#record;
      const goesOn = building !== undefined && buildingVersion === this.projection.version;
      // Filled by other code up to here: going on with this one's would mix two shapes.
      if (building !== undefined && !goesOn) await this.#save({ live, version });
      await this.#clearRetired();
      if (this.current) {
        await this.#define(live);
        this.#live = this.#runner(live, this.projection.maxBatch ?? 500);
        await this.#live.start();
      }
      if (goesOn) await this.#build(building);
      else if (!this.current) await this.#rebuild();
    });
  }

  /** Stops following; a rebuild under way goes on at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#abandonBuild();
    await this.#inTurn(async () => {
      await this.#abandonBuild();
      await this.#live?.stop();
    });
    await this.rebuilt();
    this.#notify();
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
    return this.#record.version === this.projection.version;
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

  /**
   * Waits until the live documents hold everything up to these positions, whichever generation is live by then; false
   * when the time is up, or when the projection stops before.
   */
  async waitFor(targets: readonly ConsumerPosition[], timeoutMs: number): Promise<boolean> {
    const reached = () => this.#live?.hasReached(targets) ?? false;
    if (reached()) return true;
    if (this.#stopped) return false;
    return await new Promise<boolean>((resolve) => {
      const finish = (result: boolean) => {
        clearTimeout(timer);
        this.#listeners.delete(check);
        resolve(result);
      };
      const check = () => {
        if (reached()) finish(true);
        else if (this.#stopped) finish(false);
      };
      const timer = setTimeout(() => finish(false), timeoutMs);
      this.#listeners.add(check);
    });
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
      const generation = this.#record.live;
      try {
        const result = await work(this.#environment.documents, (collection) =>
          this.#physical(generation, collection),
        );
        if (this.#record.live === generation) return result;
      } catch (error) {
        if (this.#record.live === generation) throw error;
      }
    }
  }

  async #rebuild(): Promise<number> {
    if (this.#stopped) throw new Error(`projection ${this.projection.name} has stopped`);
    await this.#abandonBuild();
    const { live, version, building } = this.#record;
    const generation = Math.max(live, building ?? 0) + 1;
    // A crash may have left a checkpoint of an earlier one of this number: it would skip events.
    await this.#clear(generation);
    const buildingVersion = this.projection.version;
    await this.#save({ live, version, building: generation, buildingVersion });
    if (building !== undefined) await this.#clear(building);
    await this.#build(generation);
    return generation;
  }

  /** Its documents stay; it depends on the record whether the next build goes on with them. */
  async #abandonBuild(): Promise<void> {
    this.#building?.abandoned.abort();
    await this.#building?.runner.stop();
  }

  async #build(generation: number): Promise<void> {
    await this.#define(generation);
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
    const before = this.#live;
    const retired = this.#record.live;
    const swap = async (): Promise<boolean> => {
      if (build.abandoned.signal.aborted) return false;
      // The old one stands still here. A successor behind it would take back what readers have seen.
      const seen = before?.positions() ?? [];
      if (!(await build.runner.waitFor(seen, drawLevelMs))) return false;
      await this.#save({ live: build.generation, version: this.projection.version });
      this.#live = build.runner;
      this.#building = undefined;
      return true;
    };
    if (!(await (before === undefined ? swap() : before.whilePaused(swap)))) return false;
    this.#notify();
    try {
      await before?.stop();
      await this.#clear(retired);
    } catch (error) {
      // It is live all the same; the next start clears what is left of the old one.
      this.#environment.onError(build.runner.definition.name, error);
    }
    return true;
  }

  /** Clears what a crash has left of generations that neither serve nor are being built. */
  async #clearRetired(): Promise<void> {
    const { live, building } = this.#record;
    const prefix = `${this.projection.name}_g`;
    const remains = new Set<number>();
    for (const name of await this.#environment.documents.collections()) {
      if (!name.startsWith(prefix)) continue;
      const generation = Number.parseInt(name.slice(prefix.length), 10);
      if (generation !== live && generation !== building) remains.add(generation);
    }
    for (const generation of remains) await this.#clear(generation);
  }

  /** Removes all of a generation, its collections last. */
  async #clear(generation: number): Promise<void> {
    const { documents } = this.#environment;
    const consumer = this.#consumerName(generation);
    await documents.dropCheckpoints(consumer);
    await new DeadLetters(consumer, documents).clear();
    const prefix = this.#physical(generation, '');
    const names = (await documents.collections()).filter((name) => name.startsWith(prefix));
    if (names.length > 0) await documents.drop(names);
  }

  async #define(generation: number): Promise<void> {
    await this.#environment.documents.define(
      this.projection.collections.map((spec) => ({
        ...spec,
        name: this.#physical(generation, spec.name),
      })),
    );
  }

  #runner(generation: number, maxBatch: number): ConsumerRunner {
    const { topics, apply, prefetch } = this.projection;
    const runner = new ConsumerRunner(
      {
        name: this.#consumerName(generation),
        topics,
        onPoison: 'park',
        maxBatch,
        physical: (collection) => this.#physical(generation, collection),
        apply,
        ...(prefetch === undefined ? {} : { prefetch }),
      },
      this.#environment,
    );
    runner.onProgress(() => this.#notify());
    return runner;
  }

  async #save(record: GenerationRecord): Promise<void> {
    await this.#environment.documents.commit({
      puts: [{ collection: generations.name, document: { id: this.projection.name, ...record } }],
    });
    this.#record = record;
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take('', work);
  }

  #consumerName(generation: number): string {
    return `${this.projection.name}_g${generation}`;
  }

  #physical(generation: number, collection: string): string {
    return `${this.projection.name}_g${generation}_${collection}`;
  }
}
