import { beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_KEY_AGE_MS, KeyDestroyedError, KeyRing } from './key-ring.ts';
import { MasterKey } from './master-key.ts';
import { MemoryKeyStore } from './memory-key-store.ts';
import { WrappedKeyError } from './person-key.ts';

/** Counts the questions, and can hold back an answer that the store has given already. */
class ObservedKeyStore extends MemoryKeyStore {
  readonly loads: string[][] = [];
  readonly inserts: string[][] = [];
  answerAfter: Promise<void> = Promise.resolve();
  failure: Error | undefined;

  override async load(subjects: readonly string[]) {
    this.loads.push([...subjects]);
    const answer = await super.load(subjects);
    await this.answerAfter;
    return answer;
  }

  override async insertIfAbsent(keys: ReadonlyMap<string, Uint8Array>) {
    this.inserts.push([...keys.keys()]);
    if (this.failure !== undefined) throw this.failure;
    const answer = await super.insertIfAbsent(keys);
    await this.answerAfter;
    return answer;
  }
}

describe('key ring', () => {
  const masterKey = MasterKey.generate();
  let store: ObservedKeyStore;
  let time: number;
  let ring: KeyRing;

  function newRing(cacheSize = 100): KeyRing {
    return new KeyRing({ masterKey, store, cacheSize, now: () => time });
  }

  beforeEach(() => {
    store = new ObservedKeyStore();
    time = 1_000;
    ring = newRing();
  });

  it('makes a key once, and finds it again in another process', async () => {
    const made = (await ring.ensureKeys(['ada'])).get('ada');
    expect(made).toBeDefined();
    for (const other of [ring, newRing()]) {
      expect((await other.ensureKeys(['ada'])).get('ada')?.export()).toEqual(made?.export());
      expect((await other.keysFor(['ada'])).get('ada')?.export()).toEqual(made?.export());
    }
    expect((await newRing().keysFor(['ada'])).get('ada')?.export()).toEqual(made?.export());
  });

  it('gives every person a key of their own', async () => {
    const keys = await ring.ensureKeys(['ada', 'bo', 'ada']);
    expect([...keys.keys()].sort()).toEqual(['ada', 'bo']);
    expect(keys.get('ada')?.export()).not.toEqual(keys.get('bo')?.export());
  });

  it('leaves out who has no key, without making one', async () => {
    await ring.ensureKeys(['ada']);
    expect([...(await ring.keysFor(['bo', 'ada'])).keys()]).toEqual(['ada']);
    expect(store.inserts).toEqual([['ada']]);
  });

  it('never shows the store a key in plain', async () => {
    const keys = await ring.ensureKeys(['ada']);
    const stored = (await store.load(['ada'])).get('ada');
    const plain = keys.get('ada')?.export();
    expect(stored).toBeDefined();
    expect(plain && Buffer.from(stored ?? []).includes(plain)).toBe(false);
  });

  it('gives calls at the same time one key, in one process and in several', async () => {
    const rings = [ring, newRing(), newRing()];
    const calls = rings.flatMap((each) => [
      each.ensureKeys(['ada']),
      each.ensureKeys(['ada', 'bo']),
    ]);
    const found = (await Promise.all(calls)).map((keys) =>
      keys.get('ada')?.export().toString('hex'),
    );
    expect(new Set(found).size).toBe(1);
  });

  it('shares one write between calls that meet', async () => {
    const gate = Promise.withResolvers<void>();
    store.answerAfter = gate.promise;
    const first = ring.ensureKeys(['ada']);
    await reached(() => store.inserts.length === 1);
    const later = Array.from({ length: 50 }, (_, n) => ring.ensureKeys([`person-${n}`]));
    gate.resolve();
    await Promise.all([first, ...later]);
    expect(store.inserts.map((subjects) => subjects.length)).toEqual([1, 50]);
  });

  it('tells everybody who waited of a failed write, and works again afterwards', async () => {
    store.failure = new Error('disk full');
    const calls = await Promise.allSettled([ring.ensureKeys(['ada']), ring.ensureKeys(['bo'])]);
    expect(calls.map((call) => call.status)).toEqual(['rejected', 'rejected']);
    store.failure = undefined;
    expect((await ring.ensureKeys(['ada', 'bo'])).size).toBe(2);
  });

  it('refuses a destroyed person, and nobody else', async () => {
    await ring.ensureKeys(['ada', 'bo']);
    await ring.destroy('ada');
    expect([...(await ring.keysFor(['ada', 'bo'])).keys()]).toEqual(['bo']);
    const refusal = await ring.ensureKeys(['bo', 'ada']).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(KeyDestroyedError);
    expect(refusal).toMatchObject({ subject: 'ada' });
    expect((await ring.ensureKeys(['bo'])).size).toBe(1);
  });

  it('notices within the maximum age that another process destroyed a key', async () => {
    await ring.ensureKeys(['ada']);
    await newRing().destroy('ada');
    time += DEFAULT_KEY_AGE_MS - 1;
    expect((await ring.keysFor(['ada'])).size).toBe(1);
    time += 1;
    expect((await ring.keysFor(['ada'])).size).toBe(0);
    await expect(ring.ensureKeys(['ada'])).rejects.toThrow(KeyDestroyedError);
  });

  it('does not renew the age of a key by using it', async () => {
    await ring.ensureKeys(['ada']);
    store.loads.length = 0;
    for (let n = 0; n < 4; n += 1) {
      time += DEFAULT_KEY_AGE_MS / 4;
      await ring.keysFor(['ada']);
    }
    expect(store.loads).toEqual([['ada']]);
  });

  it.each(['keysFor', 'ensureKeys'] as const)(
    'does not hold a key that was destroyed while the answer was on its way: %s',
    async (method) => {
      await newRing().ensureKeys(['ada']);
      const asked = method === 'keysFor' ? store.loads : store.inserts;
      asked.length = 0;
      const gate = Promise.withResolvers<void>();
      store.answerAfter = gate.promise;
      const answer = ring[method](['ada']);
      await reached(() => asked.length === 1);
      await ring.destroy('ada');
      gate.resolve();
      await answer;
      expect((await ring.keysFor(['ada'])).size).toBe(0);
    },
  );

  it('drops a key from memory even when the destruction seems to fail', async () => {
    await ring.ensureKeys(['ada']);
    const destroy = store.destroy.bind(store);
    store.destroy = async (subject) => {
      await destroy(subject);
      throw new Error('answer lost');
    };
    await expect(ring.destroy('ada')).rejects.toThrow('answer lost');
    expect((await ring.keysFor(['ada'])).size).toBe(0);
  });

  it('holds no more keys than it may', async () => {
    const small = newRing(2);
    await small.ensureKeys(['ada', 'bo', 'cy']);
    store.loads.length = 0;
    await small.keysFor(['ada', 'bo', 'cy']);
    expect(store.loads).toEqual([['ada']]);
  });

  it('asks the store nothing when it holds all keys', async () => {
    await ring.ensureKeys(['ada', 'bo']);
    store.loads.length = 0;
    store.inserts.length = 0;
    await ring.keysFor(['ada', 'bo']);
    await ring.ensureKeys(['bo']);
    expect([store.loads, store.inserts]).toEqual([[], []]);
  });

  it('says so when the store belongs to another master key', async () => {
    await ring.ensureKeys(['ada']);
    const foreign = new KeyRing({ masterKey: MasterKey.generate(), store, cacheSize: 10 });
    await expect(foreign.keysFor(['ada'])).rejects.toThrow(WrappedKeyError);
  });
});

/** Lets promises run on until the condition holds. */
async function reached(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000 && !condition(); turn += 1) await Promise.resolve();
  expect(condition()).toBe(true);
}
