import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import {
  type CheckpointAdvance,
  CheckpointConflictError,
  type DocumentChange,
} from '../document-store.ts';
import { StoreUnavailableError } from '../event-store.ts';
import {
  type DocumentStoreFixtureFactory,
  freshDocumentStore,
  idsOf,
  putting,
  unions,
} from './document-store-fixture.ts';

const coded = { name: 'coded', indexes: [{ fields: ['code', 'kind'], unique: true }] };

/** Changes: all at once or not at all, and for good. */
export function changesContract(factory: DocumentStoreFixtureFactory): void {
  describe('commit', () => {
    const current = freshDocumentStore(factory, [unions, coded]);

    it('rewrites, puts, deletes, in this order', async () => {
      const { store } = current();
      await store.commit(putting({ id: 'a', path: '/x/1/' }, { id: 'b', path: '/x/2/' }));
      await store.commit({
        deletes: [{ collection: 'unions', id: 'c' }],
        puts: [
          { collection: 'unions', document: { id: 'b', path: '/x/new/' } },
          { collection: 'unions', document: { id: 'c', path: '/x/3/' } },
          { collection: 'unions', document: { id: 'd', n: 1 } },
          { collection: 'unions', document: { id: 'd', n: 2 } },
        ],
        rewrites: [
          { collection: 'unions', field: 'path', from: '/x/', to: '/y/' },
          { collection: 'unions', field: 'path', from: '/y/', to: '/z/' },
        ],
      });
      expect(await store.get('unions', 'a')).toEqual({ id: 'a', path: '/z/1/' });
      expect(await store.get('unions', 'b')).toEqual({ id: 'b', path: '/x/new/' });
      expect(await store.get('unions', 'c')).toBeUndefined();
      expect(await store.get('unions', 'd')).toEqual({ id: 'd', n: 2 });
    });

    it('takes a change that changes nothing', async () => {
      const { store } = current();
      await store.commit({});
      await store.commit({ puts: [], deletes: [{ collection: 'unions', id: 'none' }] });
      expect(await idsOf(store, {})).toEqual([]);
    });

    it('moves a subtree by its path, and nothing beside it', async () => {
      const { store } = current();
      const paths = [
        '/cn/',
        '/cn/3/',
        '/cn/37/',
        '/cn/37/02/',
        '/cn/37/02/x%_/',
        '/cn/370/',
        '/CN/37/',
        '/cn/38/',
      ];
      await store.commit(
        putting(
          ...paths.map((path, nth) => ({
            id: `u-${nth}`,
            path,
            home: path,
            name: 'n',
            terms: ['t'],
          })),
        ),
      );
      const rewrite = (from: string, to: string) =>
        store.commit({ rewrites: [{ collection: 'unions', field: 'path', from, to }] });
      const stored = async () =>
        (await store.find('unions', { limit: 99 })).map(({ path }) => path);
      await rewrite('/cn/37/', '/总工会/new/👷/');
      expect(await stored()).toEqual([
        '/cn/',
        '/cn/3/',
        '/总工会/new/👷/',
        '/总工会/new/👷/02/',
        '/总工会/new/👷/02/x%_/',
        '/cn/370/',
        '/CN/37/',
        '/cn/38/',
      ]);
      expect(await idsOf(store, { prefix: { path: '/总工会/' } })).toEqual(['u-2', 'u-3', 'u-4']);
      expect(await idsOf(store, { prefix: { path: '/cn/37/' } })).toEqual([]);
      await rewrite('/总工会/new/👷/', '/');
      expect((await stored()).slice(2, 5)).toEqual(['/', '/02/', '/02/x%_/']);
      // Everything else of the documents is as it was.
      const [moved] = await store.find('unions', { where: { id: 'u-3' }, limit: 1 });
      expect(moved).toEqual({
        id: 'u-3',
        path: '/02/',
        home: '/cn/37/02/',
        name: 'n',
        terms: ['t'],
      });
      expect(await store.count('unions', { term: 't', limit: 99 })).toBe(8);
    });

    it('moves below itself, and leaves documents without the path alone', async () => {
      const { store } = current();
      await store.commit(
        putting({ id: 'a', path: '/x/' }, { id: 'b', path: '/x/y/' }, { id: 'c' }),
      );
      await store.commit({
        rewrites: [{ collection: 'unions', field: 'path', from: '/x/', to: '/x/x/' }],
      });
      const found = await store.find('unions', { limit: 9 });
      expect(found).toEqual([
        { id: 'a', path: '/x/x/' },
        { id: 'b', path: '/x/x/y/' },
        { id: 'c' },
      ]);
    });

    it('refuses a document whose values a unique index has for another, and the change with it', async () => {
      const { store } = current();
      const put = (...documents: { id: string; code?: string; kind?: string }[]) =>
        store.commit({ puts: documents.map((document) => ({ collection: 'coded', document })) });
      await put({ id: 'a', code: '1', kind: 'k' }, { id: 'b', code: '2', kind: 'k' });
      await expect(
        put({ id: 'c', code: '9', kind: 'k' }, { id: 'd', code: '1', kind: 'k' }),
      ).rejects.toThrow();
      expect(await idsOf(store, {}, 'coded')).toEqual(['a', 'b']);
      await put({ id: 'd', code: '1', kind: 'other' }, { id: 'a', code: '3', kind: 'k' });
      await put({ id: 'e', code: '1', kind: 'k' });
      // Unique among documents that have the fields.
      await put({ id: 'f' }, { id: 'g' });
      expect(await idsOf(store, {}, 'coded')).toEqual(['a', 'b', 'd', 'e', 'f', 'g']);
    });

    it('refuses one bad change alone among many at the same time', async () => {
      const { store } = current();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 40 }, (_, nth) =>
          store.commit({
            puts: [
              { collection: 'unions', document: { id: `u-${nth}` } },
              { collection: 'coded', document: { id: `c-${nth}`, code: `${nth % 39}`, kind: 'k' } },
            ],
          }),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
      expect(await idsOf(store, {})).toHaveLength(39);
      expect(await idsOf(store, {}, 'coded')).toHaveLength(39);
    });

    it('shows readers a change whole or not at all', async () => {
      const { store } = current();
      const pair = (n: number) =>
        putting({ id: 'left', n, name: 'x' }, { id: 'right', n, name: 'x' });
      await store.commit(pair(0));
      let writing = true;
      const reader = (async () => {
        let looks = 0;
        for (; writing; looks += 1) {
          const found = await store.find('unions', { where: { name: 'x' }, limit: 2 });
          expect(found[0]?.['n']).toBe(found[1]?.['n']);
          await nextTurn();
        }
        return looks;
      })();
      for (let n = 1; n <= 50; n += 1) await store.commit(pair(n));
      writing = false;
      expect(await reader).toBeGreaterThan(0);
      expect(await store.get('unions', 'left')).toMatchObject({ n: 50 });
    });
  });

  describe('checkpoints', () => {
    const current = freshDocumentStore(factory, [unions]);
    const advance = (
      position: number,
      expectedPosition: number,
      other: Partial<CheckpointAdvance> = {},
    ): DocumentChange => ({
      checkpoints: [
        {
          consumer: 'directory',
          topic: 't',
          partition: 0,
          position,
          cursor: `c-${position}`,
          expectedPosition,
          ...other,
        },
      ],
    });

    it('move with the change that they belong to', async () => {
      const { store } = current();
      expect(await store.checkpoints('directory')).toEqual([]);
      await store.commit({ ...putting({ id: 'a' }), ...advance(5, 0) });
      await store.commit(advance(7, 5));
      await store.commit(advance(2, 0, { partition: 1 }));
      await store.commit(advance(3, 0, { topic: 's' }));
      await store.commit(advance(9, 0, { consumer: 'other' }));
      const found = [...(await store.checkpoints('directory'))].sort(
        (left, right) => left.topic.localeCompare(right.topic) || left.partition - right.partition,
      );
      expect(found).toEqual([
        { consumer: 'directory', topic: 's', partition: 0, position: 3, cursor: 'c-3' },
        { consumer: 'directory', topic: 't', partition: 0, position: 7, cursor: 'c-7' },
        { consumer: 'directory', topic: 't', partition: 1, position: 2, cursor: 'c-2' },
      ]);
    });

    it('are told apart whatever the names of consumers and topics are', async () => {
      const { store } = current();
      const names = [
        { consumer: 'a/b', topic: 'c' },
        { consumer: 'a', topic: 'b/c' },
        { consumer: 'a%2Fb', topic: 'c' },
        { consumer: '', topic: 'a/b/c' },
      ];
      for (const [nth, name] of names.entries()) await store.commit(advance(nth + 1, 0, name));
      for (const [nth, name] of names.entries()) {
        expect(await store.checkpoints(name.consumer)).toMatchObject([
          { ...name, position: nth + 1 },
        ]);
      }
    });

    it.each([
      { title: 'has moved', expectedPosition: 4 },
      { title: 'is not as far yet', expectedPosition: 6 },
      { title: 'is there already', expectedPosition: 0 },
    ])('that $title refuses the whole change', async ({ expectedPosition }) => {
      const { store } = current();
      await store.commit({ ...putting({ id: 'a', path: '/a/', n: 1 }), ...advance(5, 0) });
      const refused = store.commit({
        rewrites: [{ collection: 'unions', field: 'path', from: '/a/', to: '/b/' }],
        puts: [{ collection: 'unions', document: { id: 'b' } }],
        deletes: [{ collection: 'unions', id: 'a' }],
        checkpoints: [
          ...(advance(1, 0, { partition: 1 }).checkpoints ?? []),
          ...(advance(8, expectedPosition).checkpoints ?? []),
        ],
      });
      await expect(refused).rejects.toBeInstanceOf(CheckpointConflictError);
      await expect(refused).rejects.toMatchObject({
        consumer: 'directory',
        topic: 't',
        partition: 0,
      });
      expect(await store.find('unions', { limit: 9 })).toEqual([{ id: 'a', path: '/a/', n: 1 }]);
      expect(await store.checkpoints('directory')).toEqual([
        { consumer: 'directory', topic: 't', partition: 0, position: 5, cursor: 'c-5' },
      ]);
    });

    it('let one of many who believe the same win', async () => {
      const { store } = current();
      await store.commit(advance(1, 0));
      for (const round of [1, 2, 3]) {
        const outcomes = await Promise.allSettled(
          Array.from({ length: 30 }, (_, nth) =>
            store.commit({ ...putting({ id: `r-${round}-${nth}` }), ...advance(round + 1, round) }),
          ),
        );
        const rejected = outcomes.filter((outcome) => outcome.status === 'rejected');
        expect(rejected).toHaveLength(29);
        for (const { reason } of rejected) expect(reason).toBeInstanceOf(CheckpointConflictError);
        expect(await idsOf(store, { prefix: { id: `r-${round}-` } })).toHaveLength(1);
      }
    });

    it('are forgotten when they are dropped', async () => {
      const { store } = current();
      await store.commit(advance(5, 0));
      await store.commit(advance(5, 0, { consumer: 'other' }));
      await store.dropCheckpoints('directory');
      expect(await store.checkpoints('directory')).toEqual([]);
      expect(await store.checkpoints('other')).toHaveLength(1);
      await store.commit(advance(2, 0));
    });
  });

  describe('durability', () => {
    const current = freshDocumentStore(factory, [unions]);
    const change: DocumentChange = {
      ...putting(
        { id: 'a', name: 'n', path: '/a/', terms: ['t'], live: true },
        { id: 'b', rank: 3 },
      ),
      checkpoints: [
        {
          consumer: 'directory',
          topic: 't',
          partition: 0,
          position: 5,
          cursor: 'c',
          expectedPosition: 0,
        },
      ],
    };

    async function expectKept(store: ReturnType<typeof current>['store']): Promise<void> {
      expect(await store.collections()).toEqual(['unions']);
      await store.define([unions]);
      expect(await store.find('unions', { limit: 9 })).toEqual([
        { id: 'a', name: 'n', path: '/a/', terms: ['t'], live: true },
        { id: 'b', rank: 3 },
      ]);
      expect(await idsOf(store, { term: 't', where: { live: true } })).toEqual(['a']);
      expect(await store.checkpoints('directory')).toMatchObject([{ position: 5, cursor: 'c' }]);
    }

    it('has everything when it is opened again', async () => {
      const { store, fixture } = current();
      await store.commit(change);
      await expectKept(await fixture.reopen());
    });

    it('has all that was committed when its process dies', async (context) => {
      const { store, fixture } = current();
      if (fixture.crash === undefined) return context.skip();
      await store.commit(change);
      await expectKept(await fixture.crash());
    });

    it('finishes changes under way before it closes, then takes nothing', async () => {
      const { store, fixture } = current();
      const commits = Array.from({ length: 100 }, (_, nth) =>
        store.commit(putting({ id: `u-${nth}` })),
      );
      const closed = store.close();
      await Promise.all(commits);
      await closed;
      await expect(store.commit(putting({ id: 'late' }))).rejects.toBeInstanceOf(
        StoreUnavailableError,
      );
      await expect(store.get('unions', 'u-1')).rejects.toBeInstanceOf(StoreUnavailableError);
      await store.close();
      const reopened = await fixture.reopen();
      expect(await reopened.count('unions', { limit: 1000 })).toBe(100);
    });
  });
}
