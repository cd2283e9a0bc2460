import type { CheckpointAdvance, DocumentStore } from './document-store.ts';

/** The collection that says which generation of each projection is live and which is being built. */
export const generations = { name: 'projection_generations', indexes: [] } as const;

/** Which generations of a projection there are. */
export interface Generations {
  readonly live: number;
  /** Version of the live generation. */
  readonly version: number;
  readonly building?: number;
  readonly buildingVersion?: number;
}

/**
 * The record of a projection's generations, that all processes of a read model share. A change is decided on what the
 * record holds and written only if nobody has decided another one meanwhile: deciding is a tenure of its own.
 */
export class GenerationRecord {
  readonly #projection: string;
  readonly #documents: DocumentStore;

  constructor(projection: string, documents: DocumentStore) {
    this.#projection = projection;
    this.#documents = documents;
  }

  async read(): Promise<Generations | undefined> {
    const stored = await this.#documents.get(generations.name, this.#projection);
    if (stored === undefined) return undefined;
    const { id: _, ...record } = stored;
    return record as unknown as Generations;
  }

  /**
   * Changes the record.
   * @param decide is given the record as it stands and returns the next one, or undefined to leave it
   * @param standing checkpoints that must not have moved
   * @returns the record as it stands afterwards
   * @throws TenureEndedError when another process was faster; CheckpointConflictError when a checkpoint has moved
   */
  async change(
    decide: (current: Generations | undefined) => Generations | undefined,
    standing: readonly CheckpointAdvance[] = [],
  ): Promise<Generations | undefined> {
    const tenure = await this.#documents.takeOver(`${this.#projection}_generations`);
    const current = await this.read();
    const next = decide(current);
    if (next === undefined) return current;
    await this.#documents.commit({
      tenure,
      puts: [{ collection: generations.name, document: { id: this.#projection, ...next } }],
      checkpoints: standing,
    });
    return next;
  }
}
