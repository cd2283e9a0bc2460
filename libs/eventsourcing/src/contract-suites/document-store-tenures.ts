import { describe, expect, it } from 'vitest';
import { TenureEndedError } from '../document-store.ts';
import { type DocumentStoreFixtureFactory, freshDocumentStore } from './document-store-fixture.ts';

/** One holder of a consumer at a time. */
export function tenuresContract(factory: DocumentStoreFixtureFactory): void {
  describe('tenures', () => {
    const current = freshDocumentStore(factory, [{ name: 'sums', indexes: [] }]);
    const put = (count: number) => ({
      puts: [{ collection: 'sums', document: { id: 'all', count } }],
    });

    it('refuses the changes of a holder that was replaced, whole, and takes those of its successor', async () => {
      const { store } = current();
      const first = await store.takeOver('totals');
      await store.commit({ tenure: first, ...put(1) });
      const second = await store.takeOver('totals');
      const place = { consumer: 'totals', topic: 't', partition: 0, cursor: '' };
      const late = store.commit({
        tenure: first,
        ...put(2),
        checkpoints: [{ ...place, position: 1, expectedPosition: 0 }],
      });
      await expect(late).rejects.toBeInstanceOf(TenureEndedError);
      await expect(late).rejects.toMatchObject({ consumer: 'totals', epoch: first.epoch });
      expect(await store.get('sums', 'all')).toEqual({ id: 'all', count: 1 });
      expect(await store.checkpoints('totals')).toEqual([]);
      await store.commit({ tenure: second, ...put(3) });
      await store.commit({ tenure: second, ...put(4) });
      expect(await store.get('sums', 'all')).toEqual({ id: 'all', count: 4 });
    });

    it('counts epochs by one for each consumer, over a restart and over dropped checkpoints', async () => {
      const { store, fixture } = current();
      expect(await store.takeOver('totals')).toEqual({ consumer: 'totals', epoch: 1 });
      expect(await store.takeOver('others')).toEqual({ consumer: 'others', epoch: 1 });
      await store.dropCheckpoints('totals');
      const reopened = await fixture.reopen();
      expect(await reopened.takeOver('totals')).toEqual({ consumer: 'totals', epoch: 2 });
    });

    it('gives those who take over at once different epochs, and only the last of them may write', async () => {
      const { store } = current();
      const tenures = await Promise.all(Array.from({ length: 8 }, () => store.takeOver('totals')));
      expect(tenures.map(({ epoch }) => epoch).toSorted((a, b) => a - b)).toEqual([
        1, 2, 3, 4, 5, 6, 7, 8,
      ]);
      const outcomes = await Promise.allSettled(
        tenures.map((tenure) => store.commit({ tenure, ...put(tenure.epoch) })),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store.get('sums', 'all')).toEqual({ id: 'all', count: 8 });
    });

    it('asks nothing of a change that names no holder', async () => {
      const { store } = current();
      await store.takeOver('totals');
      await store.commit(put(5));
      expect(await store.get('sums', 'all')).toEqual({ id: 'all', count: 5 });
    });
  });
}
