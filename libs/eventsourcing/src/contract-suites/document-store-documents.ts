import { describe, expect, it } from 'vitest';
import type { Document } from '../document-store.ts';
import {
  type DocumentStoreFixtureFactory,
  freshDocumentStore,
  idsOf,
  putting,
  unions,
} from './document-store-fixture.ts';

/** Collections and single documents. */
export function documentsContract(factory: DocumentStoreFixtureFactory): void {
  describe('collections', () => {
    const current = freshDocumentStore(factory, [unions, { name: 'other_Names-2', indexes: [] }]);

    it('exist once they are defined, until they are dropped', async () => {
      const { store } = current();
      expect([...(await store.collections())].sort()).toEqual(['other_Names-2', 'unions']);
      await store.define([unions, { name: 'Unions', indexes: [] }]);
      expect([...(await store.collections())].sort()).toEqual([
        'Unions',
        'other_Names-2',
        'unions',
      ]);
      await store.drop(['unions', 'never-there']);
      expect([...(await store.collections())].sort()).toEqual(['Unions', 'other_Names-2']);
    });

    it('are empty when they are defined again after they were dropped', async () => {
      const { store } = current();
      await store.commit(putting({ id: 'a', terms: ['x'], path: '/a/' }));
      await store.drop(['unions']);
      await store.define([unions]);
      expect(await store.get('unions', 'a')).toBeUndefined();
      expect(await idsOf(store, { term: 'x' })).toEqual([]);
      await store.commit(putting({ id: 'a', terms: ['x'] }));
      expect(await idsOf(store, { term: 'x' })).toEqual(['a']);
    });

    it('keep their documents apart', async () => {
      const { store } = current();
      await store.define([{ name: 'Unions', indexes: [] }]);
      for (const collection of ['unions', 'Unions', 'other_Names-2']) {
        await store.commit({ puts: [{ collection, document: { id: 'a', collection } }] });
      }
      for (const collection of ['unions', 'Unions', 'other_Names-2']) {
        expect(await store.find(collection, { limit: 9 })).toEqual([{ id: 'a', collection }]);
      }
    });

    it('keep what is in them when they are defined again, and get the indexes that are missing', async () => {
      const { store } = current();
      const documents = ['c', 'a', 'b'].map((id, nth) => ({
        id,
        city: `city-${id}`,
        open: nth === 1,
        seat: `/cn/${id}/`,
        tags: [id, 'all'],
      }));
      await store.define([{ name: 'offices', indexes: [] }]);
      await store.commit({
        puts: documents.map((document) => ({ collection: 'offices', document })),
      });
      await store.define([
        {
          name: 'offices',
          indexes: [{ fields: ['open', 'city'] }, { fields: ['code'], unique: true }],
          paths: ['seat'],
          terms: 'tags',
        },
      ]);
      const ids = (query: object) => idsOf(store, query, 'offices');
      expect(await ids({ orderBy: ['city'] })).toEqual(['a', 'b', 'c']);
      expect(await ids({ where: { open: true } })).toEqual(['a']);
      expect(await ids({ term: 'all' })).toEqual(['a', 'b', 'c']);
      expect(await ids({ term: 'b' })).toEqual(['b']);
      await store.commit({
        rewrites: [{ collection: 'offices', field: 'seat', from: '/cn/', to: '/x/' }],
      });
      expect(await ids({ prefix: { seat: '/x/a' } })).toEqual(['a']);
      expect(await store.get('offices', 'a')).toEqual({ ...documents[1], seat: '/x/a/' });
    });
  });

  describe('documents', () => {
    const current = freshDocumentStore(factory, [unions]);

    it('come back as they were put', async () => {
      const { store } = current();
      const document: Document = {
        id: 'a',
        name: '总工会 "quoted" \\ 👷🏽‍♀️\n',
        level: 'county',
        rank: -1.5,
        live: false,
        path: '/cn/cn-37/',
        home: '/',
        terms: ['工会', 'a', 'b'],
        nested: { list: [1, 'two', null, { three: true }], empty: {} },
        none: null,
        large: Number.MAX_SAFE_INTEGER,
        long: 'x'.repeat(100_000),
      };
      await store.commit(putting(document));
      expect(await store.get('unions', 'a')).toEqual(document);
      expect(await store.find('unions', { limit: 1 })).toEqual([document]);
    });

    it('come back without what they have not', async () => {
      const { store } = current();
      await store.commit(putting({ id: 'a' }));
      expect(await store.get('unions', 'a')).toEqual({ id: 'a' });
      expect(await store.get('unions', 'b')).toBeUndefined();
    });

    it('are replaced whole', async () => {
      const { store } = current();
      await store.commit(
        putting({ id: 'a', name: 'one', level: 'x', path: '/a/', terms: ['old', 'both'] }),
      );
      await store.commit(putting({ id: 'a', name: 'two', terms: ['both', 'new', 'new'] }));
      expect(await store.get('unions', 'a')).toEqual({
        id: 'a',
        name: 'two',
        terms: ['both', 'new', 'new'],
      });
      expect(await idsOf(store, { where: { name: 'one' } })).toEqual([]);
      expect(await idsOf(store, { where: { level: 'x' } })).toEqual([]);
      expect(await idsOf(store, { prefix: { path: '/' } })).toEqual([]);
      expect(await idsOf(store, { term: 'old' })).toEqual([]);
      expect(await idsOf(store, { term: 'both' })).toEqual(['a']);
      expect(await idsOf(store, { term: 'new' })).toEqual(['a']);
      await store.commit(putting({ id: 'a', name: 'two', figure: 7 }));
      expect(await store.get('unions', 'a')).toEqual({ id: 'a', name: 'two', figure: 7 });
      expect(await idsOf(store, { term: 'both' })).toEqual([]);
    });

    it('are gone when they are deleted, and may come again', async () => {
      const { store } = current();
      const document = { id: 'a', name: 'one', terms: ['x'], path: '/a/' };
      await store.commit(putting(document));
      const deletion = { deletes: [{ collection: 'unions', id: 'a' }] };
      await store.commit(deletion);
      await store.commit(deletion);
      expect(await store.get('unions', 'a')).toBeUndefined();
      expect(await idsOf(store, { term: 'x' })).toEqual([]);
      expect(await idsOf(store, {})).toEqual([]);
      await store.commit(putting(document));
      expect(await store.get('unions', 'a')).toEqual(document);
    });

    it('are found by several ids at once', async () => {
      const { store } = current();
      await store.commit(putting({ id: 'a', n: 1 }, { id: 'A', n: 2 }, { id: 'é', n: 3 }));
      const found = await store.getMany('unions', ['é', 'missing', 'a', 'A', 'a']);
      expect(new Map(found)).toEqual(
        new Map([
          ['a', { id: 'a', n: 1 }],
          ['A', { id: 'A', n: 2 }],
          ['é', { id: 'é', n: 3 }],
        ]),
      );
      expect((await store.getMany('unions', [])).size).toBe(0);
    });

    it('are kept as they were handed in, whatever happens to the objects later', async () => {
      const { store } = current();
      const document = { id: 'a', name: 'before' };
      const committed = store.commit(putting(document));
      document.name = 'after';
      await committed;
      expect(await store.get('unions', 'a')).toEqual({ id: 'a', name: 'before' });
    });
  });
}
