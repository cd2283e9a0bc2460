/**
 * The key store port: one key per person, wrapped by the master key. Subjects are pseudonyms, never names or numbers.
 *
 * Adapters hold: what a promise resolved with is durable; a subject's key never changes; a destroyed subject gets no
 * key ever again, whether it had one or not, and no trace of the destroyed key is kept.
 */
export interface KeyStore {
  /** The keys that stand; subjects without one are left out. */
  load(subjects: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /**
   * Stores keys of subjects that have none.
   *
   * @returns the keys that stand now: an existing one wins over the given one; a destroyed subject is left out
   */
  insertIfAbsent(keys: ReadonlyMap<string, Uint8Array>): Promise<ReadonlyMap<string, Uint8Array>>;
  /** Destroys a subject's key for ever; again is no error. */
  destroy(subject: string): Promise<void>;
  close(): Promise<void>;
}
