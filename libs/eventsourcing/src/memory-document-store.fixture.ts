import {
  type Checkpoint,
  CheckpointConflictError,
  type CollectionSpec,
  type Document,
  type DocumentChange,
  type DocumentQuery,
  type DocumentStore,
  type Tenure,
  TenureEndedError,
} from './document-store.ts';

type Operation = Exclude<keyof DocumentStore, 'close'>;

/** The document store port in memory, as far as consumers and projections use it. */
export class MemoryDocumentStore implements DocumentStore {
  readonly documents = new Map<string, Map<string, Document>>();
  readonly #checkpoints = new Map<string, Checkpoint>();
  readonly #epochs = new Map<string, number>();
  /** Called before every operation with what it is about; throws to let it fail with nothing done. */
  before: (operation: Operation, subject: unknown) => void = () => undefined;
  /** Called after every operation; throws to let its answer be lost. */
  after: (operation: Operation, subject: unknown) => void = () => undefined;

  define(collections: readonly CollectionSpec[]): Promise<void> {
    return this.#do('define', collections, () => {
      for (const { name } of collections) {
        if (!this.documents.has(name)) this.documents.set(name, new Map());
      }
    });
  }

  drop(collections: readonly string[]): Promise<void> {
    return this.#do('drop', collections, () => {
      for (const name of collections) this.documents.delete(name);
    });
  }

  collections(): Promise<readonly string[]> {
    return this.#do('collections', undefined, () => [...this.documents.keys()]);
  }

  get(collection: string, id: string): Promise<Document | undefined> {
    return this.#do('get', collection, () => this.#of(collection).get(id));
  }

  getMany(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    return this.#do('getMany', collection, () => {
      const documents = this.#of(collection);
      return new Map(
        ids.flatMap((id) => {
          const document = documents.get(id);
          return document === undefined ? [] : [[id, document] as const];
        }),
      );
    });
  }

  find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    return this.#do('find', collection, () => {
      const after = query.after?.[0] ?? '';
      return [...this.#of(collection).values()]
        .filter((document) =>
          Object.entries(query.where ?? {}).every(([field, value]) => document[field] === value),
        )
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .filter(({ id }) => id > String(after))
        .slice(0, query.limit);
    });
  }

  async count(collection: string, query: DocumentQuery): Promise<number> {
    return (await this.find(collection, query)).length;
  }

  commit(change: DocumentChange): Promise<void> {
    return this.#do('commit', change, () => {
      const { tenure } = change;
      if (tenure !== undefined && tenure.epoch !== this.#epochs.get(tenure.consumer)) {
        throw new TenureEndedError(tenure.consumer, tenure.epoch);
      }
      for (const advance of change.checkpoints ?? []) {
        const { consumer, topic, partition, expectedPosition } = advance;
        const current = this.#checkpoints.get(placeOf(advance))?.position ?? 0;
        if (current !== expectedPosition)
          throw new CheckpointConflictError(consumer, topic, partition);
      }
      for (const { collection, field, from, to } of change.rewrites ?? []) {
        for (const document of this.#of(collection).values()) {
          const path = document[field];
          if (typeof path !== 'string' || !path.startsWith(from)) continue;
          const moved = { ...document, [field]: to + path.slice(from.length) };
          this.#of(collection).set(document.id, moved);
        }
      }
      for (const { collection, document } of change.puts ?? []) {
        this.#of(collection).set(document.id, JSON.parse(JSON.stringify(document)));
      }
      for (const { collection, id } of change.deletes ?? []) this.#of(collection).delete(id);
      for (const { expectedPosition: _, ...checkpoint } of change.checkpoints ?? []) {
        this.#checkpoints.set(placeOf(checkpoint), checkpoint);
      }
    });
  }

  takeOver(consumer: string): Promise<Tenure> {
    return this.#do('takeOver', consumer, () => {
      const epoch = (this.#epochs.get(consumer) ?? 0) + 1;
      this.#epochs.set(consumer, epoch);
      return { consumer, epoch };
    });
  }

  checkpoints(consumer: string): Promise<readonly Checkpoint[]> {
    return this.#do('checkpoints', consumer, () =>
      [...this.#checkpoints.values()].filter((checkpoint) => checkpoint.consumer === consumer),
    );
  }

  dropCheckpoints(consumer: string): Promise<void> {
    return this.#do('dropCheckpoints', consumer, () => {
      for (const [place, checkpoint] of this.#checkpoints) {
        if (checkpoint.consumer === consumer) this.#checkpoints.delete(place);
      }
    });
  }

  async close(): Promise<void> {}

  /** Documents of a collection by id. */
  all(collection: string): Record<string, Document> {
    return Object.fromEntries(this.#of(collection));
  }

  async #do<T>(operation: Operation, subject: unknown, work: () => T): Promise<T> {
    await new Promise((resolve) => setImmediate(resolve));
    this.before(operation, subject);
    const result = work();
    this.after(operation, subject);
    return result;
  }

  #of(collection: string): Map<string, Document> {
    const documents = this.documents.get(collection);
    if (documents === undefined) throw new Error(`no collection ${collection}`);
    return documents;
  }
}

function placeOf({ consumer, topic, partition }: Omit<Checkpoint, 'position' | 'cursor'>): string {
  return `${consumer} ${topic} ${partition}`;
}
