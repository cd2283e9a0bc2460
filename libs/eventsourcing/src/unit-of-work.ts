import type {
  CheckpointAdvance,
  Document,
  DocumentChange,
  DocumentStore,
} from './document-store.ts';

interface Entry {
  document: Document | undefined;
  dirty: boolean;
}

/**
 * The documents that one batch of events reads and writes. Reads see what the batch has written before; everything goes
 * to the store in one change, so a document that a thousand events touch is written once.
 */
export class UnitOfWork {
  readonly #store: DocumentStore;
  readonly #physical: (collection: string) => string;
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #rewrites: { collection: string; field: string; from: string; to: string }[] = [];

  /** @param physical maps the projection's collection names to those of the generation being written */
  constructor(store: DocumentStore, physical: (collection: string) => string = (name) => name) {
    this.#store = store;
    this.#physical = physical;
  }

  /** Reads documents that will be needed, in one go. */
  async prefetch(collection: string, ids: Iterable<string>): Promise<void> {
    const entries = this.#of(collection);
    const missing = [...new Set(ids)].filter((id) => !entries.has(id));
    if (missing.length === 0) return;
    const found = await this.#store.getMany(this.#physical(collection), missing);
    for (const id of missing) {
      entries.set(id, { document: this.#moved(collection, found.get(id)), dirty: false });
    }
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    const entry = this.#of(collection).get(id);
    if (entry !== undefined) return entry.document;
    await this.prefetch(collection, [id]);
    return this.#of(collection).get(id)?.document;
  }

  put(collection: string, document: Document): void {
    this.#of(collection).set(document.id, { document, dirty: true });
  }

  delete(collection: string, id: string): void {
    this.#of(collection).set(id, { document: undefined, dirty: true });
  }

  /** Moves a subtree: replaces the path prefix in every document that has it, read or not. */
  rewrite(collection: string, field: string, from: string, to: string): void {
    this.#rewrites.push({ collection, field, from, to });
    for (const entry of this.#of(collection).values()) {
      entry.document = withPath(entry.document, field, from, to);
    }
  }

  /** Everything to be written. */
  toChange(checkpoints: readonly CheckpointAdvance[]): DocumentChange {
    const puts: { collection: string; document: Document }[] = [];
    const deletes: { collection: string; id: string }[] = [];
    for (const [name, entries] of this.#entries) {
      const collection = this.#physical(name);
      for (const [id, entry] of entries) {
        if (!entry.dirty) continue;
        if (entry.document === undefined) deletes.push({ collection, id });
        else puts.push({ collection, document: entry.document });
      }
    }
    const rewrites = this.#rewrites.map((rewrite) => ({
      ...rewrite,
      collection: this.#physical(rewrite.collection),
    }));
    return { rewrites, puts, deletes, checkpoints };
  }

  #of(collection: string): Map<string, Entry> {
    let entries = this.#entries.get(collection);
    if (entries === undefined) {
      entries = new Map();
      this.#entries.set(collection, entries);
    }
    return entries;
  }

  /** The store does not know yet of the moves of this batch: a document read after them is moved here. */
  #moved(collection: string, document: Document | undefined): Document | undefined {
    let current = document;
    for (const rewrite of this.#rewrites) {
      if (rewrite.collection !== collection) continue;
      current = withPath(current, rewrite.field, rewrite.from, rewrite.to);
    }
    return current;
  }
}

function withPath(
  document: Document | undefined,
  field: string,
  from: string,
  to: string,
): Document | undefined {
  const path = document?.[field];
  if (document === undefined || typeof path !== 'string' || !path.startsWith(from)) return document;
  return { ...document, [field]: to + path.slice(from.length) };
}
