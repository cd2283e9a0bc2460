import {
  type ConsumerPosition,
  type DecodedEvent,
  type Document,
  type DocumentQuery,
  eventsTopic,
  UnitOfWork,
} from '@unionfold/eventsourcing';
import { rostersProjection } from './rosters-projection.ts';

/** The rosters in memory, written by the real projection: for tests that decide themselves who hears what, and when. */
export class MemoryRosters {
  readonly #collections = new Map<string, Map<string, Document>>();
  readonly #listeners: (() => void)[] = [];
  readonly #heard = new Map<string, number>();

  /** Applies one event, all at once, as a batch of the projection does. */
  async hear(event: DecodedEvent): Promise<void> {
    const unit = new UnitOfWork({ getMany: async () => new Map() } as never);
    await rostersProjection.apply(event, unit);
    for (const { collection, document } of unit.toChange([]).puts ?? []) {
      this.#of(collection).set(document.id, document);
    }
    const topic = eventsTopic(
      'memberId' in (event.event.data as object) ? 'members' : 'organizations',
    );
    this.#heard.set(topic, (this.#heard.get(topic) ?? 0) + 1);
    for (const listener of this.#listeners) listener();
  }

  onProgress(listener: () => void): void {
    this.#listeners.push(listener);
  }

  positions(): ConsumerPosition[] {
    return [...this.#heard].map(([topic, position]) => ({ topic, partition: 0, position }));
  }

  async get(collection: string, id: string): Promise<Document | undefined> {
    return this.#of(collection).get(id);
  }

  async find(collection: string, query: DocumentQuery): Promise<readonly Document[]> {
    const after = String(query.after?.[0] ?? '');
    return [...this.#of(collection).values()]
      .filter((document) => document.id > after)
      .filter((document) =>
        Object.entries(query.where ?? {}).every(([field, value]) => document[field] === value),
      )
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .slice(0, query.limit);
  }

  #of(name: string): Map<string, Document> {
    let documents = this.#collections.get(name);
    if (documents === undefined) {
      documents = new Map();
      this.#collections.set(name, documents);
    }
    return documents;
  }
}
