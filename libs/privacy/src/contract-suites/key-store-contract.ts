import { afterEach, describe, expect, it } from 'vitest';
import type { KeyStore } from '../key-store.ts';

/** A key store under test. */
export interface KeyStoreUnderTest {
  readonly store: KeyStore;
  /** For stores that outlive a process: closes the store and opens what it left. */
  readonly reopen?: () => Promise<KeyStore>;
  /** Removes what the test left. */
  readonly cleanUp?: () => Promise<void>;
}

/** What every adapter of the key store port holds. `openEmpty` gives a new, empty store each time. */
export function describeKeyStoreContract(
  adapter: string,
  openEmpty: () => Promise<KeyStoreUnderTest>,
): void {
  describe(`key store contract: ${adapter}`, () => {
    let open: KeyStore | undefined;
    let cleanUp: KeyStoreUnderTest['cleanUp'];

    async function start(): Promise<KeyStoreUnderTest> {
      const underTest = await openEmpty();
      open = underTest.store;
      cleanUp = underTest.cleanUp;
      return underTest;
    }

    afterEach(async () => {
      await open?.close();
      await cleanUp?.();
      open = undefined;
      cleanUp = undefined;
    });

    it('returns inserted keys byte by byte and leaves out what it does not have', async () => {
      const { store } = await start();
      const inserted = await store.insertIfAbsent(keys({ ada: key(0), bo: key(255) }));
      expect(plain(inserted)).toEqual(plain(keys({ ada: key(0), bo: key(255) })));
      const loaded = await store.load(['bo', 'nobody', 'ada']);
      expect(plain(loaded)).toEqual(plain(keys({ ada: key(0), bo: key(255) })));
    });

    it('answers empty questions', async () => {
      const { store } = await start();
      expect((await store.load([])).size).toBe(0);
      expect((await store.insertIfAbsent(new Map())).size).toBe(0);
    });

    it('lets the existing key win', async () => {
      const { store } = await start();
      await store.insertIfAbsent(keys({ ada: key(1) }));
      const standing = await store.insertIfAbsent(keys({ ada: key(2), bo: key(3) }));
      expect(plain(standing)).toEqual(plain(keys({ ada: key(1), bo: key(3) })));
      expect(plain(await store.load(['ada', 'bo']))).toEqual(plain(standing));
    });

    it('gives inserts at the same time one key', async () => {
      const { store } = await start();
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, n) => store.insertIfAbsent(keys({ ada: key(n) }))),
      );
      const standing = plain(await store.load(['ada']));
      expect(Object.keys(standing)).toEqual(['ada']);
      for (const answer of answers) expect(plain(answer)).toEqual(standing);
    });

    it('keeps a destroyed subject without a key for ever', async () => {
      const { store } = await start();
      await store.insertIfAbsent(keys({ ada: key(1), bo: key(2) }));
      await store.destroy('ada');
      await store.destroy('ada');
      expect(plain(await store.load(['ada', 'bo']))).toEqual(plain(keys({ bo: key(2) })));
      const standing = await store.insertIfAbsent(keys({ ada: key(3), cy: key(4) }));
      expect(plain(standing)).toEqual(plain(keys({ cy: key(4) })));
      expect(plain(await store.load(['ada']))).toEqual({});
    });

    it('refuses a key to a subject that was destroyed before it had one', async () => {
      const { store } = await start();
      await store.destroy('ada');
      expect(plain(await store.insertIfAbsent(keys({ ada: key(1) })))).toEqual({});
    });

    it('takes and gives thousands of keys at once', async () => {
      const { store } = await start();
      const many = new Map(Array.from({ length: 5_000 }, (_, n) => [`person-${n}`, key(n % 256)]));
      expect((await store.insertIfAbsent(many)).size).toBe(5_000);
      expect(plain(await store.load([...many.keys()]))).toEqual(plain(many));
    });

    it('keeps keys and destructions over a restart', async (context) => {
      const { store, reopen } = await start();
      if (reopen === undefined) return context.skip('the adapter does not outlive its process');
      await store.insertIfAbsent(keys({ ada: key(1), bo: key(2) }));
      await store.destroy('ada');
      const again = await reopen();
      open = again;
      expect(plain(await again.load(['ada', 'bo']))).toEqual(plain(keys({ bo: key(2) })));
      expect(plain(await again.insertIfAbsent(keys({ ada: key(3) })))).toEqual({});
    });
  });
}

function key(fill: number): Uint8Array {
  return new Uint8Array(60).fill(fill);
}

function keys(bySubject: Readonly<Record<string, Uint8Array>>): ReadonlyMap<string, Uint8Array> {
  return new Map(Object.entries(bySubject));
}

/** Comparable whatever kind of byte array an adapter returns. */
function plain(map: ReadonlyMap<string, Uint8Array>): Record<string, string> {
  const entries = [...map].map(([subject, bytes]) => [subject, Buffer.from(bytes).toString('hex')]);
  return Object.fromEntries(entries);
}
