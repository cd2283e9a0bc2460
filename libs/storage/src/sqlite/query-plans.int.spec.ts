import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CollectionSpec, Document, DocumentQuery } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manyMatches } from './query-driver.ts';
import { SqliteDocumentStore } from './sqlite-document-store.ts';

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
const documents: Document[] = Array.from({ length: manyMatches * 2 + 200 }, (_, nth) => ({
  id: `u-${nth}`,
  name: `name-${(nth * 7919) % 10_007}`,
  level: nth % 3 === 0 ? 'city' : 'county',
  parentId: `p-${nth % 500}`,
  code: `c-${nth}`,
  path: nth % 2 === 0 ? `/cn/37/${nth}/` : `/cn/${1000 + (nth % 300)}/${nth}/`,
  terms: [nth % 2 === 0 ? 'common' : 'rest', `rare-${nth % 100}`],
}));

describe('the plan of a query', () => {
  let folder: string;
  let store: SqliteDocumentStore;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unionfold-plans-'));
    store = await SqliteDocumentStore.open({ file: join(folder, 'documents.db') });
    await store.define([spec]);
    await store.commit({
      puts: documents.map((document) => ({ collection: 'unions', document })),
    });
  });
  afterAll(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  const sorting = /TEMP B-TREE/;
  const scanning = /SCAN (?!json_each)/;

  it.each<{ title: string; query: Partial<DocumentQuery>; index: RegExp }>([
    {
      title: 'one id',
      query: { where: { id: 'u-1' } },
      index: /SEARCH c USING INDEX sqlite_autoindex/,
    },
    {
      title: 'a unique field',
      query: { where: { code: 'c-5' } },
      index: /u_unions\.code \(f_code=\?\)/,
    },
    {
      title: 'the children of a union by name',
      query: { where: { parentId: 'p-3' }, orderBy: ['name'] },
      index: /i_unions\.parent\$49\$d\.name \(f_parent\$49\$d=\?\)/,
    },
    {
      title: 'a later page of them',
      query: { where: { parentId: 'p-3' }, orderBy: ['name'], after: ['name-5', 'u-9'] },
      index: /\(f_parent\$49\$d=\? AND f_name=\? AND id>\?\)/,
    },
    {
      title: 'a page after an absent name',
      query: { where: { parentId: 'p-3' }, orderBy: ['name'], after: [null, 'u-9'] },
      index: /\(f_parent\$49\$d=\? AND f_name>\?\)/,
    },
    {
      title: 'a subtree',
      query: { prefix: { path: '/cn/1001/' } },
      index: /i_unions\.path \(f_path>\? AND f_path<\?\)/,
    },
    {
      title: 'a subtree along its path',
      query: { prefix: { path: '/cn/37/' }, orderBy: ['path'] },
      index: /i_unions\.path \(f_path>\? AND f_path<\?\)/,
    },
    {
      title: 'names that begin with',
      query: { prefix: { name: 'name-1' }, orderBy: ['name'] },
      index: /i_unions\.name \(/,
    },
    {
      title: 'all along an order',
      query: { orderBy: ['name'] },
      index: /SCAN c USING INDEX i_unions\.name/,
    },
    {
      title: 'one of several values',
      query: { where: { level: ['city', 'county'] } },
      index: /i_unions\.level\.name \(f_level=\?\)/,
    },
    {
      title: 'a rare term',
      query: { term: 'rare-5', orderBy: ['name'] },
      index: /SEARCH t USING PRIMARY KEY \(term=\?\)/,
    },
    {
      title: 'a common term, along the order',
      query: { term: 'common', where: { level: 'city' }, orderBy: ['name'] },
      index: /SEARCH c USING INDEX i_unions\.level\.name \(f_level=\?\)/,
    },
    {
      title: 'a small subtree by name: collected, then sorted',
      query: { prefix: { path: '/cn/1001/' }, where: { level: 'city' }, orderBy: ['name'] },
      index: /i_unions\.path \(f_path>\? AND f_path<\?\)/,
    },
    {
      title: 'a large subtree by name: along the order, filtered',
      query: { prefix: { path: '/cn/37/' }, where: { level: 'city' }, orderBy: ['name'] },
      index: /i_unions\.level\.name \(f_level=\?/,
    },
  ])('follows an index for $title', async ({ title, query, index }) => {
    const plan = (await store.explain('unions', { ...query, limit: 20 })).join('\n');
    expect(plan).toMatch(index);
    if (!title.startsWith('all along')) expect(plan).not.toMatch(scanning);
    const mayCollect =
      /then sorted|rare term|subtree$|several values|after an absent|later page/.test(title);
    if (!mayCollect) expect(plan).not.toMatch(sorting);
  });

  it.each<{ title: string; query: Partial<DocumentQuery> }>([
    {
      title: 'common term',
      query: { term: 'common', where: { level: 'city' }, orderBy: ['name'] },
    },
    { title: 'rare term', query: { term: 'rare-5', orderBy: ['name'] } },
    {
      title: 'large subtree',
      query: { prefix: { path: '/cn/37/' }, where: { level: 'city' }, orderBy: ['name'] },
    },
    { title: 'small subtree', query: { prefix: { path: '/cn/1001/' }, orderBy: ['name'] } },
  ])('does not change what is found: $title', async ({ query }) => {
    const expected = documents
      .filter(({ path }) => String(path).startsWith(query.prefix?.['path'] ?? ''))
      .filter(({ terms }) => query.term === undefined || [terms].flat().includes(query.term))
      .filter(({ level }) => query.where === undefined || level === query.where['level'])
      .map(({ name, id }) => `${name} ${id}`)
      .sort();
    const found = await store.find('unions', { ...query, limit: 100_000 });
    expect(found.map(({ name, id }) => `${name} ${id}`)).toEqual(expected);
    expect(await store.count('unions', { ...query, limit: 100_000 })).toBe(expected.length);
    const first = await store.find('unions', { ...query, limit: 10 });
    expect(first).toEqual(found.slice(0, 10));
    const last = first.at(-1);
    const after = [String(last?.['name']), String(last?.id)];
    expect(await store.find('unions', { ...query, limit: 10, after })).toEqual(found.slice(10, 20));
  });

  it('refuses what it cannot do', async () => {
    const find = (query: Partial<DocumentQuery>) => store.find('unions', { limit: 1, ...query });
    await expect(find({ orderBy: ['name'], after: ['a'] })).rejects.toThrow(/after needs 2 values/);
    await expect(find({ where: { terms: 'common' } })).rejects.toThrow(/by term only/);
    await expect(find({ where: { "x' OR 1=1 --": 1 } })).rejects.toThrow(/not a field name/);
    await expect(find({ orderBy: ['x"'] })).rejects.toThrow(/not a field name/);
    await expect(store.find('nowhere', { limit: 1 })).rejects.toThrow(/not defined/);
    await expect(
      store.commit({ puts: [{ collection: 'nowhere', document: { id: 'a' } }] }),
    ).rejects.toThrow(/not defined/);
    await expect(
      store.commit({ rewrites: [{ collection: 'unions', field: 'name', from: 'a', to: 'b' }] }),
    ).rejects.toThrow(/not declared as a path/);
    await expect(
      store.commit({ puts: [{ collection: 'unions', document: { id: 'a', name: ['x'] } }] }),
    ).rejects.toThrow(/cannot hold a list/);
    await expect(store.define([{ ...spec, terms: 'others' }])).rejects.toThrow(/drop it/);
    await expect(store.define([{ name: 'a b', indexes: [] }])).rejects.toThrow(
      /not a collection name/,
    );
    await expect(store.define([{ name: 'x', indexes: [{ fields: ['a"b'] }] }])).rejects.toThrow(
      /not a field name/,
    );
    expect(await store.collections()).toEqual(['unions']);
  });

  it('takes names that differ in case only', async () => {
    const indexes = [{ fields: ['unionId'] }, { fields: ['unionID'] }, { fields: ['名称'] }];
    await store.define([{ name: 'cased', indexes }]);
    const document = { id: 'a', unionId: 'x', unionID: 'y', 名称: '工会' };
    await store.commit({ puts: [{ collection: 'cased', document }] });
    for (const where of [{ unionId: 'x' }, { unionID: 'y' }, { 名称: '工会' }]) {
      expect(await store.find('cased', { where, limit: 1 })).toEqual([document]);
    }
    await store.drop(['cased']);
  });
});
