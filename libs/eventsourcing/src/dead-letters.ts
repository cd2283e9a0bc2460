import type { Document, DocumentStore } from './document-store.ts';
import type { RecordedEvent } from './event.ts';
import type { JsonObject } from './json.ts';
import type { UnitOfWork } from './unit-of-work.ts';

/** The collection in which every consumer of a document store keeps what it could not handle. */
export const deadLetterCollection = {
  name: 'dead_letters',
  indexes: [{ fields: ['consumer', 'stream'] }, { fields: ['consumer'] }],
} as const;

/** An event that could not be handled, or one parked behind it. */
export interface DeadLetterEntry {
  readonly consumer: string;
  readonly topic: string;
  readonly stream: string;
  /** Holds nothing personal; see {@link ConsumerEnvironment.describeFailure}. */
  readonly reason: string;
  /** False for the event that failed, true for those that wait behind it. */
  readonly parked: boolean;
  readonly attempts: number;
  readonly failedAt: string;
  /** As the log holds it: personal fields are sealed. */
  readonly recorded: RecordedEvent;
}

const pageSize = 500;

/** The dead letters of one consumer. */
export class DeadLetters {
  readonly #consumer: string;
  readonly #documents: DocumentStore;

  constructor(consumer: string, documents: DocumentStore) {
    this.#consumer = consumer;
    this.#documents = documents;
  }

  /** In the order of positions, so that those of one stream are in its order; of one stream if given. */
  async list(stream?: string, limit = Number.POSITIVE_INFINITY): Promise<DeadLetterEntry[]> {
    const entries: DeadLetterEntry[] = [];
    for await (const page of this.#pages(stream)) {
      entries.push(...page.map((document) => document['entry'] as unknown as DeadLetterEntry));
      if (entries.length >= limit) return entries.slice(0, limit);
    }
    return entries;
  }

  /** The streams that have any, by {@link streamKey}. */
  async streams(): Promise<Set<string>> {
    const keys = new Set<string>();
    for await (const page of this.#pages()) {
      for (const document of page) {
        const { topic, stream } = document['entry'] as unknown as DeadLetterEntry;
        keys.add(streamKey(topic, stream));
      }
    }
    return keys;
  }

  /** Whether a stream has any. */
  async has(topic: string, stream: string): Promise<boolean> {
    for await (const page of this.#pages(stream)) {
      if (page.some(({ entry }) => (entry as unknown as DeadLetterEntry).topic === topic))
        return true;
    }
    return false;
  }

  put(entry: DeadLetterEntry, documents: UnitOfWork): void {
    const document: Document = {
      id: letterId(entry),
      consumer: entry.consumer,
      stream: entry.stream,
      entry: entry as unknown as JsonObject,
    };
    documents.put(deadLetterCollection.name, document);
  }

  delete(entry: DeadLetterEntry, documents: UnitOfWork): void {
    documents.delete(deadLetterCollection.name, letterId(entry));
  }

  /** Deletes all of the consumer's: for one that is no more. */
  async clear(): Promise<void> {
    for await (const page of this.#pages()) {
      await this.#documents.commit({
        deletes: page.map(({ id }) => ({ collection: deadLetterCollection.name, id })),
      });
    }
  }

  async *#pages(stream?: string): AsyncGenerator<readonly Document[]> {
    const where = { consumer: this.#consumer, ...(stream === undefined ? {} : { stream }) };
    let after: readonly string[] | undefined;
    for (;;) {
      const page = await this.#documents.find(deadLetterCollection.name, {
        where,
        limit: pageSize,
        ...(after === undefined ? {} : { after }),
      });
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      if (page.length < pageSize) return;
      after = [last.id];
    }
  }
}

/** Streams of two topics may have the same name and have nothing to do with each other. */
export function streamKey(topic: string, stream: string): string {
  return `${topic}/${stream}`;
}

/** Sorts by position inside a partition, so that replay keeps the stream's order. */
export function letterId(entry: DeadLetterEntry): string {
  const position = String(entry.recorded.position).padStart(16, '0');
  return `${entry.consumer}/${entry.topic}/${entry.recorded.partition}/${position}`;
}
