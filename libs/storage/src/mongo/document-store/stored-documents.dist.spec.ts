import type { Document } from '@unionfold/eventsourcing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentNotUniqueError } from '../../document-not-unique-error.ts';
import { DocumentsDatabase } from './documents-database.fixture.ts';
import type { MongoDocumentStore } from './mongo-document-store.ts';

describe('documents in MongoDB', () => {
  const database = new DocumentsDatabase();
  let store: MongoDocumentStore;

  beforeAll(async () => {
    store = await database.open();
    await store.define([
      { name: 'unions', indexes: [{ fields: ['name'] }], paths: ['path'], terms: 'terms' },
      { name: 'coded', indexes: [{ fields: ['code', 'kind'], unique: true }] },
    ]);
  });
  afterAll(async () => {
    await database.destroy();
  });

  const put = (document: Document, collection = 'unions') =>
    store.commit({ puts: [{ collection, document }] });

  it.each<{ title: string; field: object }>([
    { title: 'dots', field: { 'a.b': 1, inner: { '.': { 'x.y': 2 } } } },
    { title: 'dollars', field: { $set: { $inc: 1 }, a$: 2, inner: [{ $ref: 'x', $id: 1 }] } },
    { title: 'a null character', field: { 'a\0b': 1, inner: { '\0': '\0' } } },
    { title: 'quotes before a dot', field: { 'a.b"c': 1, 'a\0"b': 2 } },
    { title: 'nothing', field: { '': 1, inner: { '': { '': 2 } } } },
    {
      title: "the prototype's name",
      field: JSON.parse('{"__proto__": {"x": 1}, "in": {"__proto__": 2}}'),
    },
    { title: "the driver's mark of a type", field: { inner: { _bsontype: 'ObjectId', id: 'x' } } },
    { title: 'other names than _id', field: { _id: 'mine', doc: { _id: 1 }, text: 'mine' } },
    { title: 'numbers as names, in any order', field: { 2: 'b', 1: 'a', '01': 'c' } },
    { title: 'a lone surrogate', field: { free: 'a\ud800b' } },
  ])('come back with $title', async ({ field }) => {
    const document = {
      id: 'awkward',
      name: 'n',
      path: '/a/b/',
      terms: ['t', 'u'],
      other: 5,
      ...field,
    };
    await put(document);
    const expected = JSON.stringify(Object.entries(document).toSorted());
    const inOrder = (found: Document | undefined) =>
      JSON.stringify(Object.entries(found ?? {}).toSorted());
    expect(inOrder(await store.get('unions', 'awkward'))).toBe(expected);
    for (const query of [
      { where: { name: 'n', other: 5 } },
      { prefix: { path: '/a/' } },
      { term: 'u' },
    ]) {
      const [found] = await store.find('unions', { ...query, limit: 1 });
      expect(inOrder(found), JSON.stringify(query)).toBe(expected);
    }
    await store.commit({
      rewrites: [{ collection: 'unions', field: 'path', from: '/a/', to: '/z/$1/' }],
    });
    expect(await store.get('unions', 'awkward')).toMatchObject({ path: '/z/$1/b/', other: 5 });
  });

  it('come back however deep they are', async () => {
    const deep = JSON.parse(`${'{"a":['.repeat(150)}1${']}'.repeat(150)}`);
    await put({ id: 'deep', name: 'd', deep });
    expect(await store.get('unions', 'deep')).toEqual({ id: 'deep', name: 'd', deep });
  });

  it('may be some megabytes large, and are refused before they are too large for MongoDB', async () => {
    const text = { id: 'large', name: 'l', text: 'x'.repeat(14 * 2 ** 20) };
    await put(text);
    expect(await store.get('unions', 'large')).toEqual(text);
    // As BSON it is beyond 16 MB.
    const list = { id: 'large', name: 'l', list: Array.from({ length: 2_000_000 }, () => 1) };
    await put(list);
    expect((await store.get('unions', 'large'))?.['list']).toHaveLength(2_000_000);
    const refused = store.commit({
      puts: [
        { collection: 'unions', document: { id: 'beside', name: 'b' } },
        { collection: 'unions', document: { id: 'huge', text: '工'.repeat(5.5 * 2 ** 20) } },
      ],
    });
    await expect(refused).rejects.toThrow(/unions: a document of \d+ characters is too large/);
    await expect(refused).rejects.toBeInstanceOf(RangeError);
    expect(await store.get('unions', 'beside')).toBeUndefined();
  });

  it('are written by the ten thousands at once', async () => {
    const count = 20_000;
    await store.commit({
      puts: Array.from({ length: count }, (_, n) => ({
        collection: 'unions',
        document: { id: `many-${n}`, name: `n-${n}`, path: `/many/${n}/`, terms: ['many'] },
      })),
    });
    expect(await store.count('unions', { term: 'many', limit: count + 1 })).toBe(count);
    await store.commit({
      rewrites: [{ collection: 'unions', field: 'path', from: '/many/', to: '/many/more/' }],
      deletes: Array.from({ length: count / 2 }, (_, n) => ({
        collection: 'unions',
        id: `many-${n}`,
      })),
    });
    const moved = { prefix: { path: '/many/more/' }, limit: count };
    expect(await store.count('unions', moved)).toBe(count / 2);
    expect(await store.count('unions', { prefix: { path: '/many/more/more/' }, limit: 1 })).toBe(0);
    expect(await store.get('unions', 'many-19999')).toMatchObject({ path: '/many/more/19999/' });
  });

  it('are told apart by a unique index where they have its fields, null being none', async () => {
    await put({ id: 'a', code: '1', kind: null }, 'coded');
    await put({ id: 'b', code: '1', kind: null }, 'coded');
    await put({ id: 'c', code: '1' }, 'coded');
    await put({ id: 'd', code: '1', kind: 'k' }, 'coded');
    await expect(put({ id: 'e', code: '1', kind: 'k' }, 'coded')).rejects.toBeInstanceOf(
      DocumentNotUniqueError,
    );
    const found = await store.find('coded', { where: { kind: null }, orderBy: ['code'], limit: 9 });
    expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('are found by a value, not by what a list of theirs contains', async () => {
    await put({ id: 'list', name: 'list', free: ['x', 'y'] });
    await put({ id: 'value', name: 'list', free: 'x' });
    const found = await store.find('unions', { where: { name: 'list', free: 'x' }, limit: 9 });
    expect(found.map(({ id }) => id)).toEqual(['value']);
  });

  it('are refused where they cannot be indexed or asked for', async () => {
    const find = (query: object) => store.find('unions', { limit: 1, ...query });
    await expect(find({ orderBy: ['name'], after: ['a'] })).rejects.toThrow(/after needs 2 values/);
    await expect(find({ where: { terms: 'many' } })).rejects.toThrow(/by term only/);
    await expect(find({ orderBy: ['terms'] })).rejects.toThrow(/by term only/);
    await expect(find({ where: { 'a.b': 1 } })).rejects.toThrow(/not a field name/);
    await expect(find({ where: { $where: 'true' } })).rejects.toThrow(/not a field name/);
    await expect(store.find('nowhere', { limit: 1 })).rejects.toThrow(/not defined/);
    await expect(put({ id: 'a' }, 'nowhere')).rejects.toThrow(/not defined/);
    await expect(put({ id: 'a', name: ['x'] })).rejects.toThrow(/cannot hold a list/);
    await expect(put({ id: 'a', terms: 'x' })).rejects.toThrow(/array of strings/);
    await expect(
      store.commit({ rewrites: [{ collection: 'unions', field: 'name', from: 'a', to: 'b' }] }),
    ).rejects.toThrow(/not declared as a path/);
    await expect(
      store.define([
        { name: 'fine', indexes: [] },
        { name: 'x', indexes: [{ fields: ['$a'] }] },
      ]),
    ).rejects.toThrow(/not a field name/);
    expect(await store.collections()).toEqual(['coded', 'unions']);
  });
});
