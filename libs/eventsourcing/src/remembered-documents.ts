import { LRUCache } from 'lru-cache';
import type { Document, DocumentChange, DocumentStore } from './document-store.ts';

/** Documents remembered at most, some megabytes. */
const most = 10_000;

/**
 * The documents of a consumer that is the only one to write them: what it has read or written need not be read again, as
 * long as its tenure lasts. Whoever takes over makes its next change fail; then all is forgotten.
 */
export class RememberedDocuments implements Pick<DocumentStore, 'getMany'> {
  readonly #store: Pick<DocumentStore, 'getMany'>;
  readonly #known = new LRUCache<string, Document>({ max: most });

  constructor(store: Pick<DocumentStore, 'getMany'>) {
    this.#store = store;
  }

  async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Document>> {
    const found = new Map<string, Document>();
    const unknown: string[] = [];
    for (const id of ids) {
      const document = this.#known.get(key(collection, id));
      if (document === undefined) unknown.push(id);
      else found.set(id, document);
    }
    if (unknown.length === 0) return found;
    for (const [id, document] of await this.#store.getMany(collection, unknown)) {
      this.#known.set(key(collection, id), document);
      found.set(id, document);
    }
    return found;
  }

  /** To be told of every change, once the store has it. */
  committed({ rewrites = [], puts = [], deletes = [] }: DocumentChange): void {
    // Moves touch documents that nobody has named.
    if (rewrites.length > 0) this.forget();
    for (const { collection, document } of puts) {
      this.#known.set(key(collection, document.id), document);
    }
    for (const { collection, id } of deletes) this.#known.delete(key(collection, id));
  }

  forget(): void {
    this.#known.clear();
  }
}

function key(collection: string, id: string): string {
  return `${collection}/${id}`;
}
