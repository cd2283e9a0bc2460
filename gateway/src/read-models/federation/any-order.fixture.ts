import type { EventName, EventOf } from '@unionfold/contracts';
import {
  type Document,
  type DocumentChange,
  type DocumentQuery,
  type RecordedEvent,
  UnitOfWork,
} from '@unionfold/eventsourcing';
import { federationProjection } from './projection.ts';

type Event = EventOf<EventName>;

/** Documents by collection, written as a document store writes a change. */
export class Documents {
  readonly #collections = new Map<string, Map<string, Document>>();

  of(collection: string): Map<string, Document> {
    let documents = this.#collections.get(collection);
    if (documents === undefined) {
      documents = new Map();
      this.#collections.set(collection, documents);
    }
    return documents;
  }

  async getMany(collection: string, ids: readonly string[]): Promise<Map<string, Document>> {
    const found = new Map<string, Document>();
    for (const id of ids) {
      const document = this.of(collection).get(id);
      if (document !== undefined) found.set(id, document);
    }
    return found;
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    return this.of(collection).get(id);
  }

  async find(collection: string, query: DocumentQuery): Promise<Document[]> {
    const { where = {}, orderBy = [], after, limit } = query;
    const key = (document: Document) => [...orderBy.map((field) => document[field]), document.id];
    return [...this.of(collection).values()]
      .filter((document) =>
        Object.entries(where).every(([field, value]) => document[field] === value),
      )
      .filter((document) => after === undefined || isAfter(key(document), after))
      .sort((a, b) => (isAfter(key(a), key(b)) ? 1 : -1))
      .slice(0, limit);
  }

  async count(): Promise<number> {
    throw new Error('nothing is counted here');
  }

  commit({ rewrites = [], puts = [], deletes = [] }: DocumentChange): void {
    for (const { collection, field, from, to } of rewrites) {
      for (const document of this.of(collection).values()) {
        const path = document[field];
        if (typeof path !== 'string' || !path.startsWith(from)) continue;
        this.of(collection).set(document.id, {
          ...document,
          [field]: to + path.slice(from.length),
        });
      }
    }
    for (const { collection, document } of puts) this.of(collection).set(document.id, document);
    for (const { collection, id } of deletes) this.of(collection).delete(id);
  }
}

function isAfter(key: readonly unknown[], after: readonly unknown[]): boolean {
  for (const [index, value] of key.entries()) {
    const other = after[index];
    if (value !== other) return String(value) > String(other);
  }
  return false;
}

/**
 * Delivers every stream in order, but the streams in any order among each other, in batches of any size.
 * @param dayOf when an event happened: yyyy-MM-dd
 */
export async function deliver(
  streams: ReadonlyMap<string, readonly Event[]>,
  seed: number,
  dayOf: (event: Event) => string = () => '2026-01-01',
): Promise<Documents> {
  const documents = new Documents();
  const waiting = [...streams].map(([stream, events]) => ({ stream, events: [...events] }));
  const versions = new Map<string, number>();
  let work = new UnitOfWork(documents);
  let chance = seed;
  while (waiting.length > 0) {
    // https://en.wikipedia.org/wiki/Lehmer_random_number_generator
    chance = (chance * 48_271) % 2_147_483_647;
    const index = chance % waiting.length;
    const source = waiting[index];
    const event = source?.events.shift();
    if (source === undefined || event === undefined) break;
    if (source.events.length === 0) waiting.splice(index, 1);
    const version = (versions.get(source.stream) ?? 0) + 1;
    versions.set(source.stream, version);
    const recorded = {
      type: event.type,
      data: {},
      stream: source.stream,
      version,
      id: `${source.stream}/${version}`,
      metadata: { occurredAt: `${dayOf(event)}T04:00:00.000Z` },
    } as unknown as RecordedEvent;
    await federationProjection.apply({ event, recorded }, work);
    if (chance % 3 === 0) {
      documents.commit(work.toChange([]));
      work = new UnitOfWork(documents);
    }
  }
  documents.commit(work.toChange([]));
  return documents;
}
