import { describe, expect, it } from 'vitest';
import {
  type CommandReceipt,
  DuplicateReceiptError,
  VersionConflictError,
} from '../event-store.ts';
import {
  type EventStoreFixtureFactory,
  eventsOf,
  freshEventStore,
  oneTo,
} from './event-store-fixture.ts';

/** Idempotency keys. */
export function receiptsContract(factory: EventStoreFixtureFactory): void {
  describe('receipts', () => {
    const current = freshEventStore(factory, 4);
    const receipt: CommandReceipt = {
      key: 'caller-1/key-1',
      fingerprint: 'f-1',
      result: { unionId: 'cn-37', name: '总工会', at: [1, null] },
    };

    it('finds a receipt with what its append did', async () => {
      const { store } = current();
      const appended = await store.append(
        [
          { stream: 'union-1', expectedVersion: 0, events: eventsOf(2) },
          { stream: 'union-2', expectedVersion: 0, events: eventsOf(1) },
        ],
        receipt,
      );
      expect(appended).toHaveLength(3);
      expect(await store.findReceipt(receipt.key)).toEqual({ ...receipt, appended });
      expect(await store.findReceipt('caller-1/key-2')).toBeUndefined();
    });

    it('keeps a receipt of an append that had nothing to write', async () => {
      const { store } = current();
      await store.append([], receipt);
      expect(await store.findReceipt(receipt.key)).toEqual({ ...receipt, appended: [] });
      await expect(store.append([], receipt)).rejects.toBeInstanceOf(DuplicateReceiptError);
    });

    it('answers the same key again with the first receipt, and writes nothing', async () => {
      const { store } = current();
      const appended = await store.append(
        [{ stream: 'union-1', expectedVersion: 0, events: eventsOf(1) }],
        receipt,
      );
      const heads = await store.heads();
      const again = store.append([{ stream: 'union-2', expectedVersion: 0, events: eventsOf(1) }], {
        key: receipt.key,
        fingerprint: 'f-2',
        result: { other: true },
      });
      await expect(again).rejects.toBeInstanceOf(DuplicateReceiptError);
      await expect(again).rejects.toMatchObject({ receipt: { ...receipt, appended } });
      expect(await store.heads()).toEqual(heads);
      expect(await store.readStream('union-2')).toEqual([]);
    });

    it('names the receipt and not the version when a command is repeated as it was', async () => {
      const { store } = current();
      const appends = [{ stream: 'union-1', expectedVersion: 0, events: eventsOf(1) }];
      const appended = await store.append(appends, receipt);
      await expect(store.append(appends, receipt)).rejects.toMatchObject({
        name: 'DuplicateReceiptError',
        receipt: { ...receipt, appended },
      });
    });

    it('keeps no receipt of an append that was refused', async () => {
      const { store } = current();
      await store.append([{ stream: 'union-1', expectedVersion: 0, events: eventsOf(1) }]);
      await expect(
        store.append([{ stream: 'union-1', expectedVersion: 0, events: eventsOf(1) }], receipt),
      ).rejects.toBeInstanceOf(VersionConflictError);
      expect(await store.findReceipt(receipt.key)).toBeUndefined();
      await store.append([{ stream: 'union-1', expectedVersion: 1, events: eventsOf(1) }], receipt);
      expect(await store.findReceipt(receipt.key)).toMatchObject({ key: receipt.key });
    });

    it('lets one of many appends with the same key win, at once', async () => {
      const { store } = current();
      const outcomes = await Promise.allSettled(
        oneTo(50).map((nth) =>
          store.append([{ stream: `union-${nth}`, expectedVersion: 0, events: eventsOf(1) }], {
            ...receipt,
            fingerprint: `f-${nth}`,
          }),
        ),
      );
      const winners = outcomes.filter(({ status }) => status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect((await store.heads()).reduce((sum, head) => sum + head)).toBe(1);
      const stored = await store.findReceipt(receipt.key);
      expect(stored).toBeDefined();
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') {
          expect(outcome.value).toEqual(stored?.appended);
        } else {
          expect(outcome.reason).toBeInstanceOf(DuplicateReceiptError);
          expect(outcome.reason).toMatchObject({ receipt: stored });
        }
      }
    });
  });
}
