/** Work that waits for its turn: per key one at a time, in the order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();
  readonly #count = new Map<string, number>();

  /** Whether anybody has or awaits the turn of the key. */
  isTaken(key: string): boolean {
    return this.#last.has(key);
  }

  /** Whether anybody waits for the turn of the key, which another one has. */
  isAwaited(key: string): boolean {
    return (this.#count.get(key) ?? 0) > 1;
  }

  /** Runs the work when all that asked for the key before has ended, however it ended. */
  async take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const mine = before.then(work);
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, ended);
    this.#count.set(key, (this.#count.get(key) ?? 0) + 1);
    try {
      return await mine;
    } finally {
      this.#count.set(key, (this.#count.get(key) ?? 0) - 1);
      if (this.#last.get(key) === ended) {
        this.#last.delete(key);
        this.#count.delete(key);
      }
    }
  }
}
