import { CheckpointConflictError, type Document, TenureEndedError } from '@unionfold/eventsourcing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DocumentsDatabase } from './documents-database.fixture.ts';

describe('several processes with one document store', () => {
  let database: DocumentsDatabase;
  beforeEach(() => {
    database = new DocumentsDatabase();
  });
  afterEach(async () => {
    await database.destroy();
  });

  const sums = { name: 'sums', indexes: [{ fields: ['kind'] }] };
  const put = (document: Document, collection = 'sums') => ({ puts: [{ collection, document }] });
  const place = { consumer: 'totals', topic: 't', partition: 0, cursor: '' };

  it('let one of two that apply the same events win, each time, and lose none of them', async () => {
    const stores = [await database.open(), await database.open()] as const;
    await stores[0].define([sums]);
    for (let position = 1; position <= 20; position += 1) {
      const outcomes = await Promise.allSettled(
        stores.map((store, nth) =>
          store.commit({
            ...put({ id: `s-${position}`, by: nth }),
            checkpoints: [{ ...place, position, expectedPosition: position - 1 }],
          }),
        ),
      );
      const refused = outcomes.filter((one) => one.status === 'rejected');
      expect(refused).toHaveLength(1);
      expect(refused[0]?.reason).toBeInstanceOf(CheckpointConflictError);
      const winner = outcomes.findIndex((one) => one.status === 'fulfilled');
      expect(await stores[0].get('sums', `s-${position}`)).toEqual({
        id: `s-${position}`,
        by: winner,
      });
    }
    expect(await stores[1].checkpoints('totals')).toEqual([{ ...place, position: 20 }]);
  });

  it('refuse the one whose consumer was taken over, whatever it has in hand', async () => {
    const [old, next] = [await database.open(), await database.open()];
    await old.define([sums]);
    const first = await old.takeOver('totals');
    // Handed in before the other takes over: some of them are written, the rest are refused, none comes afterwards.
    const late = Array.from({ length: 30 }, (_, n) =>
      old.commit({ tenure: first, ...put({ id: `old-${n}` }) }),
    );
    const outcomes = Promise.allSettled(late);
    await late[4];
    const second = await next.takeOver('totals');
    const seen = (await next.find('sums', { limit: 99 })).map(({ id }) => id);
    await next.commit({ tenure: second, ...put({ id: 'new' }) });
    const settled = await outcomes;
    const written = settled.filter(({ status }) => status === 'fulfilled').length;
    for (const one of settled.slice(written)) {
      expect(one).toMatchObject({ status: 'rejected', reason: expect.any(TenureEndedError) });
    }
    expect(written).toBeLessThan(30);
    expect(seen).toHaveLength(written);
    expect((await next.find('sums', { limit: 99 })).map(({ id }) => id)).toEqual(['new', ...seen]);
    await expect(old.commit({ tenure: first, ...put({ id: 'later' }) })).rejects.toBeInstanceOf(
      TenureEndedError,
    );
  });

  it('define at the same time, and none of their indexes, paths and terms is lost', async () => {
    const stores = await Promise.all(Array.from({ length: 5 }, () => database.open()));
    await Promise.all(
      stores.map((store, nth) =>
        store.define([
          {
            name: 'unions',
            indexes: [{ fields: [`field${nth}`] }],
            ...(nth === 1 ? { paths: ['path'] } : {}),
            ...(nth === 2 ? { terms: 'terms' } : {}),
          },
        ]),
      ),
    );
    const later = await database.open();
    for (let nth = 0; nth < 5; nth += 1) {
      const plan = await later.explain('unions', { where: { [`field${nth}`]: 1 }, limit: 1 });
      expect(JSON.stringify(plan)).toContain(`"doc.field${nth}_1__id_1"`);
    }
    await later.commit(put({ id: 'a', path: '/a/', terms: ['x'] }, 'unions'));
    await later.commit({
      rewrites: [{ collection: 'unions', field: 'path', from: '/a/', to: '/b/' }],
    });
    expect(await later.find('unions', { term: 'x', limit: 1 })).toEqual([
      { id: 'a', path: '/b/', terms: ['x'] },
    ]);
  });

  it('refuse to write to what another has dropped, and find what another has defined', async () => {
    const [one, other] = [await database.open(), await database.open()];
    await one.define([sums]);
    await other.commit(put({ id: 'a' }));
    await one.drop(['sums']);
    await expect(other.commit(put({ id: 'b' }))).rejects.toThrow(/sums is not defined/);
    await one.define([sums, { name: 'later', indexes: [] }]);
    await other.commit(put({ id: 'c' }));
    await other.commit(put({ id: 'd' }, 'later'));
    expect(await one.find('sums', { limit: 9 })).toEqual([{ id: 'c' }]);
    expect(await one.get('later', 'd')).toEqual({ id: 'd' });
  });

  it('show each other large changes whole or not at all', async () => {
    const [writer, reader] = [await database.open(), await database.open()];
    await writer.define([sums]);
    const change = (round: number) => ({
      puts: Array.from({ length: 3_000 }, (_, n) => ({
        collection: 'sums',
        document: { id: `s-${n}`, kind: n % 2, round, filler: 'x'.repeat(300) },
      })),
    });
    await writer.commit(change(0));
    let isWriting = true;
    const looking = (async () => {
      const rounds = new Set<unknown>();
      while (isWriting) {
        const found = await reader.find('sums', { limit: 3_000, orderBy: ['kind'] });
        const seen = new Set(found.map((document) => document['round']));
        expect(found).toHaveLength(3_000);
        expect([...seen]).toHaveLength(1);
        for (const round of seen) rounds.add(round);
      }
      return rounds;
    })();
    const writing = (async () => {
      for (let round = 1; round <= 8; round += 1) await writer.commit(change(round));
      isWriting = false;
    })();
    const [seen] = await Promise.all([looking, writing]);
    expect(seen.size).toBeGreaterThan(1);
  });

  it('go on when the primary steps down, with every acknowledged change there, once', async () => {
    const store = await database.open();
    await store.define([sums]);
    const tenure = await store.takeOver('totals');
    const admin = (await database.connect()).client.db('admin');
    const batches = 200;
    let stepDowns = 0;
    for (let position = 1; position <= batches; position += 1) {
      // Handed in at once with the change, so that it meets it at any stage.
      const steppingDown =
        position % 80 === 40
          ? admin
              .command({ replSetStepDown: 1, force: true, secondaryCatchUpPeriodSecs: 0 })
              .then(() => {
                stepDowns += 1;
              })
          : undefined;
      await store.commit({
        tenure,
        ...put({ id: `s-${position}`, position }),
        checkpoints: [{ ...place, position, expectedPosition: position - 1 }],
      });
      await steppingDown;
    }
    expect(stepDowns).toBe(3);
    const found = await store.find('sums', { limit: 1_000 });
    expect(
      found.map((document) => document['position']).toSorted((a, b) => Number(a) - Number(b)),
    ).toEqual(Array.from({ length: batches }, (_, nth) => nth + 1));
    expect(await store.checkpoints('totals')).toEqual([{ ...place, position: batches }]);
  });
});
