/** Keys asked for at once. */
const mostKeys = 200;

interface Waiting<Key, Found> {
  readonly key: Key;
  readonly resolve: (found: Found) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Reads by key that go together: what is asked for while a question is under way waits for it and shares the next one.
 * So their number does not grow with the load. An answer is never older than the asking, because a read joins only a
 * question that has not been sent.
 */
export class SharedReads<Key, Found> {
  readonly #read: (keys: readonly Key[]) => Promise<(key: Key) => Found>;
  #waiting: Waiting<Key, Found>[] = [];
  #isAsking = false;

  /** @param read asks for different keys at once */
  constructor(read: (keys: readonly Key[]) => Promise<(key: Key) => Found>) {
    this.#read = read;
  }

  /** @throws what the question that it shared rejects with */
  get(key: Key): Promise<Found> {
    const { promise, resolve, reject } = Promise.withResolvers<Found>();
    this.#waiting.push({ key, resolve, reject });
    if (!this.#isAsking) void this.#ask();
    return promise;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, mostKeys);
      try {
        const find = await this.#read([...new Set(group.map(({ key }) => key))]);
        for (const { key, resolve } of group) resolve(find(key));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isAsking = false;
  }
}

/** {@link SharedReads} of documents by their ids; undefined for those that there are not. */
export function sharedById<Stored extends { readonly _id: string }, Found>(
  find: (ids: string[]) => Promise<readonly Stored[]>,
  found: (document: Stored) => Found,
): SharedReads<string, Found | undefined> {
  return new SharedReads(async (ids) => {
    const documents = await find([...ids]);
    const byId = new Map(documents.map((document) => [document._id, found(document)]));
    return (id) => byId.get(id);
  });
}
