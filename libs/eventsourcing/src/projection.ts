import { type ConsumerEnvironment, type ConsumerPosition, ConsumerRunner } from './consumer.ts';
import type { CollectionSpec, Document, DocumentQuery, DocumentStore } from './document-store.ts';
import type { DecodedEvent } from './event-codec.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** A read model: collections of documents, written by events alone. */
export interface Projection {
  /** Letters, digits, `-`. */
  readonly name: string;
  /** A new number means that the documents look different: they are rebuilt at the next start. */
  readonly version: number;
  readonly topics: readonly string[];
  readonly collections: readonly CollectionSpec[];
  /** Largest batch while following, and while rebuilding. Defaults 500 and 5,000. */
  readonly maxBatch?: number;
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
}

/** The collection that says which generation of each projection is live and which is being built. */
const generations = { name: 'projection_generations', indexes: [] } as const;

interface GenerationRecord {
  readonly live: number;
  readonly version: number;
  readonly building?: number;
  readonly buildingVersion?: number;
}

/**
 * Runs a projection. A rebuild fills a new generation of the collections from the beginning of the log, in parts that
 * survive a restart, while the live one serves; when it has caught up it takes over in one write.
 */
export class ProjectionRunner implements ReadModel {
  readonly projection: Projection;
  readonly #environment: ConsumerEnvironment;
  #record: GenerationRecord = { live: 1, version: 1 };
  #live: ConsumerRunner | undefined;
  #building: ConsumerRunner | undefined;
  #swap: Promise<void> | undefined;
  #retired: readonly string[] = [];

  constructor(projection: Projection, environment: ConsumerEnvironment) {
    this.projection = projection;
    this.#environment = environment;
  }

  /** Starts following; takes up a rebuild that was under way, and begins one if the version has changed. */
  async start(): Promise<void> {
    const { documents } = this.#environment;
    await documents.define([generations]);
    const stored = await documents.get(generations.name, this.projection.name);
    this.#record =
      stored === undefined
        ? { live: 1, version: this.projection.version }
        : (stored as unknown as GenerationRecord);
    if (stored === undefined) await this.#save(this.#record);
    await this.#dropRetired();
    const changed = this.#record.version !== this.projection.version;
    if (!changed) {
      this.#live = this.#runner(this.#record.live, this.projection.maxBatch ?? 500);
      await this.#define(this.#record.live);
      await this.#live.start();
    }
    if (changed && this.#record.buildingVersion !== this.projection.version) {
      await this.rebuild();
    } else if (this.#record.building !== undefined) {
      await this.#build(this.#record.building);
    }
  }

  async stop(): Promise<void> {
    await this.#building?.stop();
    await this.#swap;
    await this.#live?.stop();
  }

  /**
   * Begins a rebuild; one under way is begun anew.
   * @returns the generation being built
   */
  async rebuild(): Promise<number> {
    await this.#building?.stop();
    const abandoned = this.#record.building;
    const generation = (abandoned ?? this.#record.live) + 1;
    await this.#save({
      live: this.#record.live,
      version: this.#record.version,
      building: generation,
      buildingVersion: this.projection.version,
    });
    if (abandoned !== undefined) await this.#dropGeneration(abandoned);
    await this.#build(generation);
    return generation;
  }

  /** How far a rebuild is, or undefined when none runs. */
  rebuilding(): RebuildProgress | undefined {
    if (this.#building === undefined || this.#record.building === undefined) return undefined;
    return { generation: this.#record.building, positions: this.#building.positions() };
  }

  /** Resolves when no rebuild runs any more. */
  async rebuilt(): Promise<void> {
    await this.#swap;
  }

  /** Whether the collections have the shape that this code expects. */
  get current(): boolean {
    return this.#record.version === this.projection.version;
  }

  /** The consumer that serves. Undefined while a changed version is built for the first time. */
  get consumer(): ConsumerRunner | undefined {
    return this.#live;
  }

  positions(): readonly ConsumerPosition[] {
    return this.#live?.positions() ?? [];
  }

  /** Waits until the live documents hold everything up to these positions; false when the time is up. */
  async waitFor(targets: readonly ConsumerPosition[], timeoutMs: number): Promise<boolean> {
    return (await this.#live?.waitFor(targets, timeoutMs)) ?? false;
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

  /** A read that meets a generation being retired is made again on its successor. */
  async #read<T>(
    work: (store: DocumentStore, name: (collection: string) => string) => Promise<T>,
  ): Promise<T> {
    const generation = this.#record.live;
    const name = (collection: string) => this.#physical(generation, collection);
    try {
      return await work(this.#environment.documents, name);
    } catch (error) {
      if (this.#record.live === generation) throw error;
      return await this.#read(work);
    }
  }

  async #build(generation: number): Promise<void> {
    await this.#define(generation);
    const runner = this.#runner(generation, this.projection.rebuildBatch ?? 5_000);
    this.#building = runner;
    await runner.start();
    this.#swap = new Promise<void>((resolve, reject) => {
      let checking = false;
      const check = () => {
        if (checking || this.#building !== runner) return;
        checking = true;
        this.#caughtUp(runner)
          .then(async (caughtUp) => {
            checking = false;
            if (!caughtUp || this.#building !== runner) return;
            this.#building = undefined;
            stopListening();
            await this.#takeOver(generation, runner);
            resolve();
          })
          .catch((error: unknown) => {
            this.#environment.onError(runner.definition.name, error);
            reject(error);
          });
      };
      const stopListening = runner.onProgress(check);
      check();
    });
    // Failures were told to onError; nobody has to wait for the swap.
    this.#swap.catch(() => undefined);
  }

  async #caughtUp(runner: ConsumerRunner): Promise<boolean> {
    const reached = new Map(
      runner.positions().map((p) => [`${p.topic}/${p.partition}`, p.position]),
    );
    for (const topic of this.projection.topics) {
      const heads = await this.#environment.log.heads(topic);
      for (const [partition, head] of heads.entries()) {
        if ((reached.get(`${topic}/${partition}`) ?? 0) < head) return false;
      }
    }
    return true;
  }

  async #takeOver(generation: number, runner: ConsumerRunner): Promise<void> {
    const before = this.#live;
    const retired = this.#record.live;
    this.#live = runner;
    await this.#save({ live: generation, version: this.projection.version });
    await before?.stop();
    await this.#dropGeneration(retired);
  }

  /** What a crash between taking over and dropping has left. */
  async #dropRetired(): Promise<void> {
    const prefix = `${this.projection.name}_g`;
    const kept = [this.#record.live, this.#record.building].map((g) => `${prefix}${g}_`);
    const names = await this.#environment.documents.collections();
    this.#retired = names.filter(
      (name) => name.startsWith(prefix) && !kept.some((keep) => name.startsWith(keep)),
    );
    if (this.#retired.length > 0) await this.#environment.documents.drop(this.#retired);
  }

  async #dropGeneration(generation: number): Promise<void> {
    const { documents } = this.#environment;
    await documents.drop(
      this.projection.collections.map((c) => this.#physical(generation, c.name)),
    );
    await documents.dropCheckpoints(this.#consumerName(generation));
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
    return new ConsumerRunner(
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
  }

  async #save(record: GenerationRecord): Promise<void> {
    await this.#environment.documents.commit({
      puts: [{ collection: generations.name, document: { id: this.projection.name, ...record } }],
    });
    this.#record = record;
  }

  #consumerName(generation: number): string {
    return `${this.projection.name}_g${generation}`;
  }

  #physical(generation: number, collection: string): string {
    return `${this.projection.name}_g${generation}_${collection}`;
  }
}
