import type { CollectionSpec, Document, DocumentQuery } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentsDatabase } from './documents-database.fixture.ts';
import type { MongoDocumentStore } from './mongo-document-store.ts';

const spec: CollectionSpec = {
  name: 'unions',
  indexes: [
    { fields: ['parentId', 'name'] },
    { fields: ['level', 'name'] },
    { fields: ['name'] },
    { fields: ['code'], unique: true },
  ],
  paths: ['path'],
  terms: 'terms',
};

/** Half of them below `/cn/37/` and with a common term, the rest spread over small subtrees. */
const documents: Document[] = Array.from({ length: 6_000 }, (_, nth) => ({
  id: `u-${nth}`,
  name: `name-${(nth * 7919) % 10_007}`,
  level: nth % 3 === 0 ? 'city' : 'county',
  parentId: `p-${nth % 500}`,
  code: `c-${nth}`,
  path: nth % 2 === 0 ? `/cn/37/${nth}/` : `/cn/${1000 + (nth % 300)}/${nth}/`,
  terms: [nth % 2 === 0 ? 'common' : 'rest', `rare-${nth % 100}`],
}));

describe("MongoDB's plan of a query", () => {
  const database = new DocumentsDatabase();
  let store: MongoDocumentStore;

  beforeAll(async () => {
    store = await database.open();
    await store.define([spec]);
    await store.commit({
      puts: documents.map((document) => ({ collection: 'unions', document })),
    });
  });
  afterAll(async () => {
    await database.destroy();
  });

  it.each<{ title: string; query: Partial<DocumentQuery>; index: string; mayCollect?: true }>([
    { title: 'one id', query: { where: { id: 'u-1' } }, index: '_id_' },
    { title: 'a unique field', query: { where: { code: 'c-5' } }, index: 'doc.code_1__id_1' },
    {
      title: 'the order of a unique field',
      query: { orderBy: ['code'] },
      index: 'doc.code_1__id_1',
    },
    {
      title: 'the children of a union by name',
      query: { where: { parentId: 'p-3' }, orderBy: ['name'] },
      index: 'doc.parentId_1_doc.name_1__id_1',
    },
    {
      title: 'the next page of them',
      query: { where: { parentId: 'p-3' }, orderBy: ['name'], after: ['name-5', 'u-9'] },
      index: 'doc.parentId_1_doc.name_1__id_1',
    },
    {
      title: 'a page after an absent name',
      query: { where: { parentId: 'p-3' }, orderBy: ['name'], after: [null, 'u-9'] },
      index: 'doc.parentId_1_doc.name_1__id_1',
    },
    {
      title: 'those without a parent',
      query: { where: { parentId: null }, orderBy: ['name'] },
      index: 'doc.parentId_1_doc.name_1__id_1',
    },
    {
      title: 'a subtree along its path',
      query: { prefix: { path: '/cn/37/' }, orderBy: ['path'] },
      index: 'doc.path_1__id_1',
    },
    {
      title: 'names that begin with',
      query: { prefix: { name: 'name-1' }, orderBy: ['name'] },
      index: 'doc.name_1__id_1',
    },
    { title: 'all along an order', query: { orderBy: ['name'] }, index: 'doc.name_1__id_1' },
    {
      title: 'several values, merged in order',
      query: { where: { level: ['city', 'county'] }, orderBy: ['name'] },
      index: 'doc.',
    },
    { title: 'a rare term', query: { term: 'rare-5' }, index: 'doc.terms_1__id_1' },
    {
      title: 'a common term along the order',
      query: { term: 'common', where: { level: 'city' }, orderBy: ['name'] },
      index: 'doc.level_1_doc.name_1__id_1',
    },
    {
      title: 'a small subtree by name: collected, then sorted',
      query: { prefix: { path: '/cn/1001/' }, where: { level: 'city' }, orderBy: ['name'] },
      index: 'doc.path_1__id_1',
      mayCollect: true,
    },
    {
      title: 'a large subtree by name: along the order, filtered',
      query: { prefix: { path: '/cn/37/' }, where: { level: 'city' }, orderBy: ['name'] },
      index: 'doc.level_1_doc.name_1__id_1',
    },
  ])('follows an index for $title', async ({ query, index, mayCollect }) => {
    const plans = await store.explain('unions', { ...query, limit: 20 });
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) {
      const text = JSON.stringify(plan);
      expect(text).toContain(`"indexName":"${index}`);
      expect(text).not.toContain('"COLLSCAN"');
      if (mayCollect !== true) expect(text).not.toContain('"SORT"');
    }
  });

  it.each([{ after: [5, 'u-9'] }, { after: ['name-5', 'u-9'] }, { after: [true, 'u-9'] }])(
    'begins a page where the one before has ended, at $after',
    async ({ after }) => {
      const query = { where: { parentId: 'p-3' }, orderBy: ['name'], after, limit: 20 };
      const plans = await store.explain('unions', query);
      expect(plans).toHaveLength(2);
      for (const plan of plans) {
        const text = JSON.stringify(plan);
        expect(text).toContain('"doc.name":["');
        expect(text).not.toContain('"doc.name":["[MinKey, MaxKey]"]');
        expect(text).not.toContain('"filter"');
      }
    },
  );

  it('reads no more of an index than the page and its range', async () => {
    const wanted = documents
      .filter(({ parentId }) => parentId === 'p-3')
      .map(({ name, id }) => `${name} ${id}`)
      .toSorted();
    const found: string[] = [];
    let after: string[] | undefined;
    for (;;) {
      const page = await store.find('unions', {
        where: { parentId: 'p-3' },
        orderBy: ['name'],
        limit: 5,
        ...(after === undefined ? {} : { after }),
      });
      found.push(...page.map(({ name, id }) => `${name} ${id}`));
      const last = page.at(-1);
      if (last === undefined) break;
      after = [String(last['name']), last.id];
    }
    expect(found).toEqual(wanted);
  });
});
