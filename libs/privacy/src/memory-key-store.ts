import type { KeyStore } from './key-store.ts';

/** Keys in memory, for tests: they end with the process. */
export class MemoryKeyStore implements KeyStore {
  readonly #keys = new Map<string, Uint8Array>();
  readonly #destroyed = new Set<string>();

  async load(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    return this.#standing(subjects);
  }

  async insertIfAbsent(
    keys: ReadonlyMap<string, Uint8Array>,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    for (const [subject, key] of keys) {
      if (this.#destroyed.has(subject) || this.#keys.has(subject)) continue;
      this.#keys.set(subject, Uint8Array.from(key));
    }
    return this.#standing(keys.keys());
  }

  async destroy(subject: string): Promise<void> {
    this.#keys.delete(subject);
    this.#destroyed.add(subject);
  }

  async close(): Promise<void> {}

  #standing(subjects: Iterable<string>): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const subject of subjects) {
      const key = this.#keys.get(subject);
      if (key !== undefined) found.set(subject, Uint8Array.from(key));
    }
    return found;
  }
}
