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
} from '@unionfold/eventsourcing';
import { CacheUnavailableError, type OnNotice } from '../cache-unavailable-error.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { Closures, isClosures } from './closures.ts';
import { type Lookup, RedisDocumentEntries, type Touched } from './redis-document-entries.ts';
import { touchedBy } from './touched-by.ts';

/** See {@link withDocumentCache}. */
export interface DocumentCacheOptions {
  /** Which document store it is: its database's name. */
  readonly scope: string;
  /** Which collections are cached. All processes that share the store must say the same. */
  readonly collections: (name: string) => boolean;
  readonly onNotice: OnNotice;
  /** How long a document is served at most, in milliseconds. Default 2,000. */
  readonly ttlMs?: number;
  /**
   * How long a mark outlives a writer that has died, in milliseconds: longer than a commit can take from its mark until
   * all who read after it see it. Default 90,000: MongoDB ends a transaction after 60 seconds.
   */
  readonly markMs?: number;
  /** How long a process may not know that another one has closed the cache, in milliseconds. Default 1,000. */
  readonly permitMs?: number;
  /** Documents of one collection in one commit above which the whole collection is marked. Default 500. */
  readonly mostMarks?: number;
}

/** A document store that serves hot documents from Redis. */
export interface CachedDocumentStore extends DocumentStore {
  /** The same store, read past the cache, for consumers, which read each document once. Not closed by itself. */
  readonly uncached: DocumentStore;
}

/** A load that takes longer is not stored, in milliseconds. */
const LONGEST_LOAD_MS = 5_000;
/** More documents at once are read past the cache: one script may not hold up all other callers. */
const MOST_LOOKED_FOR = 500;

/**
 * A document store whose `get` and `getMany` of the chosen collections go through Redis, without ever giving an older
 * document than the store had when the read began. Reads that see a document's checkpoint see the document.
 *
 * Why, step by step:
 * 1. Before a commit, one round trip marks the documents it writes (a whole collection for a path rewrite, a drop, or
 *    many documents) and removes what is stored of them. Only then it is committed; then the marks are cleared.
 * 2. A reader that finds nothing and no mark leaves a token, loads, and stores only where its token still is. A load
 *    from before the mark finds its token gone. While the mark stands no token is left, so the first load that can be
 *    stored begins after the commit. None of this depends on how long anything takes, or on a clock.
 * 3. Marks are cleared after success and after a refusal. When the outcome is not known they stand for `markMs`, after
 *    which it must have taken effect or never will. Two writers of one document at once leave a mark that nobody
 *    clears, since neither knows of the other's end.
 * 4. Redis restarted, or another server in its place: marks may be lost. All names hold the server's run; a new run
 *    stores nothing for `markMs`.
 * 5. A writer that cannot mark must not rely on Redis being gone for all: others may reach it, and to wait for `ttlMs`
 *    would not help, because they go on storing. It closes the cache in the document store itself ({@link Closures})
 *    and waits once for `permitMs`; from then on it commits at full speed, and nobody reads from the cache until Redis
 *    answers it again and everything stored before is forgotten.
 * 6. `getMany` is served as a whole or loaded as a whole: a mark removes all documents of a change at one moment, so what
 *    stands in the cache at one moment was true in the store at one moment.
 *
 * What it needs: every process that writes these collections writes through it; the store's reads see all that was
 * committed (MongoDB: primary, majority); Redis evicts cached values before marks (`volatile-ttl` or `noeviction`); of
 * two Redis servers that both take themselves for the primary, the old one stops within `markMs`; no process stands
 * still for `markMs` between its mark and its commit. Documents lie in Redis as they are in the store for `ttlMs`.
 */
export function withDocumentCache(
  store: DocumentStore,
  connection: RedisConnection,
  options: DocumentCacheOptions,
): CachedDocumentStore {
  return new CachingStore(store, connection, options);
}

/** Marks what it commits; reads pass through. */
class MarkingStore implements DocumentStore {
  protected readonly store: DocumentStore;
  protected readonly entries: RedisDocumentEntries;
  protected readonly closures: Closures;
  protected readonly isCached: (collection: string) => boolean;
  readonly #mostMarks: number;
  readonly #underWay: Set<Promise<void>>;

  constructor(parts: MarkingParts) {
    this.store = parts.store;
    this.entries = parts.entries;
    this.closures = parts.closures;
    this.isCached = parts.isCached;
    this.#mostMarks = parts.mostMarks;
    this.#underWay = parts.underWay;
  }

  define(collections: readonly CollectionSpec[]): Promise<void> {
    return this.store.define(collections);
  }

  async drop(collections: readonly string[]): Promise<void> {
    const touched = { collections: collections.filter(this.isCached), documents: [] };
    await this.#marked(touched, () => this.store.drop(collections));
  }

  async collections(): Promise<readonly string[]> {
    return (await this.store.collections()).filter((name) => !isClosures(name));
  }

  get(collection: string, id: string): Promise<Document | undefined> {
    return this.store.get(collection, id);
  }

  getMany(collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, Document>> {
    return this.store.getMany(collection, ids);
  }

  find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    return this.store.find(collection, query);
  }

  count(collection: string, query: DocumentQuery): Promise<number> {
    return this.store.count(collection, query);
  }

