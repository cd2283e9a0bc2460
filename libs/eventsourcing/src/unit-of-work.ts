import type {
  CheckpointAdvance,
  Document,
  DocumentChange,
  DocumentStore,
} from './document-store.ts';
import { KnownDocuments } from './known-documents.ts';

/**
 * The documents that one batch of events reads and writes. Reads see what the batch has written before; everything goes
 * to the store in one change, so a document that a thousand events touch is written once.
 */
export class UnitOfWork {
  readonly #known: KnownDocuments;
  #state: 'open' | 'in an attempt' | 'closed' = 'open';

  /**
   * @param documents the store to read from; a part shares what its whole knows
   * @param physical maps the projection's collection names to those of the generation being written
   * @param before what is on its way to the store: it is read as if it were there
   */
  constructor(
    documents: Pick<DocumentStore, 'getMany'> | KnownDocuments,
    physical: (collection: string) => string = (name) => name,
    before?: { readonly documents: UnitOfWork; readonly done: Promise<unknown> },
  ) {
    this.#known =
      documents instanceof KnownDocuments
        ? documents
        : new KnownDocuments(
            documents,
            physical,
            before && { known: before.documents.#known, done: before.done },
          );
  }

  /** Reads documents that will be needed, in one go. */
  async prefetch(collection: string, ids: Iterable<string>): Promise<void> {
    await this.#known.load(collection, ids);
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    const known = this.#known;
    // Without waiting, because most documents of an event have been read ahead for the batch.
    if (!known.has(collection, id)) await known.load(collection, [id]);
    return known.get(collection, id);
  }

  /** Several documents at once, in the order of their ids. */
  async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<readonly (Document | undefined)[]> {
    const known = this.#known;
    if (!ids.every((id) => known.has(collection, id))) await known.load(collection, ids);
    return ids.map((id) => known.get(collection, id));
  }

  put(collection: string, document: Document): void {
    this.#assertOpen();
    this.#known.write(collection, document.id, document);
  }

  delete(collection: string, id: string): void {
    this.#assertOpen();
    this.#known.write(collection, id, undefined);
  }

  /** Moves a subtree: replaces the path prefix in every document that has it, read or not. */
  rewrite(collection: string, field: string, from: string, to: string): void {
    this.#assertOpen();
    this.#known.rewrite(collection, field, from, to);
  }

  /**
   * Runs one part of the batch, such as one event, on a unit of its own. Parts run one after the other, and nothing else
   * writes meanwhile. When the work throws, nothing of it stays, not even what a branch of it writes later on.
   * @throws what the work throws
   */
  async attempt<T>(work: (part: UnitOfWork) => Promise<T>): Promise<T> {
    this.#assertOpen();
    this.#known.begin();
    const part = new UnitOfWork(this.#known);
    this.#state = 'in an attempt';
    try {
      const result = await work(part);
      this.#known.keep();
      return result;
    } catch (error) {
      this.#known.undo();
      throw error;
    } finally {
      part.#state = 'closed';
      this.#state = 'open';
    }
  }

  /** Whether there is nothing to be written. */
  get isUnchanged(): boolean {
    return this.#known.isUnchanged;
  }

  /** Everything to be written. */
  toChange(checkpoints: readonly CheckpointAdvance[]): DocumentChange {
    return { ...this.#known.toChange(), checkpoints };
  }

  #assertOpen(): void {
    if (this.#state === 'open') return;
    throw new Error(
      this.#state === 'closed'
        ? 'written after its event was handled: an await is missing'
        : 'written beside an attempt that is under way: an await is missing',
    );
  }
}
