import { DeadLetters } from './dead-letters.ts';
import type { DocumentStore } from './document-store.ts';
import type { Generations } from './generation-record.ts';
import type { Projection } from './projection.ts';

/** What belongs to each generation of a projection in its document store: collections, checkpoints, dead letters. */
export class GenerationDocuments {
  readonly #projection: Projection;
  readonly #documents: DocumentStore;

  constructor(projection: Projection, documents: DocumentStore) {
    this.#projection = projection;
    this.#documents = documents;
  }

  /** The name under which a generation is consumed. */
  consumer(generation: number): string {
    return `${this.#projection.name}_g${generation}`;
  }

  /** A collection's name in a generation. */
  collection(generation: number, name: string): string {
    return `${this.consumer(generation)}_${name}`;
  }

  async define(generation: number): Promise<void> {
    await this.#documents.define(
      this.#projection.collections.map((spec) => ({
        ...spec,
        name: this.collection(generation, spec.name),
      })),
    );
  }

  /** Removes all of a generation, its collections last. */
  async clear(generation: number): Promise<void> {
    const consumer = this.consumer(generation);
    await this.#documents.dropCheckpoints(consumer);
    await new DeadLetters(consumer, this.#documents).clear();
    const prefix = this.collection(generation, '');
    const names = (await this.#documents.collections()).filter((name) => name.startsWith(prefix));
    if (names.length > 0) await this.#documents.drop(names);
  }

  /** Clears what a crash has left of generations that neither serve nor are being built. */
  async clearRemains(read: () => Promise<Generations>): Promise<void> {
    const prefix = `${this.#projection.name}_g`;
    const names = await this.#documents.collections();
    // Read after the names: a generation stands in the record before it has collections.
    const { live, building } = await read();
    const remains = new Set<number>();
    for (const name of names) {
      if (!name.startsWith(prefix)) continue;
      const generation = Number.parseInt(name.slice(prefix.length), 10);
      if (generation !== live && generation !== building) remains.add(generation);
    }
    for (const generation of remains) await this.clear(generation);
  }
}