  async commit(change: DocumentChange): Promise<void> {
    const touched = touchedBy(change, this.isCached, this.#mostMarks);
    if (isNothing(touched)) return await this.store.commit(change);
    // The caller may go on with its objects while they are marked; a store takes its copy when it is called.
    const handedIn = structuredClone(change);
    const writing = this.#marked(touched, () => this.store.commit(handedIn));
    this.#underWay.add(writing);
    await writing.finally(() => this.#underWay.delete(writing));
  }

  takeOver(consumer: string): Promise<Tenure> {
    return this.store.takeOver(consumer);
  }

  checkpoints(consumer: string): Promise<readonly Checkpoint[]> {
    return this.store.checkpoints(consumer);
  }

  dropCheckpoints(consumer: string): Promise<void> {
    return this.store.dropCheckpoints(consumer);
  }

  async close(): Promise<void> {}

  async #marked(touched: Touched, write: () => Promise<void>): Promise<void> {
    if (isNothing(touched)) return await write();
    const clear = await this.#mark(touched);
    if (clear === undefined) return await this.closures.unmarked(write, isRefusal);
    try {
      await write();
    } catch (error) {
      if (isRefusal(error)) this.#inBackground(clear);
      throw error;
    }
    this.#inBackground(clear);
  }

  async #mark(touched: Touched): Promise<(() => Promise<void>) | undefined> {
    try {
      return await this.entries.mark(touched);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
      return undefined;
    }
  }

  /** Nobody waits for it: documents are read past the cache until it is done. */
  #inBackground(clear: () => Promise<void>): void {
    const clearing = clear()
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(clearing));
    this.#underWay.add(clearing);
  }
}

interface MarkingParts {
  readonly store: DocumentStore;
  readonly entries: RedisDocumentEntries;
  readonly closures: Closures;
  readonly isCached: (collection: string) => boolean;
  readonly mostMarks: number;
  readonly underWay: Set<Promise<void>>;
}

class CachingStore extends MarkingStore implements CachedDocumentStore {
  readonly uncached: DocumentStore;
  /** Commits, and what goes on in the background: clearings of marks, and documents on their way into the cache. */
  readonly #underWay: Set<Promise<void>>;

  constructor(store: DocumentStore, connection: RedisConnection, options: DocumentCacheOptions) {
    const { scope, collections, onNotice, mostMarks = 500 } = options;
    const { ttlMs = 2_000, markMs = 90_000, permitMs = 1_000 } = options;
    const loadMs = Math.min(LONGEST_LOAD_MS, markMs);
    const entries = new RedisDocumentEntries(connection, scope, { ttlMs, loadMs, markMs });
    const forgetAll = () => entries.renew();
    const closures = new Closures({ store, forgetAll, onNotice, permitMs, markMs });
    const underWay = new Set<Promise<void>>();
    const parts: MarkingParts = {
      store,
      entries,
      closures,
      isCached: (name) => !isClosures(name) && collections(name),
      mostMarks,
      underWay,
    };
    super(parts);
    this.#underWay = underWay;
    this.uncached = new MarkingStore(parts);
  }

  override async get(collection: string, id: string): Promise<Document | undefined> {
    const found = await this.#look(collection, [id]);
    if (found !== undefined && 'texts' in found) return documentOf(found.texts[0]);
    const document = await this.store.get(collection, id);
    if (found !== undefined) this.#keep(found, (vacant) => (vacant === id ? document : undefined));
    return document;
  }

  override async getMany(
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, Document>> {
    const distinct = [...new Set(ids)];
    const found = await this.#look(collection, distinct);
    if (found !== undefined && 'texts' in found) {
      const documents = found.texts.map(documentOf).filter((document) => document !== undefined);
      return new Map(documents.map((document) => [document.id, document]));
    }
    const documents = await this.store.getMany(collection, ids);
    if (found !== undefined) this.#keep(found, (id) => documents.get(id));
    return documents;
  }

  override async close(): Promise<void> {
    // What was handed in first is written first; a commit that ends leaves its clearing behind.
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await this.closures.stop();
    await this.store.close();
  }

  async #look(collection: string, ids: readonly string[]): Promise<Lookup | undefined> {
    const isLooked = this.isCached(collection) && ids.length > 0 && ids.length <= MOST_LOOKED_FOR;
    if (!isLooked || !this.closures.permits()) return undefined;
    try {
      return await this.entries.look(collection, ids);
    } catch (error) {
      if (!(error instanceof CacheUnavailableError)) throw error;
      return undefined;
    }
  }

  /** Stores what was loaded, that there is no such document, too. Nobody waits for it. */
  #keep(
    found: Exclude<Lookup, { readonly texts: readonly string[] }>,
    load: (id: string) => Document | undefined,
  ): void {
    if (found.vacant.length === 0) return;
    const texts = found.vacant.map((id) => [id, JSON.stringify(load(id) ?? null)] as const);
    const filling = this.entries
      .fill(found, new Map(texts))
      .catch(() => undefined)
      .finally(() => this.#underWay.delete(filling));
    this.#underWay.add(filling);
  }
}

/** Whether an error of a commit says that nothing was written. */
function isRefusal(error: unknown): boolean {
  return error instanceof CheckpointConflictError || error instanceof TenureEndedError;
}

function isNothing({ collections, documents }: Touched): boolean {
  return collections.length + documents.length === 0;
}

function documentOf(text: string | undefined): Document | undefined {
  return text === undefined || text === 'null' ? undefined : JSON.parse(text);
}
