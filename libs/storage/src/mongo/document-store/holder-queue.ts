/**
 * Lets the changes of one consumer's holder go one after the other: each writes the consumer's record, so that
 * transactions at the same time would only throw each other out.
 */
export class HolderQueue {
  readonly #last = new Map<string, Promise<void>>();

  /** Runs the work when all that was handed in before for the consumer has ended, however it ended. */
  async take<Result>(consumer: string | undefined, work: () => Promise<Result>): Promise<Result> {
    if (consumer === undefined) return await work();
    const mine = (this.#last.get(consumer) ?? Promise.resolve()).then(work);
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(consumer, ended);
    try {
      return await mine;
    } finally {
      if (this.#last.get(consumer) === ended) this.#last.delete(consumer);
    }
  }
}
