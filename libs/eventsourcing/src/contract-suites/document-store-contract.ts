import { describe } from 'vitest';
import { changesContract } from './document-store-changes.ts';
import { documentsContract } from './document-store-documents.ts';
import type { DocumentStoreFixtureFactory } from './document-store-fixture.ts';
import { queriesContract } from './document-store-queries.ts';
import { tenuresContract } from './document-store-tenures.ts';

/**
 * What every adapter of the document store port must do, as vitest suites.
 * @param name the adapter's name in the report
 * @param factory makes an empty store for each test
 */
export function documentStoreContract(name: string, factory: DocumentStoreFixtureFactory): void {
  describe(`${name} keeps the document store contract`, () => {
    documentsContract(factory);
    queriesContract(factory);
    changesContract(factory);
    tenuresContract(factory);
  });
}
