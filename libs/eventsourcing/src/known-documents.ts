import type { Document, DocumentChange, DocumentStore, PathRewrite } from './document-store.ts';
import { type Entry, KnownCollection } from './known-collection.ts';

/** An entry as it was before it was set. */
interface Before {
  readonly entries: KnownCollection;
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
  readonly #entries = new Map<string, KnownCollection>();
  readonly #rewrites: PathRewrite[] = [];
  /** What the attempt under way has set, oldest first. */
  readonly #journal: Before[] = [];
  /** Moves when the attempt under way began. */
  #rewritesBefore: number | undefined;
  /** What is on its way to the store, until it is there. */
  #ahead: KnownDocuments | undefined;
  readonly #aheadDone: Promise<unknown> | undefined;

  constructor(
    source: Pick<DocumentStore, 'getMany'>,
    physical: (collection: string) => string,
    ahead?: { readonly known: KnownDocuments; readonly done: Promise<unknown> },
  ) {
    this.#source = source;
    this.#physical = physical;
    this.#ahead = ahead?.known;
    this.#aheadDone = ahead?.done.then(() => {
      this.#ahead = undefined;
    });
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
    // The store may have done a move that is on its way, or not yet.
    if (this.#ahead !== undefined && this.#ahead.#rewrites.length > 0) await this.#aheadDone;
    const onItsWay = this.#ahead === undefined ? undefined : this.#ahead.#of(collection);
    const missing: string[] = [];
    for (const id of new Set(ids)) {
      if (entries.has(id)) continue;
      const entry = onItsWay?.get(id);
      if (entry?.dirty !== true) missing.push(id);
      else {
        const document = this.#moved(collection, entry.document);
        this.#set(entries, id, { document, dirty: false });
      }
    }
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
    for (const id of entries.startingWith(field, from)) {
      const { document, dirty = false } = entries.get(id) ?? {};
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
    for (const { entries, id, entry } of this.#journal.reverse()) entries.set(id, entry);
    this.#rewrites.length = this.#rewritesBefore ?? this.#rewrites.length;
    this.keep();
  }

  /** Whether there is nothing to be written. */
  get isUnchanged(): boolean {
    if (this.#rewrites.length > 0) return false;
    for (const entries of this.#entries.values()) {
      for (const [, { dirty }] of entries.all()) if (dirty) return false;
    }
    return true;
  }

  /** Everything to be written. */
  toChange(): Required<Pick<DocumentChange, 'rewrites' | 'puts' | 'deletes'>> {
    const puts: { collection: string; document: Document }[] = [];
    const deletes: { collection: string; id: string }[] = [];
    for (const [name, entries] of this.#entries) {
      const collection = this.#physical(name);
      for (const [id, entry] of entries.all()) {
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

  #set(entries: KnownCollection, id: string, entry: Entry): void {
    // What was only read, too: it may have been moved by a rewrite that is undone.
    if (this.#rewritesBefore !== undefined) {
      this.#journal.push({ entries, id, entry: entries.get(id) });
    }
    entries.set(id, entry);
  }

  #of(collection: string): KnownCollection {
    let entries = this.#entries.get(collection);
    if (entries === undefined) {
      entries = new KnownCollection();
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
