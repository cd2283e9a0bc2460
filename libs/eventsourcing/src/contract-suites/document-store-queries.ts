import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Document, DocumentQuery, DocumentStore, Scalar } from '../document-store.ts';
import {
  compareScalars,
  type DocumentStoreFixtureFactory,
  freshDocumentStore,
  idsOf,
  putting,
  unions,
} from './document-store-fixture.ts';

/** What queries find, and in which order. */
export function queriesContract(factory: DocumentStoreFixtureFactory): void {
  describe('find', () => {
    const current = freshDocumentStore(factory, [unions]);
    let store: DocumentStore;

    beforeEach(async () => {
      store = current().store;
      await store.commit(
        putting(
          {
            id: 'd',
            level: 'county',
            name: 'delta',
            rank: 2,
            live: true,
            path: '/cn/37/01/',
            terms: ['x', 'y'],
            free: 1,
          },
          {
            id: 'b',
            level: 'county',
            name: 'bravo',
            rank: 10,
            live: false,
            path: '/cn/37/',
            terms: ['x'],
            free: 'f',
          },
          { id: 'a', level: 'city', name: 'alpha', rank: 2, path: '/cn/3/', terms: [] },
          { id: 'c', name: 'bravo', rank: 0, live: true, path: '/cn/38/', free: 'g' },
          {
            id: 'e',
            level: null,
            name: 'bravo',
            rank: 2,
            path: '/cn/37/02/',
            terms: ['y', 'z'],
            free: null,
          },
        ),
      );
    });

    it.each<{ where: NonNullable<DocumentQuery['where']>; ids: string[] }>([
      { where: { level: 'county' }, ids: ['b', 'd'] },
      { where: { level: 'County' }, ids: [] },
      { where: { rank: 2 }, ids: ['a', 'd', 'e'] },
      { where: { rank: 0 }, ids: ['c'] },
      { where: { live: true }, ids: ['c', 'd'] },
      { where: { live: false }, ids: ['b'] },
      { where: { live: null }, ids: ['a', 'e'] },
      { where: { level: null }, ids: ['c', 'e'] },
      { where: { level: ['county', 'city'] }, ids: ['a', 'b', 'd'] },
      { where: { level: ['city', null] }, ids: ['a', 'c', 'e'] },
      { where: { level: ['city'] }, ids: ['a'] },
      { where: { level: [] }, ids: [] },
      { where: { live: [true, false] }, ids: ['b', 'c', 'd'] },
      { where: { rank: [0, 10, 99] }, ids: ['b', 'c'] },
      { where: { level: 'county', rank: 2 }, ids: ['d'] },
      { where: { id: 'a' }, ids: ['a'] },
      { where: { id: ['c', 'x', 'a'] }, ids: ['a', 'c'] },
      { where: { free: 1 }, ids: ['d'] },
      { where: { free: 'f' }, ids: ['b'] },
      { where: { free: null }, ids: ['a', 'e'] },
      { where: { unheardOf: 'x' }, ids: [] },
      { where: {}, ids: ['a', 'b', 'c', 'd', 'e'] },
    ])('by $where', async ({ where, ids }) => {
      expect(await idsOf(store, { where })).toEqual(ids);
      expect(await store.count('unions', { where, limit: 100 })).toBe(ids.length);
    });

    it.each<{ query: Partial<DocumentQuery>; ids: string[] }>([
      { query: { prefix: { path: '/cn/37/' } }, ids: ['b', 'd', 'e'] },
      { query: { prefix: { path: '/cn/3' } }, ids: ['a', 'b', 'c', 'd', 'e'] },
      { query: { prefix: { path: '/cn/37/01/x' } }, ids: [] },
      { query: { prefix: { name: 'b' } }, ids: ['b', 'c', 'e'] },
      { query: { prefix: { level: '' } }, ids: ['a', 'b', 'd'] },
      { query: { prefix: { free: 'f' } }, ids: ['b'] },
      { query: { prefix: { path: '/cn/37/', name: 'br' } }, ids: ['b', 'e'] },
      { query: { term: 'x' }, ids: ['b', 'd'] },
      { query: { term: 'X' }, ids: [] },
      { query: { term: 'y', where: { rank: 2 } }, ids: ['d', 'e'] },
      { query: { term: 'y', where: { level: 'county' } }, ids: ['d'] },
      { query: { term: 'x', prefix: { path: '/cn/37/0' } }, ids: ['d'] },
      { query: { term: 'x', orderBy: ['name'] }, ids: ['b', 'd'] },
    ])('by $query', async ({ query, ids }) => {
      expect(await idsOf(store, query)).toEqual(ids);
      expect(await store.count('unions', { ...query, limit: 100 })).toBe(ids.length);
    });

    it.each([
      { orderBy: [], ids: 'abcde' },
      { orderBy: ['id'], ids: 'abcde' },
      { orderBy: ['name'], ids: 'abced' },
      { orderBy: ['rank', 'level'], ids: 'ceadb' },
      { orderBy: ['level', 'name'], ids: 'ceabd' },
      { orderBy: ['live', 'rank'], ids: 'aebcd' },
      { orderBy: ['path'], ids: 'abdec' },
      { orderBy: ['name', 'id', 'rank'], ids: 'abced' },
    ])('in the order of $orderBy, absent first, then by id', async ({ orderBy, ids }) => {
      expect((await idsOf(store, { orderBy })).join('')).toBe(ids);
    });

    it('up to a limit', async () => {
      expect(await idsOf(store, { orderBy: ['name'], limit: 3 })).toEqual(['a', 'b', 'c']);
      expect(await store.count('unions', { limit: 3 })).toBe(3);
      expect(await store.count('unions', { limit: 5 })).toBe(5);
    });

    it('with characters that patterns elsewhere would mean something by', async () => {
      const names = [
        'a%',
        'a%b',
        'a_',
        'ab',
        'a.*',
        'a\ud7ff',
        'a\ud7ff!',
        'a\ue000',
        'a\uffff',
        'a👷',
        'a\u{10ffff}',
        'a\u{10ffff}z',
        'b',
      ];
      await store.commit(
        putting(...names.map((name, nth) => ({ id: `n-${nth}`, name, level: 'odd' }))),
      );
      const texts = async (prefix: string) =>
        (
          await store.find('unions', {
            where: { level: 'odd' },
            prefix: { name: prefix },
            limit: 99,
          })
        )
          .map(({ name }) => String(name))
          .sort(compareScalars);
      for (const prefix of names) {
        const expected = names.filter((name) => name.startsWith(prefix)).sort(compareScalars);
        expect(await texts(prefix), JSON.stringify(prefix)).toEqual(expected);
      }
      expect(await texts('a')).toHaveLength(12);
    });
  });

  describe('keyset pagination', () => {
    it('shows every document once, in order, whatever the ties and the page size', async () => {
      const fixture = await factory();
      try {
        const store = await fixture.open();
        await store.define([unions]);
        await fc.assert(
          fc.asyncProperty(documents, query, async (stored, asked) => {
            await store.drop(['unions']);
            await store.define([unions]);
            await store.commit(putting(...stored));
            const expected = answer(stored, asked);
            const pages = await allPages(store, asked);
            expect(pages.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
            expect(pages).toEqual(expected);
            expect(await store.count('unions', { ...asked, limit: 1000 })).toBe(expected.length);
          }),
          { numRuns: 100 },
        );
      } finally {
        await fixture.destroy();
      }
    });

    const current = freshDocumentStore(factory, [unions]);
    it.each([1, 2, 3])('leaves no kind of value out, with %i on a page', async (limit) => {
      const { store } = current();
      const ranks = [null, -3, 0, 2.5, 5_000_000_000, 1e300, 'a', '', '0', '\uffff', false, true];
      await store.commit(putting(...ranks.map((rank, nth) => ({ id: `m-${nth}`, rank }))));
      const asked = { orderBy: ['rank'], limit };
      const all = await store.find('unions', { ...asked, limit: 99 });
      expect(all).toHaveLength(ranks.length);
      expect(await allPages(store, asked)).toEqual(all);
    });
  });
}

const text = fc.constantFrom('', 'a', 'b', 'ba', 'é', '工', '👷', '\uffff');
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 3 });

