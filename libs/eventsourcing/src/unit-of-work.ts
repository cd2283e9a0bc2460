import type {
  CheckpointAdvance,
  Document,
  DocumentChange,
  DocumentStore,
  PathRewrite,
} from './document-store.ts';

/** What the unit knows of a document. */
interface Entry {
  readonly document: Document | undefined;
  readonly dirty: boolean;
}

/** Where a unit reads what it does not know yet. */
interface Source {
  getMany(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Document>>;
}

/**
 * The documents that one batch of events reads and writes. Reads see what the batch has written before; everything goes
 * to the store in one change, so a document that a thousand events touch is written once.
 */
export class UnitOfWork {
  readonly #source: Source;
  readonly #physical: (collection: string) => string;
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #rewrites: PathRewrite[] = [];
  /** The unit that this one is a part of: what it knows need not be asked for. */
  #whole: UnitOfWork | undefined;
  #closed = false;

  /** @param physical maps the projection's collection names to those of the generation being written */
  constructor(
    store: Pick<DocumentStore, 'getMany'>,
    physical: (collection: string) => string = (name) => name,
  ) {
    this.#source = store;
    this.#physical = physical;
  }

  /** Reads documents that will be needed, in one go. */
  async prefetch(collection: string, ids: Iterable<string>): Promise<void> {
    const entries = this.#of(collection);
    const missing = [...new Set(ids)].filter((id) => !entries.has(id));
    if (missing.length === 0) return;
    const found = await this.#source.getMany(this.#physical(collection), missing);
    for (const id of missing) {
      // Whoever wrote while the store was asked knows better.
      if (entries.has(id)) continue;
      entries.set(id, { document: this.#moved(collection, found.get(id)), dirty: false });
    }
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    const entry = this.#of(collection).get(id) ?? this.#inherited(collection, id);
    if (entry !== undefined) return entry.document;
    await this.prefetch(collection, [id]);
    return this.#of(collection).get(id)?.document;
  }

  put(collection: string, document: Document): void {
    this.#set(collection, document.id, document);
  }

  delete(collection: string, id: string): void {
    this.#set(collection, id, undefined);
  }

  /** Moves a subtree: replaces the path prefix in every document that has it, read or not. */
  rewrite(collection: string, field: string, from: string, to: string): void {
    this.#assertOpen();
    this.#rewrites.push({ collection, field, from, to });
    const entries = this.#of(collection);
    for (const [id, { document, dirty }] of entries) {
      const moved = withPath(document, field, from, to);
      if (moved !== document) entries.set(id, { document: moved, dirty });
    }
  }

  /**
   * Runs one part of the batch, such as one event, on a unit of its own that reads through this one. What it wrote is
   * taken over when it succeeds. When it throws, nothing of it stays, not even what a branch of it writes later on.
   * @throws what the work throws
   */
  async attempt<T>(work: (part: UnitOfWork) => Promise<T>): Promise<T> {
    const part = new UnitOfWork({ getMany: (name, ids) => this.#known(name, ids) });
    part.#whole = this;
    try {
      const result = await work(part);
      this.#takeOver(part);
      return result;
    } finally {
      part.#closed = true;
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

  /** Without a promise, because most documents of an event have been read ahead for the batch. */
  #inherited(collection: string, id: string): Entry | undefined {
    const whole = this.#whole;
    const known = whole === undefined ? undefined : whole.#of(collection).get(id);
    if (known === undefined) return undefined;
    const entry = { document: this.#moved(collection, known.document), dirty: false };
    this.#of(collection).set(id, entry);
    return entry;
  }

  async #known(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    await this.prefetch(collection, ids);
    const entries = this.#of(collection);
    const found = new Map<string, Document>();
    for (const id of ids) {
      const document = entries.get(id)?.document;
      if (document !== undefined) found.set(id, document);
    }
    return found;
  }

  /** The part's documents have been through its rewrites already; everything else here goes through them now. */
  #takeOver(part: UnitOfWork): void {
    for (const { collection, field, from, to } of part.#rewrites) {
      this.rewrite(collection, field, from, to);
    }
    for (const [name, entries] of part.#entries) {
      for (const [id, { document, dirty }] of entries) if (dirty) this.#set(name, id, document);
    }
  }

  #set(collection: string, id: string, document: Document | undefined): void {
    this.#assertOpen();
    this.#of(collection).set(id, { document, dirty: true });
  }

  #assertOpen(): void {
    if (this.#closed) throw new Error('written after its event was handled: an await is missing');
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
