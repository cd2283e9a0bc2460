import type { KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { KeyStore } from './key-store.ts';
import type { MasterKey } from './master-key.ts';
import { generatePersonKey, type PersonKey, unwrapPersonKey, wrapPersonKey } from './person-key.ts';
import { SearchIndex } from './search-index.ts';

/** Default of {@link KeyRingOptions.maxAgeMs}. */
export const DEFAULT_KEY_AGE_MS = 60_000;

/** What a key ring is made of. */
export interface KeyRingOptions {
  readonly masterKey: MasterKey;
  readonly store: KeyStore;
  /** Keys held in memory at most. */
  readonly cacheSize: number;
  /**
   * A held key is asked for again after this time, because another process may have destroyed it: so long does a
   * forgotten person stay readable elsewhere. Milliseconds.
   */
  readonly maxAgeMs?: number;
  /** Milliseconds that never run backwards. */
  readonly now?: () => number;
}

/** The person was forgotten: nothing personal about the subject can be written any more. */
export class KeyDestroyedError extends Error {
  override readonly name = 'KeyDestroyedError';

  /** @param subject the person's pseudonym */
  constructor(readonly subject: string) {
    super(`the key of ${subject} was destroyed`);
  }
}

interface HeldKey {
  readonly key: PersonKey;
  readonly loadedAt: number;
}

interface Gathering {
  readonly subjects: Set<string>;
  readonly outcome: Promise<ReadonlyMap<string, PersonKey>>;
}

/** The keys of persons: made on first use, held for a while, destroyed for ever. */
export class KeyRing {
  /** Keyed hashes for search, under the same master key. */
  readonly searchIndex: SearchIndex;
  readonly #wrapping: KeyObject;
  readonly #store: KeyStore;
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  readonly #held: LRUCache<string, HeldKey>;
  /** Calls that wait for the store together; taken as one when the write under way has ended. */
  #gathering: Gathering | undefined;
  #writing: Promise<unknown> = Promise.resolve();
  #destructions = 0;

  constructor(options: KeyRingOptions) {
    this.searchIndex = new SearchIndex(options.masterKey);
    this.#wrapping = options.masterKey.wrappingKey;
    this.#store = options.store;
    this.#maxAgeMs = options.maxAgeMs ?? DEFAULT_KEY_AGE_MS;
    this.#now = options.now ?? (() => performance.now());
    this.#held = new LRUCache({ max: options.cacheSize });
  }

  /**
   * The keys that exist. A subject that is left out has no key: it never had one, or it was destroyed.
   *
   * @throws WrappedKeyError when a stored key does not open
   */
  async keysFor(subjects: Iterable<string>): Promise<ReadonlyMap<string, PersonKey>> {
    const { found, missing } = this.#split(subjects);
    if (missing.length === 0) return found;
    for (const [subject, key] of await this.#load(missing)) found.set(subject, key);
    return found;
  }

  /**
   * The keys of all subjects, made where there was none. New keys are durable when the promise resolves. Calls at the
   * same time, in this process or in others, get the same key; those that meet in one process share one write.
   *
   * @throws KeyDestroyedError when one of them was destroyed; keys of the others may have been made
   * @throws WrappedKeyError when a stored key does not open
   */
  async ensureKeys(subjects: Iterable<string>): Promise<ReadonlyMap<string, PersonKey>> {
    const { found, missing } = this.#split(subjects);
    if (missing.length === 0) return found;
    const made = await this.#gather(missing);
    for (const subject of missing) {
      const key = made.get(subject);
      if (key === undefined) throw new KeyDestroyedError(subject);
      found.set(subject, key);
    }
    return found;
  }

  /** Forgets a person: no sealed field of the subject can ever be opened again. Again is no error. */
  async destroy(subject: string): Promise<void> {
    try {
      await this.#store.destroy(subject);
    } finally {
      // In any case: a destruction whose answer was lost may have happened.
      this.#destructions += 1;
      this.#held.delete(subject);
    }
  }

  #split(subjects: Iterable<string>): { found: Map<string, PersonKey>; missing: string[] } {
    const found = new Map<string, PersonKey>();
    const missing = new Set<string>();
    const oldest = this.#now() - this.#maxAgeMs;
    for (const subject of subjects) {
      const held = this.#held.get(subject);
      if (held !== undefined && held.loadedAt > oldest) found.set(subject, held.key);
      else missing.add(subject);
    }
    return { found, missing: [...missing] };
  }

  #gather(subjects: readonly string[]): Promise<ReadonlyMap<string, PersonKey>> {
    const gathering = this.#gathering ?? this.#startGathering();
    for (const subject of subjects) gathering.subjects.add(subject);
    return gathering.outcome;
  }

  #startGathering(): Gathering {
    const subjects = new Set<string>();
    const outcome = this.#writing.then(() => {
      this.#gathering = undefined;
      return this.#make([...subjects]);
    });
    // Who asked hears of a failure by the outcome; the next write goes on all the same.
    this.#writing = outcome.catch(() => undefined);
    this.#gathering = { subjects, outcome };
    return this.#gathering;
  }

  /** Offers the store new keys without asking first: nearly all who are not held are new, and who is not keeps theirs. */
  #make(subjects: readonly string[]): Promise<ReadonlyMap<string, PersonKey>> {
    const wrapped = new Map(
      subjects.map((subject) => [
        subject,
        wrapPersonKey(this.#wrapping, subject, generatePersonKey()),
      ]),
    );
    return this.#take(() => this.#store.insertIfAbsent(wrapped));
  }

  #load(subjects: readonly string[]): Promise<Map<string, PersonKey>> {
    return this.#take(() => this.#store.load(subjects));
  }

  /** Unwraps what the store answers, and holds it. */
  async #take(
    ask: () => Promise<ReadonlyMap<string, Uint8Array>>,
  ): Promise<Map<string, PersonKey>> {
    const askedAt = this.#now();
    const destructionsBefore = this.#destructions;
    const wrapped = await ask();
    const keys = new Map<string, PersonKey>();
    for (const [subject, bytes] of wrapped) {
      keys.set(subject, unwrapPersonKey(this.#wrapping, subject, bytes));
    }
    // An answer given before a destruction may arrive after it: held, it would bring the destroyed key back.
    if (destructionsBefore === this.#destructions) {
      for (const [subject, key] of keys) this.#held.set(subject, { key, loadedAt: askedAt });
    }
    return keys;
  }
}