const documents: fc.Arbitrary<Document[]> = fc.uniqueArray(
  fc.record({
    id: fc.string({
      minLength: 1,
      maxLength: 3,
      unit: fc.constantFrom('a', 'b', 'Z', '1', '工', '👷'),
    }),
    level: maybe(fc.constantFrom('city', 'county')),
    name: maybe(text),
    rank: maybe(fc.constantFrom(-1, 0, 0.5, 2, 10)),
    live: maybe(fc.boolean()),
    path: fc.constantFrom('/a/', '/a/b/', '/a/b/c/', '/ab/', '/b/'),
    terms: fc.subarray(['x', 'y', 'z']),
    free: maybe(text),
  }),
  { selector: ({ id }) => id, maxLength: 30 },
);

const query: fc.Arbitrary<DocumentQuery> = fc.record(
  {
    where: fc.record(
      {
        level: fc.constantFrom<Scalar | readonly Scalar[]>(
          'city',
          'county',
          null,
          ['city', null],
          ['city', 'county'],
        ),
        live: fc.constantFrom<Scalar>(true, false, null),
      },
      { requiredKeys: [] },
    ),
    prefix: fc.record({ path: fc.constantFrom('/a/', '/a/b/', '/') }, { requiredKeys: [] }),
    term: fc.constantFrom('x', 'y'),
    orderBy: fc
      .subarray(['level', 'name', 'rank', 'live', 'free', 'path'])
      .chain((fields) =>
        fc.shuffledSubarray(fields, { minLength: fields.length, maxLength: fields.length }),
      ),
    limit: fc.integer({ min: 1, max: 7 }),
  },
  { requiredKeys: ['limit'] },
);

async function allPages(store: DocumentStore, asked: DocumentQuery): Promise<Document[]> {
  const all: Document[] = [];
  let after: readonly Scalar[] | undefined;
  for (;;) {
    const page = await store.find('unions', after === undefined ? asked : { ...asked, after });
    expect(page.length).toBeLessThanOrEqual(asked.limit);
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined) return all;
    after = [...(asked.orderBy ?? []), 'id'].map((field) => scalar(last[field]));
  }
}

/** The query as a filter and a sort over a list. */
function answer(stored: readonly Document[], asked: DocumentQuery): Document[] {
  const sort = [...(asked.orderBy ?? []), 'id'];
  return stored
    .filter((document) =>
      Object.entries(asked.where ?? {}).every(([field, value]) =>
        [value].flat().some((wanted) => compareScalars(wanted, scalar(document[field])) === 0),
      ),
    )
    .filter((document) =>
      Object.entries(asked.prefix ?? {}).every(([field, prefix]) =>
        String(document[field]).startsWith(prefix),
      ),
    )
    .filter(({ terms }) => asked.term === undefined || [terms].flat().includes(asked.term))
    .sort((left, right) => {
      for (const field of sort) {
        const order = compareScalars(scalar(left[field]), scalar(right[field]));
        if (order !== 0) return order;
      }
      return 0;
    });
}

function scalar(value: Document[string]): Scalar {
  return typeof value === 'object' || value === undefined ? null : (value as Scalar);
}
