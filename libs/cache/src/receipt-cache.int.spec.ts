import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CommandReceipt,
  DuplicateReceiptError,
  type EventStore,
  type StreamAppend,
} from '@unionfold/eventsourcing';
import { eventStoreContract } from '@unionfold/eventsourcing/contract-suites';
import { SqliteEventStore } from '@unionfold/storage';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import type { Cache, CacheLifetime } from './cache.ts';
import { CacheUnavailableError } from './cache-unavailable-error.ts';
import type { JsonValue } from './json.ts';
import { MemoryCache } from './memory-cache.ts';
import { withReceiptCache } from './receipt-cache.ts';

const scope = 'welfare';

eventStoreContract('a store with cached receipts', async ({ partitions }) => {
  const folder = await mkdtemp(join(tmpdir(), 'unionfold-receipts-'));
  const cache = new MemoryCache();
  let store: EventStore;
  const open = async () => {
    const inner = await SqliteEventStore.open({ file: join(folder, 'events.db'), partitions });
    store = withReceiptCache(inner, cache, { scope });
    return store;
  };
  return {
    open,
    reopen: async () => {
      await store.close();
      return await open();
    },
    destroy: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

describe('receipts in a cache', () => {
  /** A citizen's number, which a caller should not put into a key, and may. */
  const receipt: CommandReceipt = {
    key: 'apply-000000190001010000',
    fingerprint: 'f1',
    result: { case: 'c-1' },
  };
  let folder: string;
  let inner: EventStore;
  let findReceipt: MockInstance<EventStore['findReceipt']>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'unionfold-receipts-'));
    inner = await SqliteEventStore.open({ file: join(folder, 'events.db'), partitions: 4 });
    findReceipt = vi.spyOn(inner, 'findReceipt');
  });
  afterEach(async () => {
    await inner.close();
    await rm(folder, { recursive: true });
  });

  it('are found without the store once they were written', async () => {
    const store = withReceiptCache(inner, new MemoryCache(), { scope });
    const appended = await store.append([append('a', 2), append('b', 1)], receipt);
    expect(await store.findReceipt(receipt.key)).toEqual({ ...receipt, appended });
    expect(findReceipt).not.toHaveBeenCalled();
    expect(await inner.findReceipt(receipt.key)).toEqual({ ...receipt, appended });
  });

  it('are found without the store once they were found, or refused as known', async () => {
    const appended = await inner.append([append('a', 1)], receipt);
    for (const learn of [
      (store: EventStore) => store.findReceipt(receipt.key),
      (store: EventStore) =>
        store.append([append('b', 1)], receipt).catch((error) => error.receipt),
    ]) {
      const store = withReceiptCache(inner, new MemoryCache(), { scope });
      expect(await learn(store)).toEqual({ ...receipt, appended });
      findReceipt.mockClear();
      expect(await store.findReceipt(receipt.key)).toEqual({ ...receipt, appended });
      expect(findReceipt).not.toHaveBeenCalled();
    }
  });

  it('are asked of the store each time while there is none', async () => {
    const store = withReceiptCache(inner, new MemoryCache(), { scope });
    expect(await store.findReceipt(receipt.key)).toBeUndefined();
    await inner.append([append('a', 1)], receipt);
    expect(await store.findReceipt(receipt.key)).toMatchObject(receipt);
  });

  it('of two stores are kept apart', async () => {
    const cache = new MemoryCache();
    await withReceiptCache(inner, cache, { scope: 'members' }).append([append('a', 1)], receipt);
    findReceipt.mockResolvedValue(undefined);
    const other = withReceiptCache(inner, cache, { scope });
    expect(await other.findReceipt(receipt.key)).toBeUndefined();
  });

  it('are named by nothing that the caller wrote', async () => {
    const cache = new WatchedCache();
    const store = withReceiptCache(inner, cache, { scope });
    await store.append([append('a', 1)], receipt);
    await store.findReceipt(receipt.key);
    expect(cache.keys.size).toBe(1);
    for (const key of cache.keys) expect(key).not.toContain('000000190001010000');
  });

  it('come from the store when the cache fails, or holds something else', async () => {
    const failing = new MemoryCache();
    vi.spyOn(failing, 'get').mockRejectedValue(new CacheUnavailableError('gone'));
    vi.spyOn(failing, 'set').mockRejectedValue(new CacheUnavailableError('gone'));
    const strange = new MemoryCache();
    vi.spyOn(strange, 'get').mockResolvedValue({
      fingerprint: 'f1',
      result: {},
      appended: [['a']],
    });
    const appended = await inner.append([append('a', 1)], receipt);
    for (const cache of [failing, strange]) {
      const store = withReceiptCache(inner, cache, { scope });
      expect(await store.findReceipt(receipt.key)).toEqual({ ...receipt, appended });
      await expect(store.append([append('b', 1)], receipt)).rejects.toThrow(DuplicateReceiptError);
    }
  });
});

class WatchedCache extends MemoryCache implements Cache {
  readonly keys = new Set<string>();

  override get(key: string): Promise<JsonValue | undefined> {
    this.keys.add(key);
    return super.get(key);
  }

  override set(key: string, value: JsonValue, lifetime: CacheLifetime): Promise<void> {
    this.keys.add(key);
    return super.set(key, value, lifetime);
  }
}

function append(stream: string, count: number): StreamAppend {
  const events = Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'unionfold.test.v1.Happened',
    data: {},
    metadata: {
      actor: 'a-test',
      correlationId: randomUUID(),
      occurredAt: '2026-02-03T04:05:06.789Z',
    },
  }));
  return { stream, expectedVersion: 'any', events };
}
