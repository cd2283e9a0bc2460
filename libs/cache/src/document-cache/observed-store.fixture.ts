import { setTimeout as delay } from 'node:timers/promises';
import {
  type Checkpoint,
  type CollectionSpec,
  type Document,
  type DocumentChange,
  type DocumentQuery,
  type DocumentStore,
  StoreUnavailableError,
  type Tenure,
} from '@unionfold/eventsourcing';

/** How an {@link ObservedStore} behaves. */
export interface Behaviour {
  /** How long reads hold what they have read, and commits wait before and after, at most. Milliseconds. */
  readonly slownessMs: number;
  /** The part of commits whose answer is lost: they take effect a little later. 0 to 1. */
  readonly lostAnswers: number;
}

/**
 * A document store that knows which version of each document was the last that could be read: documents have a field
 * `version` that grows. Slow and unreliable at will, from a seed.
 */
export class ObservedStore implements DocumentStore {
  /** Reads that came to the store itself. */
  reads = 0;
  behaviour: Behaviour = { slownessMs: 0, lostAnswers: 0 };
  readonly #inner: DocumentStore;
  readonly #versions = new Map<string, number>();
  readonly #random: () => number;
  readonly #late = new Set<Promise<void>>();

  constructor(inner: DocumentStore, random: () => number) {
    this.#inner = inner;
    this.#random = random;
  }

  /** The version that every read which begins now must give at least. */
  version(collection: string, id: string): number {
    return this.#versions.get(`${collection}/${id}`) ?? 0;
  }

  define(collections: readonly CollectionSpec[]): Promise<void> {
    return this.#inner.define(collections);
  }

  drop(collections: readonly string[]): Promise<void> {
    return this.#inner.drop(collections);
  }

  collections(): Promise<readonly string[]> {
    return this.#inner.collections();
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    this.reads += 1;
    const document = await this.#inner.get(collection, id);
    await this.#dawdle();
    return document;
  }

  async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Document>> {
    this.reads += 1;
    const documents = await this.#inner.getMany(collection, ids);
    await this.#dawdle();
    return documents;
  }

  find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    return this.#inner.find(collection, query);
  }

  count(collection: string, query: DocumentQuery): Promise<number> {
    return this.#inner.count(collection, query);
  }

  async commit(change: DocumentChange): Promise<void> {
    await this.#dawdle();
    if (this.#random() < this.behaviour.lostAnswers) {
      const late = this.#dawdle()
        .then(() => this.#write(change))
        .finally(() => this.#late.delete(late));
      this.#late.add(late);
      throw new StoreUnavailableError('the answer was lost');
    }
    await this.#write(change);
    await this.#dawdle();
  }

  takeOver(consumer: string): Promise<Tenure> {
    return this.#inner.takeOver(consumer);
  }

  checkpoints(consumer: string): Promise<readonly Checkpoint[]> {
    return this.#inner.checkpoints(consumer);
  }

  dropCheckpoints(consumer: string): Promise<void> {
    return this.#inner.dropCheckpoints(consumer);
  }

  /** Resolves when what was answered as lost has taken effect. */
  async settle(): Promise<void> {
    await Promise.all(this.#late);
  }

  close(): Promise<void> {
    return this.settle();
  }

  async #write(change: DocumentChange): Promise<void> {
    await this.#inner.commit(change);
    for (const { collection, document } of change.puts ?? []) {
      const name = `${collection}/${document.id}`;
      const version = Number(document['version']);
      this.#versions.set(name, Math.max(version, this.#versions.get(name) ?? 0));
    }
  }

  async #dawdle(): Promise<void> {
    const { slownessMs } = this.behaviour;
    if (slownessMs > 0) await delay(this.#random() * slownessMs);
  }
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32, Tommy Ettinger, public domain). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
