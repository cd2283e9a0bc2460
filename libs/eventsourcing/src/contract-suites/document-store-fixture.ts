import { afterEach, beforeEach } from 'vitest';
import type {
  CollectionSpec,
  Document,
  DocumentChange,
  DocumentQuery,
  DocumentStore,
  Scalar,
} from '../document-store.ts';

/** One empty document store of an adapter, for one test. */
export interface DocumentStoreFixture {
  /** Opens the store; called once. */
  open(): Promise<DocumentStore>;
  /** Closes the store and opens the same data again. */
  reopen(): Promise<DocumentStore>;
  /** Opens what a process that was killed at this moment would leave behind, without closing the store. */
  crash?(): Promise<DocumentStore>;
  /** Closes what is open and removes the data. */
  destroy(): Promise<void>;
}

/** Makes a fixture for a store. */
export type DocumentStoreFixtureFactory = () =>
  | DocumentStoreFixture
  | Promise<DocumentStoreFixture>;

/** The store that the tests of a suite use: a fresh one for each. */
export interface DocumentStoreUnderTest {
  readonly fixture: DocumentStoreFixture;
  readonly store: DocumentStore;
}

/** Gives every test of the surrounding `describe` a fresh store with these collections. */
export function freshDocumentStore(
  factory: DocumentStoreFixtureFactory,
  collections: readonly CollectionSpec[],
): () => DocumentStoreUnderTest {
  let current: DocumentStoreUnderTest | undefined;
  beforeEach(async () => {
    const fixture = await factory();
    current = { fixture, store: await fixture.open() };
    await current.store.define(collections);
  });
  afterEach(async () => {
    await current?.fixture.destroy();
    current = undefined;
  });
  return () => {
    if (current === undefined) throw new Error('no store outside of a test');
    return current;
  };
}

/** The collection that most tests use. */
export const unions: CollectionSpec = {
  name: 'unions',
  indexes: [
    { fields: ['level', 'name'] },
    { fields: ['name'] },
    { fields: ['rank', 'level'] },
    { fields: ['live'] },
  ],
  paths: ['path', 'home'],
  terms: 'terms',
};

/** A change that puts documents into {@link unions}. */
export function putting(...documents: readonly Document[]): DocumentChange {
  return { puts: documents.map((document) => ({ collection: 'unions', document })) };
}

/** Ids of what {@link unions} answers, in order. */
export async function idsOf(
  store: DocumentStore,
  query: Partial<DocumentQuery>,
  collection = 'unions',
): Promise<string[]> {
  const found = await store.find(collection, { limit: 1000, ...query });
  return found.map(({ id }) => id);
}

/** The order of a sort: absent first, then by value, strings by code point. */
export function compareScalars(left: Scalar | undefined, right: Scalar | undefined): number {
  const a = left ?? null;
  const b = right ?? null;
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'string' && typeof b === 'string') {
    // UTF-8 keeps the order of code points, UTF-16 does not.
    return Buffer.compare(Buffer.from(a), Buffer.from(b));
  }
  return Number(a) - Number(b);
}
