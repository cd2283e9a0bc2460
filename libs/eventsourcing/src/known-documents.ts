import type { Document, DocumentChange, DocumentStore, PathRewrite } from './document-store.ts';

/** What is known of a document. */
interface Entry {
  readonly document: Document | undefined;
  readonly dirty: boolean;
}

/** An entry as it was before it was set. */
interface Before {
  readonly entries: Map<string, Entry>;
  readonly id: string;
  readonly entry: Entry | undefined;
}

/**
 * The documents that a unit of work and its parts know of, and what is to become of them. An attempt writes in place and
 * leaves in a journal what was there before: most attempts succeed, and then nothing is copied.
 */
export class KnownDocuments {
  readonly #source: Pick<DocumentStore, 'getMany'>;
  readonly #physical: (collection: string) => string;
  readonly #entries = new Map<string, Map<string, Entry>>();
  readonly #rewrites: PathRewrite[] = [];
  /** What the attempt under way has set, oldest first. */
  readonly #journal: Before[] = [];
  /** Moves when the attempt under way began. */
  #rewritesBefore: number | undefined;

  constructor(source: Pick<DocumentStore, 'getMany'>, physical: (collection: string) => string) {
    this.#source = source;
    this.#physical = physical;
  }

  /** Whether nothing has to be read to know the document, or that there is none. */
  has(collection: string, id: string): boolean {
    return this.#of(collection).has(id);
  }

  /** A document as far as it is known. */
  get(collection: string, id: string): Document | undefined {
    return this.#of(collection).get(id)?.document;
  }

  /** Reads those that are not known yet. */
  async load(collection: string, ids: Iterable<string>): Promise<void> {
    const entries = this.#of(collection);
    const missing = [...new Set(ids)].filter((id) => !entries.has(id));
    if (missing.length === 0) return;
    const found = await this.#source.getMany(this.#physical(collection), missing);
    for (const id of missing) {
      // Whoever wrote while the store was asked knows better.
      if (entries.has(id)) continue;
      this.#set(entries, id, { document: this.#moved(collection, found.get(id)), dirty: false });
    }
  }

  /** Puts a document, or deletes it. */
  write(collection: string, id: string, document: Document | undefined): void {
    this.#set(this.#of(collection), id, { document, dirty: true });
  }

  /** Moves a subtree, see UnitOfWork. */
  rewrite(collection: string, field: string, from: string, to: string): void {
    this.#rewrites.push({ collection, field, from, to });
    const entries = this.#of(collection);
    for (const [id, { document, dirty }] of entries) {
      const moved = withPath(document, field, from, to);
      if (moved !== document) this.#set(entries, id, { document: moved, dirty });
    }
  }

  /** Begins an attempt, to be kept or undone. */
  begin(): void {
    if (this.#rewritesBefore !== undefined) throw new Error('an attempt is under way already');
    this.#rewritesBefore = this.#rewrites.length;
  }

  keep(): void {
    this.#rewritesBefore = undefined;
    this.#journal.length = 0;
  }

  undo(): void {
    for (const { entries, id, entry } of this.#journal.reverse()) {
      if (entry === undefined) entries.delete(id);
      else entries.set(id, entry);
    }
    this.#rewrites.length = this.#rewritesBefore ?? this.#rewrites.length;
    this.keep();
  }

  /** Everything to be written. */
  toChange(): Required<Pick<DocumentChange, 'rewrites' | 'puts' | 'deletes'>> {
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
    return { rewrites, puts, deletes };
  }

  #set(entries: Map<string, Entry>, id: string, entry: Entry): void {
    // What was only read, too: it may have been moved by a rewrite that is undone.
    if (this.#rewritesBefore !== undefined) {
      this.#journal.push({ entries, id, entry: entries.get(id) });
    }
    entries.set(id, entry);
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
